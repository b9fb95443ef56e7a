//! What a tenant needs to log in, and how Secrets Manager keeps it.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::{KeyPattern, Password, UserName};

/// Where a cache takes connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether the connection is TLS.
    pub tls: bool,
}

impl Endpoint {
    /// `host:port`, with brackets around an IPv6 address.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// A tenant's login. `Debug` does not show the password.
#[derive(Clone, Debug)]
pub struct TenantCredentials {
    /// What goes first in `AUTH`.
    pub username: UserName,
    /// What goes second.
    pub password: Password,
    /// Where to connect.
    pub endpoint: Endpoint,
    /// What every key of the tenant starts with.
    pub key_prefix: String,
}

impl TenantCredentials {
    /// Puts together what a tenant needs.
    #[must_use]
    pub fn new(
        username: UserName,
        password: Password,
        endpoint: Endpoint,
        pattern: &KeyPattern,
    ) -> Self {
        Self { username, password, endpoint, key_prefix: pattern.prefix().to_owned() }
    }

    /// `rediss://user:password@host:port`, or `redis://` without TLS, with both names escaped as
    /// RFC 3986 asks.
    #[must_use]
    pub fn url(&self) -> Zeroizing<String> {
        let scheme = if self.endpoint.tls { "rediss" } else { "redis" };
        let user = utf8_percent_encode(self.username.as_str(), UNRESERVED_ESCAPED);
        let password = utf8_percent_encode(self.password.expose(), UNRESERVED_ESCAPED);
        Zeroizing::new(format!("{scheme}://{user}:{password}@{}", self.endpoint.authority()))
    }

    /// The `SecretString`: a JSON object that a client can read by itself, and that AWS's own
    /// rotation function for `ElastiCache` users understands (`username`, `password`, `user_arn`:
    /// <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/User-Secrets-Manager.html>).
    #[must_use]
    pub fn to_secret_string(&self, user_arn: &str) -> Zeroizing<String> {
        let value = json!({
            "username": self.username.as_str(),
            "password": self.password.expose(),
            "host": self.endpoint.host,
            "port": self.endpoint.port,
            "tls": self.endpoint.tls,
            "key_prefix": self.key_prefix,
            "url": self.url().as_str(),
            "user_arn": user_arn,
        });
        Zeroizing::new(value.to_string())
    }

    /// Reads the password back from a `SecretString`.
    ///
    /// Only the password is taken from it: a rotation by another tool leaves the other members as
    /// they were, `url` with the old password among them.
    pub fn password_in(secret_string: &str) -> Result<Password, CredentialsError> {
        #[derive(Deserialize)]
        struct Stored {
            password: String,
        }
        let stored: Stored =
            serde_json::from_str(secret_string).map_err(|_| CredentialsError::NotOurShape)?;
        Ok(Password::new(stored.password))
    }
}

/// Everything but RFC 3986's unreserved characters.
const UNRESERVED_ESCAPED: &percent_encoding::AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a secret holds no login. Says nothing of what it does hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// It is no JSON object with a text `password`.
    #[error("the secret is no JSON object with a text member \"password\"")]
    NotOurShape,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{KeyPatternTemplate, TenantName};

    fn credentials(host: &str, password: &str) -> TenantCredentials {
        let name = TenantName::parse("acme").unwrap();
        TenantCredentials::new(
            UserName::new("acme".to_owned()),
            Password::new(password.to_owned()),
            Endpoint { host: host.to_owned(), port: 6379, tls: true },
            &KeyPatternTemplate::Colon.pattern(&name),
        )
    }

    #[test]
    fn the_url_escapes_what_would_end_the_password() {
        let url = credentials("cache.example", "a:b#c%d").url();
        assert_eq!(url.as_str(), "rediss://acme:a%3Ab%23c%25d@cache.example:6379");
        assert!(credentials("::1", "x").url().ends_with("@[::1]:6379"));
    }

    #[test]
    fn the_password_survives_the_secret() {
        let stored = credentials("h", "p\"q").to_secret_string("arn:aws:elasticache:r:1:user:u");
        assert_eq!(TenantCredentials::password_in(&stored).unwrap().expose(), "p\"q");
        let value: serde_json::Value = serde_json::from_str(&stored).unwrap();
        let members: Vec<&String> = value.as_object().unwrap().keys().collect();
        assert_eq!(
            members,
            ["host", "key_prefix", "password", "port", "tls", "url", "user_arn", "username"]
        );
    }

    #[test]
    fn a_secret_of_another_shape_is_refused_without_being_shown() {
        for text in ["hunter2", "{}", "{\"password\": 1}", "[]"] {
            let error = TenantCredentials::password_in(text).unwrap_err();
            assert!(!error.to_string().contains("hunter2"));
        }
    }
}
