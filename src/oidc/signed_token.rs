//! The form of a token: JSON Web Signature in its compact serialization (RFC 7515, section 7.1).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{key_set::WantedKey, public_key::PublicKey, refused::Refused};
use crate::domain::SigningAlgorithm;

/// What tokens that give access call themselves, if they do (RFC 9068, section 2.1). Others, such as
/// `logout+jwt`, are for somebody else (RFC 8725, section 3.11).
const KINDS: [&str; 4] = ["JWT", "application/jwt", "at+jwt", "application/at+jwt"];

/// A token, taken apart. Nothing in it counts yet.
#[derive(Debug)]
pub(super) struct SignedToken<'t> {
    key: WantedKey,
    /// The first two parts with the dot between them, as they were signed.
    signed: &'t str,
    claims: &'t str,
    signature: Vec<u8>,
}

/// What is read of a header. Keys that a token brings along (`jwk`, `jku`, `x5c`, `x5u`) are not looked at:
/// anybody can bring one.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// What kind of token it is (RFC 7519, section 5.1).
    typ: Option<String>,
    /// Extensions without which the token is not to be understood (RFC 7515, section 4.1.11). None is known
    /// here.
    crit: Option<Value>,
}

impl<'t> SignedToken<'t> {
    /// Takes a token apart.
    pub(super) fn read(text: &'t str) -> Result<Self, Refused> {
        let (signed, signature) = text.rsplit_once('.').ok_or(Refused::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Refused::Malformed)?;
        let header = serde_json::from_slice::<Header>(&decoded(header)?);
        let Header { alg, kid: name, typ, crit } = header.map_err(|_| Refused::Malformed)?;
        if crit.is_some() {
            return Err(Refused::Malformed);
        }
        if !typ.is_none_or(|kind| KINDS.iter().any(|ours| kind.eq_ignore_ascii_case(ours))) {
            return Err(Refused::Kind);
        }
        let algorithm = alg.parse::<SigningAlgorithm>().map_err(|_| Refused::Algorithm)?;
        let key = WantedKey { name, algorithm };
        Ok(Self { key, signed, claims, signature: decoded(signature)? })
    }

    /// What it says about its key: good for choosing among the keys that the issuer shows, and for nothing
    /// else.
    pub(super) fn key(&self) -> &WantedKey {
        &self.key
    }

    /// What it says, if it is signed with this key.
    pub(super) fn claims(&self, key: &PublicKey) -> Result<Value, Refused> {
        if !key.has_signed(self.key.algorithm, (self.signed.as_bytes(), &self.signature)) {
            return Err(Refused::Signature);
        }
        let claims = serde_json::from_slice::<Map<String, Value>>(&decoded(self.claims)?);
        claims.map(Value::Object).map_err(|_| Refused::Malformed)
    }
}

/// Without padding, line breaks, or bits that mean nothing: each byte string has one form only.
fn decoded(part: &str) -> Result<Vec<u8>, Refused> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| Refused::Malformed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_header(header: &str) -> Result<WantedKey, Refused> {
        let token = format!("{}.e30.AA", BASE64_URL_SAFE_NO_PAD.encode(header));
        SignedToken::read(&token).map(|token| token.key().clone())
    }

    #[test]
    fn a_header_names_a_key_and_a_way_to_sign() {
        let key = with_header(r#"{"alg":"ES256","kid":"a","typ":"JWT","jku":"https://evil"}"#);
        let name = Some("a".to_owned());
        assert_eq!(key, Ok(WantedKey { name, algorithm: SigningAlgorithm::ES256 }));
        for (header, refused) in [
            (r#"{"alg":"none"}"#, Refused::Algorithm),
            (r#"{"alg":"HS256"}"#, Refused::Algorithm),
            (r#"{"alg":"es256"}"#, Refused::Algorithm),
            (r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, Refused::Malformed),
            (r#"{"alg":"ES256","kid":7}"#, Refused::Malformed),
            (r#"{"alg":"ES256","typ":"logout+jwt"}"#, Refused::Kind),
            (r#"{"alg":["ES256"]}"#, Refused::Malformed),
            (r#"{"alg":"ES256","alg":"ES256"}"#, Refused::Malformed),
            ("{}", Refused::Malformed),
            ("[]", Refused::Malformed),
        ] {
            assert_eq!(with_header(header), Err(refused), "{header}");
        }
    }

    #[test]
    fn what_has_not_three_parts_is_no_token() {
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#);
        for text in [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            format!("{header}.e30"),
            format!("{header}.e30.AA="),
            format!("{header}.e30.A"),
            format!("{header}=.e30.AA"),
            format!("{header}.e30.A\n"),
        ] {
            assert_eq!(SignedToken::read(&text).unwrap_err(), Refused::Malformed, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_taken_apart_or_refused(text in "\\PC{0,60}") {
            let _read_or_refused = SignedToken::read(&text);
        }

        #[test]
        fn whatever_is_in_three_parts_is_taken_apart_or_refused(
            header in proptest::collection::vec(any::<u8>(), 0..60),
            claims in "[A-Za-z0-9_.=-]{0,40}",
        ) {
            let text = format!("{}.{claims}.AA", BASE64_URL_SAFE_NO_PAD.encode(header));
            let _read_or_refused = SignedToken::read(&text);
        }
    }
}
