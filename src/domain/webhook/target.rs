//! Where messages are sent.

use std::{fmt, net::IpAddr, str::FromStr};

use url::{Host, Url};

use super::AddressRules;

/// The URL of a receiver. What it may be in this installation say the [`TargetRules`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookUrl(Url);

/// What a receiver may be.
#[derive(Clone, Debug, Default)]
pub struct TargetRules {
    /// Whether messages may be sent in clear text.
    pub allow_http: bool,
    /// At which addresses.
    pub addresses: AddressRules,
}

impl WebhookUrl {
    const LENGTH_MAX: usize = 2000;

    /// The URL.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for WebhookUrl {
    type Err = TargetError;

    /// Reads a URL as browsers do, so that `http://0x7f.1/` is known for what it is.
    fn from_str(text: &str) -> Result<Self, TargetError> {
        let url = Url::parse(text)?;
        // As it is kept: what is not ASCII is longer there.
        if url.as_str().len() > Self::LENGTH_MAX {
            return Err(TargetError::TooLong);
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(TargetError::Scheme);
        }
        // They would stand in logs, and a receiver knows the sender by the signature.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::Login);
        }
        if url.fragment().is_some() {
            return Err(TargetError::Fragment);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TargetRules {
    /// Checks what a URL shows. What its name stands for is checked with each connection.
    pub fn check(&self, url: &WebhookUrl) -> Result<(), TargetError> {
        if url.0.scheme() != "https" && !self.allow_http {
            return Err(TargetError::NotHttps);
        }
        let address = match url.0.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        if self.addresses.permit(address) {
            return Ok(());
        }
        Err(TargetError::Address { address })
    }
}

/// Why nothing can be sent there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It is no URL.
    #[error("is no URL: {0}")]
    NotAUrl(#[from] url::ParseError),
    /// It is longer than anybody needs.
    #[error("is longer than {} characters", WebhookUrl::LENGTH_MAX)]
    TooLong,
    /// It is something else than HTTP.
    #[error("must begin with https://")]
    Scheme,
    /// It is in clear text, which is not allowed here.
    #[error("must begin with https://, unless webhooks.allow_http is set")]
    NotHttps,
    /// It holds a name or a password.
    #[error("must hold no user name and no password: messages are signed")]
    Login,
    /// It holds what no server ever sees.
    #[error("must hold no #fragment")]
    Fragment,
    /// It leads to an address that is not public.
    #[error("leads to {address}, which is not public and not in webhooks.allow_private")]
    Address {
        /// The address.
        address: IpAddr,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_receiver_is_refused() {
        for (text, error) in [
            ("ftp://example.com", TargetError::Scheme),
            ("https://a:b@example.com/", TargetError::Login),
            ("https://example.com/#x", TargetError::Fragment),
            ("example.com", TargetError::NotAUrl(url::ParseError::RelativeUrlWithoutBase)),
        ] {
            assert_eq!(text.parse::<WebhookUrl>(), Err(error), "{text}");
        }
    }

    #[test]
    fn what_is_taken_can_be_read_again() {
        let short = format!("https://example.com/{}", "é".repeat(300));
        let url: WebhookUrl = short.parse().unwrap();
        assert_eq!(url.to_string().parse::<WebhookUrl>(), Ok(url));
        let long = format!("https://example.com/{}", "é".repeat(900));
        assert_eq!(long.parse::<WebhookUrl>(), Err(TargetError::TooLong));
    }

    #[test]
    fn an_address_is_recognised_however_it_is_written() {
        let rules = TargetRules { allow_http: true, ..TargetRules::default() };
        for text in [
            "http://127.0.0.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data/",
        ] {
            let refused = rules.check(&text.parse().unwrap());
            assert!(matches!(refused, Err(TargetError::Address { .. })), "{text}: {refused:?}");
        }
        assert_eq!(rules.check(&"https://example.com/hook?a=1".parse().unwrap()), Ok(()));
        let plain = "http://example.com/".parse().unwrap();
        assert_eq!(TargetRules::default().check(&plain), Err(TargetError::NotHttps));
    }
}
