//! Tokens that let a user in who authenticates by IAM.

use std::{fmt::Write as _, time::Duration};

use aws_sdk_elasticache::{
    config::{Credentials, ProvideCredentials as _, Region, SharedCredentialsProvider},
    error::BoxError,
};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4::SigningParams,
};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Cloud, CloudError, CloudErrorKind, role};
use crate::domain::{CacheTarget, Password, UserId};

/// How long a token is good for, which is the longest that AWS takes.
const LIFETIME: Duration = Duration::from_mins(15);

/// Everything but RFC 3986's unreserved characters, as Signature Version 4 wants it.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What tokens are signed with.
#[derive(Clone)]
pub(super) struct TokenSigner {
    pub(super) credentials: Option<SharedCredentialsProvider>,
    pub(super) region: Region,
}

impl Cloud {
    /// What goes second in the `AUTH` of a user that authenticates by IAM: a `connect` request to
    /// the cache, signed with Ringfence's own credentials and never sent as such. It lets in who may
    /// `elasticache:Connect` to the cache as the user
    /// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html>).
    pub async fn connect_token(
        &self,
        target: &CacheTarget,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Password, CloudError> {
        let provider = self.signer.credentials.as_ref().ok_or_else(|| denied("there are none"))?;
        let credentials = provider.provide_credentials().await;
        let credentials =
            credentials.map_err(|error| role::refusal(&error).unwrap_or_else(|| denied(error)))?;
        let request = ConnectRequest { target, user, region: self.region() };
        request.sign(credentials, now).map_err(denied)
    }

    /// The Region that the clients speak to.
    #[must_use]
    pub fn region(&self) -> &str {
        self.signer.region.as_ref()
    }
}

/// There is nothing to sign with. The SDK's reasons hold no secrets.
fn denied(error: impl Into<BoxError>) -> CloudError {
    CloudError {
        operation: "connect",
        kind: CloudErrorKind::Denied,
        code: None,
        detail: format!("no token can be signed with Ringfence's credentials: {}", error.into()),
    }
}

struct ConnectRequest<'a> {
    target: &'a CacheTarget,
    user: &'a UserId,
    region: &'a str,
}

impl ConnectRequest<'_> {
    fn sign(&self, credentials: Credentials, now: Timestamp) -> Result<Password, BoxError> {
        let (cache, kind) = match self.target {
            CacheTarget::ReplicationGroup(id) => (id, ""),
            CacheTarget::ServerlessCache(name) => (name, "&ResourceType=ServerlessCache"),
        };
        // Of letters, digits and hyphens, so that there is nothing to escape.
        let url = format!("{cache}/?Action=connect&User={}{kind}", self.user);
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(LIFETIME);
        let identity = credentials.into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name("elasticache")
            .time(now.into())
            .settings(settings)
            .build()?
            .into();
        let (headers, body) = (std::iter::empty(), SignableBody::Bytes(&[]));
        let request = SignableRequest::new("GET", format!("http://{url}"), headers, body)?;
        let (_headers, query) = sign(request, &params)?.into_parts().0.into_parts();
        let token = query.iter().fold(url, |mut token, (name, value)| {
            // Writing to a text does not fail.
            let _ = write!(token, "&{name}={}", utf8_percent_encode(value, ESCAPED));
            token
        });
        Ok(Password::new(token))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{digest, hmac};

    use super::*;

    // The key of AWS's own examples.
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn token(target: &CacheTarget, session: Option<&str>) -> String {
        let session = session.map(ToOwned::to_owned);
        let credentials = Credentials::new("AKIDEXAMPLE", SECRET, session, None, "test");
        let user = UserId::new("rf-acme---iam");
        let request = ConnectRequest { target, user: &user, region: "eu-central-1" };
        // 2026-11-21T20:15:00Z
        let now = Timestamp::constant(1_795_292_100, 0);
        request.sign(credentials, now).unwrap().expose().to_owned()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    /// Signature Version 4 as it is described, step by step
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>).
    fn signature(host: &str, query: &str) -> String {
        let nothing = hex(digest::digest(&digest::SHA256, b"").as_ref());
        let canonical = format!("GET\n/\n{query}\nhost:{host}\n\nhost\n{nothing}");
        let scope = "20261121/eu-central-1/elasticache/aws4_request";
        let hash = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let to_sign = format!("AWS4-HMAC-SHA256\n20261121T201500Z\n{scope}\n{hash}");
        let mac = |key: &[u8], text: &str| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, key);
            hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
        };
        let key = scope.split('/').fold(format!("AWS4{SECRET}").into_bytes(), |k, t| mac(&k, t));
        hex(&mac(&key, &to_sign))
    }

    #[test]
    fn a_token_is_a_signed_request_to_connect_to_the_cache_as_the_user() {
        let token = token(&CacheTarget::ReplicationGroup("main".to_owned()), None);
        let query = "Action=connect&User=rf-acme---iam&X-Amz-Algorithm=AWS4-HMAC-SHA256\
            &X-Amz-Credential=AKIDEXAMPLE%2F20261121%2Feu-central-1%2Felasticache%2Faws4_request\
            &X-Amz-Date=20261121T201500Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host";
        let (request, signed) = token.split_once("&X-Amz-Signature=").unwrap();
        let (host, sent) = request.split_once("/?").unwrap();
        let mut members: Vec<&str> = sent.split('&').collect();
        members.sort_unstable();
        assert_eq!((host, members.join("&")), ("main", query.to_owned()));
        assert_eq!(signed, signature(host, query));
    }

    #[test]
    fn a_serverless_cache_and_a_session_are_named_in_the_token() {
        let token = token(&CacheTarget::ServerlessCache("small".to_owned()), Some("a/b+c="));
        assert!(token.starts_with("small/?Action=connect&User=rf-acme---iam&ResourceType=Serverl"));
        assert!(token.contains("&X-Amz-Security-Token=a%2Fb%2Bc%3D"), "{token}");
    }
}
