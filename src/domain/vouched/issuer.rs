//! Who issues tokens, and where it is asked for its keys.

use std::{fmt, str::FromStr};

use url::{Host, Url};

/// An issuer, in the very letters of the claim `iss`: nothing is made alike before the two are compared
/// (`OpenID` Connect Core 1.0, section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

/// A URL whose answer can be believed: by TLS, or from this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecureUrl(Url);

impl Issuer {
    const LENGTH_MAX: usize = 500;

    /// As tokens have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the issuer describes itself (`OpenID` Connect Discovery 1.0, section 4).
    #[must_use]
    pub fn description(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.0.trim_end_matches('/'))
    }
}

impl SecureUrl {
    /// The URL.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for Issuer {
    type Err = IssuerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let SecureUrl(url) = text.parse()?;
        if url.query().is_some() {
            return Err(IssuerError::Query);
        }
        if text.len() > Self::LENGTH_MAX {
            return Err(IssuerError::TooLong);
        }
        // The parser of URLs takes spaces around one, and line breaks in it.
        if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(IssuerError::Space);
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for SecureUrl {
    type Err = IssuerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text)?;
        match url.scheme() {
            "https" => {}
            "http" if is_here(&url) => {}
            _ => return Err(IssuerError::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(IssuerError::Login);
        }
        if url.fragment().is_some() {
            return Err(IssuerError::Fragment);
        }
        Ok(Self(url))
    }
}

/// Whether the URL leads to this machine by its loopback names.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no issuer, or no URL that an issuer can be asked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// It is no URL.
    #[error("is no URL ({0}), such as https://login.example.com")]
    NotAUrl(#[from] url::ParseError),
    /// Somebody on the way could answer in its place.
    #[error("must begin with https://, or be on this machine")]
    NotHttps,
    /// It holds a name or a password.
    #[error("must hold no user name and no password")]
    Login,
    /// It holds what no server ever sees.
    #[error("must hold no #fragment")]
    Fragment,
    /// An issuer has none.
    #[error("must hold no ?query")]
    Query,
    /// It is longer than anybody needs.
    #[error("is longer than {} characters", Issuer::LENGTH_MAX)]
    TooLong,
    /// It holds what no `iss` has.
    #[error("must hold no space")]
    Space,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_keeps_its_letters_and_describes_itself_below_them() {
        for (text, description) in [
            (
                "https://login.example.com",
                "https://login.example.com/.well-known/openid-configuration",
            ),
            (
                "https://login.example.com/realms/x/",
                "https://login.example.com/realms/x/.well-known/openid-configuration",
            ),
            ("http://127.0.0.1:1", "http://127.0.0.1:1/.well-known/openid-configuration"),
        ] {
            let issuer: Issuer = text.parse().unwrap();
            assert_eq!((issuer.as_str(), issuer.description().as_str()), (text, description));
        }
    }

    #[test]
    fn nobody_on_the_way_can_answer_for_an_issuer() {
        for (text, error) in [
            ("http://login.example.com", IssuerError::NotHttps),
            ("http://localhost.example.com", IssuerError::NotHttps),
            ("http://10.0.0.1", IssuerError::NotHttps),
            ("file:///etc/passwd", IssuerError::NotHttps),
            ("https://a:b@example.com", IssuerError::Login),
            ("https://example.com/#x", IssuerError::Fragment),
            ("https://example.com/?x", IssuerError::Query),
            (" https://example.com", IssuerError::Space),
        ] {
            assert_eq!(text.parse::<Issuer>(), Err(error), "{text}");
        }
        for text in ["http://localhost:8080", "http://[::1]:1", "https://10.0.0.1"] {
            assert!(text.parse::<SecureUrl>().is_ok(), "{text}");
        }
    }
}
