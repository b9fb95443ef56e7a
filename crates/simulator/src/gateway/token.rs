//! Tokens: requests that are signed and never sent.
//!
//! `CACHE/?Action=connect&User=USER&X-Amz-Algorithm=…&X-Amz-Credential=…&X-Amz-Date=…&
//! X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=…`
//!
//! The signature is made anew from what the token says, with the signer of the AWS SDK, and must be
//! the same.

use std::collections::BTreeMap;
use std::iter;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::access_key::AccessKey;

/// The longest time for which a token is good.
const LIFE_MAX: u64 = 15 * 60;

/// How far the clock of whoever made a token may be ahead.
const SKEW_MAX: SignedDuration = SignedDuration::from_mins(5);

const SERVICE: &str = "elasticache";

/// What a token is to be good for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Purpose<'a> {
    pub(super) cache: &'a str,
    pub(super) region: &'a str,
    pub(super) user: &'a str,
    pub(super) now: Timestamp,
}

/// Why a token is not good. For whoever wonders why a login fails: clients are not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadToken {
    #[error("it is no token")]
    Malformed,
    #[error("it is for another cache")]
    OtherCache,
    #[error("it is for another user")]
    OtherUser,
    #[error("it is signed for another day, region or service, or with a key that is not known")]
    OtherScope,
    #[error("it is not good yet")]
    Early,
    #[error("its time is over")]
    Expired,
    #[error("its signature is not the one that the key gives")]
    OtherSignature,
}

/// Judges a token.
pub(super) fn check(token: &str, purpose: Purpose<'_>, key: &AccessKey) -> Result<(), BadToken> {
    let (cache, query) = token.split_once("/?").ok_or(BadToken::Malformed)?;
    if cache != purpose.cache {
        return Err(BadToken::OtherCache);
    }
    let token = Token::read(query).ok_or(BadToken::Malformed)?;
    if token.user != purpose.user {
        return Err(BadToken::OtherUser);
    }
    if token.scope() != Some([&key.id, purpose.region, SERVICE, "aws4_request"]) {
        return Err(BadToken::OtherScope);
    }
    let signature = token.signature_by(key, purpose).ok_or(BadToken::Malformed)?;
    verify_slices_are_equal(signature.as_bytes(), token.signature.as_bytes())
        .map_err(|_| BadToken::OtherSignature)?;

    let age = purpose.now.duration_since(token.made_at);
    if age < -SKEW_MAX {
        return Err(BadToken::Early);
    }
    let life = SignedDuration::try_from(token.life).map_err(|_| BadToken::Malformed)?;
    if age >= life { Err(BadToken::Expired) } else { Ok(()) }
}

/// A token, taken apart.
struct Token {
    user: String,
    /// `KEY/DATE/REGION/SERVICE/aws4_request`
    credential: String,
    made_at: Timestamp,
    life: Duration,
    /// Temporary credentials have one.
    session: Option<String>,
    signature: String,
    /// What else is signed.
    others: Vec<(String, String)>,
}

impl Token {
    fn read(query: &str) -> Option<Self> {
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            // Which of two is meant would be a matter of opinion.
            if fields.insert(name, value).is_some() {
                return None;
            }
        }
        let mut take = |name: &str| fields.remove(name);
        let is_signed_so = take("X-Amz-Algorithm")? == "AWS4-HMAC-SHA256"
            && take("X-Amz-SignedHeaders")? == "host";
        let made_at = read_time(&take("X-Amz-Date")?)?;
        let life = take("X-Amz-Expires")?.parse().ok()?;
        let credential = take("X-Amz-Credential")?;
        let session = take("X-Amz-Security-Token");
        let signature = take("X-Amz-Signature")?;
        let user = fields.get("User")?.clone();
        let is_login = fields.get("Action")? == "connect" && !fields.contains_key("ResourceType");
        (is_signed_so && is_login && (1..=LIFE_MAX).contains(&life)).then(|| Self {
            user,
            credential,
            made_at,
            life: Duration::from_secs(life),
            session,
            signature,
            others: fields.into_iter().collect(),
        })
    }

    /// Key, region, service and the word at the end. The date must be that of the token's time.
    fn scope(&self) -> Option<[&str; 4]> {
        let mut parts = self.credential.rsplit('/');
        let (end, service, region) = (parts.next()?, parts.next()?, parts.next()?);
        let (date, key) = (parts.next()?, parts.next()?);
        let is_of_its_day =
            date == TimeZone::UTC.to_datetime(self.made_at).strftime("%Y%m%d").to_string();
        (is_of_its_day && parts.next().is_none()).then_some([key, region, service, end])
    }

    fn signature_by(&self, key: &AccessKey, purpose: Purpose<'_>) -> Option<String> {
        let query =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.others).finish();
        let url = format!("http://{}/?{query}", purpose.cache);
        let session = self.session.clone();
        let identity = Credentials::new(&key.id, &key.secret, session, None, "simulator").into();
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(self.life);
        let params = SigningParams::builder()
            .identity(&identity)
            .region(purpose.region)
            .name(SERVICE)
            .time(SystemTime::from(self.made_at))
            .settings(settings)
            .build()
            .ok()?;
        let empty = SignableBody::Bytes(&[]);
        let request = SignableRequest::new("GET", url, iter::empty(), empty).ok()?;
        Some(sign(request, &params.into()).ok()?.signature().to_owned())
    }
}

/// Reads `20261121T214457Z`.
fn read_time(text: &str) -> Option<Timestamp> {
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by botocore, with the key [`key`].
    const GOOD: &str = "main/?Action=connect&User=acme&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLE%2F20261121%2Feu-west-1%2Felasticache%2Faws4_request&X-Amz-Date=20261121T214457Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=4e9e829ca8a92d38af11428848bc5fea0787f0f127f63c6f00c73c7911d8e0c9";

    /// The same with temporary credentials.
    const WITH_SESSION: &str = "main/?Action=connect&User=acme&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLE%2F20261121%2Feu-west-1%2Felasticache%2Faws4_request&X-Amz-Date=20261121T214457Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Security-Token=session%2Ftoken%2B%3D&X-Amz-Signature=74522bc03bc04e80b3c4fa3c62c53474466ca52411d4dad19f1956465e0a3f04";

    /// The same for a serverless cache.
    const SERVERLESS: &str = "main/?Action=connect&User=acme&ResourceType=ServerlessCache&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLE%2F20261121%2Feu-west-1%2Felasticache%2Faws4_request&X-Amz-Date=20261121T214457Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=cd2479e0e4400e5fd10f42509199dba4aaad51eed606f9d9ba820a0d23b35b3f";

    fn key() -> AccessKey {
        AccessKey { id: "AKIAEXAMPLE".to_owned(), secret: "secret".to_owned() }
    }

    fn purpose() -> Purpose<'static> {
        let now = "2026-11-21T21:44:57Z".parse().unwrap();
        Purpose { cache: "main", region: "eu-west-1", user: "acme", now }
    }

    fn after(seconds: i64) -> Result<(), BadToken> {
        let now = purpose().now + SignedDuration::from_secs(seconds);
        check(GOOD, Purpose { now, ..purpose() }, &key())
    }

    #[test]
    fn what_another_signer_has_made_is_good() {
        assert_eq!(check(GOOD, purpose(), &key()), Ok(()));
        assert_eq!(check(WITH_SESSION, purpose(), &key()), Ok(()));
    }

    #[test]
    fn a_token_is_good_for_a_quarter_of_an_hour() {
        assert_eq!(after(899), Ok(()));
        assert_eq!(after(900), Err(BadToken::Expired));
        assert_eq!(after(-300), Ok(()));
        assert_eq!(after(-301), Err(BadToken::Early));
    }

    #[test]
    fn a_token_is_good_for_one_purpose_only() {
        let other = |purpose| check(GOOD, purpose, &key()).unwrap_err();
        assert_eq!(other(Purpose { cache: "other", ..purpose() }), BadToken::OtherCache);
        assert_eq!(other(Purpose { user: "other", ..purpose() }), BadToken::OtherUser);
        assert_eq!(other(Purpose { region: "us-east-1", ..purpose() }), BadToken::OtherScope);
        let key =
            |id: &str, secret: &str| AccessKey { id: id.to_owned(), secret: secret.to_owned() };
        let by = |key| check(GOOD, purpose(), &key);
        assert_eq!(by(key("AKIAOTHER", "secret")), Err(BadToken::OtherScope));
        assert_eq!(by(key("AKIAEXAMPLE", "other")), Err(BadToken::OtherSignature));
        assert_eq!(check(SERVERLESS, purpose(), &self::key()), Err(BadToken::Malformed));
    }

    #[test]
    fn whatever_is_changed_shows() {
        let changes = [
            ("Expires=900", "Expires=899", BadToken::OtherSignature),
            ("Expires=900", "Expires=901", BadToken::Malformed),
            ("Expires=900", "Expires=0", BadToken::Malformed),
            ("T214457Z", "T214458Z", BadToken::OtherSignature),
            ("%2F20261121", "%2F20261122", BadToken::OtherScope),
            ("%2Felasticache", "%2Fsecretsmanager", BadToken::OtherScope),
            ("8e0c9", "8e0c8", BadToken::OtherSignature),
            ("&User=acme", "&User=acme&Extra=1", BadToken::OtherSignature),
            ("&User=acme", "&User=acme&User=other", BadToken::Malformed),
            ("=connect", "=other", BadToken::Malformed),
            ("=host", "=host%3Bdate", BadToken::Malformed),
            ("main/?", "main/", BadToken::Malformed),
        ];
        for (from, to, why) in changes {
            let forged = GOOD.replace(from, to);
            assert_eq!(check(&forged, purpose(), &key()), Err(why), "{from} to {to}");
        }
        for (end, _) in GOOD.char_indices() {
            assert!(check(&GOOD[..end], purpose(), &key()).is_err(), "cut at {end}");
        }
    }
}
