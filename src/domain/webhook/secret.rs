//! What messages are signed with.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// What the key of a webhook begins with, by
/// [Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
const PREFIX: &str = "whsec_";

/// The key that the messages of a webhook are signed with. It has no `Display` and no `Serialize`, its
/// `Debug` says nothing, and its memory is wiped when it is dropped.
#[derive(Clone)]
pub struct WebhookSecret(SecretString);

impl WebhookSecret {
    /// How many random bytes it has.
    pub const ENTROPY_BYTES: usize = 32;

    /// Makes one of random bytes.
    #[must_use]
    pub fn generate(random: &[u8; Self::ENTROPY_BYTES]) -> Self {
        // With room for all of it, so that no shorter copy is left behind.
        let mut text = String::with_capacity(PREFIX.len() + random.len().div_ceil(3) * 4);
        text.push_str(PREFIX);
        BASE64_STANDARD.encode_string(random, &mut text);
        Self(text.into())
    }

    /// Reads one that was kept.
    #[must_use]
    pub fn parse(text: String) -> Option<Self> {
        let secret = Self(text.into());
        secret.decode().map(|_| secret)
    }

    /// The secret itself: for the store, and for the one answer that hands it to the receiver.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The bytes that it stands for.
    #[must_use]
    pub fn key(&self) -> Zeroizing<Vec<u8>> {
        self.decode().unwrap_or_default()
    }

    fn decode(&self) -> Option<Zeroizing<Vec<u8>>> {
        let encoded = self.expose().strip_prefix(PREFIX)?;
        BASE64_STANDARD.decode(encoded).ok().map(Zeroizing::new)
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_back_and_never_printed() {
        let secret = WebhookSecret::generate(&[7; 32]);
        let read = WebhookSecret::parse(secret.expose().to_owned()).unwrap();
        assert_eq!(*read.key(), [7; 32]);
        assert_eq!(format!("{read:?}"), "WebhookSecret(redacted)");
        for bad in ["", "BwcH", "whsec_?"] {
            assert!(WebhookSecret::parse(bad.to_owned()).is_none(), "{bad}");
        }
    }
}
