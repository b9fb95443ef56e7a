//! The secrets that callers show (RFC 6750): made, read and compared. None is kept.

use std::fmt;

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, SHA256_OUTPUT_LEN, digest},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::{clock::Entropy, domain::SecretHash};

/// What a bearer token of ours begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "rf_";
const RANDOM_BYTES: usize = 32;

/// The secret of a bearer token: `rf_` and 256 random bits. It has no `Display` and no `Serialize`, its
/// `Debug` says nothing, and its memory is wiped when it is dropped.
#[derive(Clone)]
pub struct BearerSecret(SecretString);

impl BearerSecret {
    /// Makes one that nobody can guess.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut random = Zeroizing::new([0; RANDOM_BYTES]);
        entropy.fill(&mut *random);
        // With room for all of it, so that no shorter copy is left behind.
        let mut text = String::with_capacity(PREFIX.len() + RANDOM_BYTES.div_ceil(3) * 4);
        text.push_str(PREFIX);
        BASE64_URL_SAFE_NO_PAD.encode_string(random.as_slice(), &mut text);
        Self(text.into())
    }

    /// Reads what a caller shows, if it can be one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let random = text.strip_prefix(PREFIX)?;
        let mut decoded = Zeroizing::new([0; RANDOM_BYTES]);
        let n_bytes = BASE64_URL_SAFE_NO_PAD.decode_slice(random, &mut *decoded).ok()?;
        (n_bytes == RANDOM_BYTES).then(|| Self(text.into()))
    }

    /// The secret itself: for the one who is handed it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        let mut hash = [0; SHA256_OUTPUT_LEN];
        hash.copy_from_slice(digest(&SHA256, self.expose().as_bytes()).as_ref());
        SecretHash::new(hash)
    }
}

impl fmt::Debug for BearerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerSecret(redacted)")
    }
}

/// Compares two hashes in a time that does not depend on what they are.
#[must_use]
pub fn is_same(one: &SecretHash, other: &SecretHash) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            (0..).zip(bytes).for_each(|(number, byte)| *byte = number);
        }
    }

    #[test]
    fn a_secret_keeps_every_random_bit_and_is_read_back() {
        let secret = BearerSecret::generate(&Counting);
        assert_eq!(secret.expose(), "rf_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
        let read = BearerSecret::parse(secret.expose()).unwrap();
        assert!(is_same(&read.hash(), &secret.hash()));
        let other = BearerSecret::generate(&SystemEntropy::default());
        assert!(!is_same(&other.hash(), &secret.hash()));
    }

    #[test]
    fn what_cannot_be_ours_is_not_looked_up() {
        for text in [
            "",
            "rf_",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            "rf_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh",
            "rf_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A",
            "rf_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+",
            "rf_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9",
        ] {
            assert!(BearerSecret::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_secret_cannot_be_printed() {
        let secret = BearerSecret::generate(&Counting);
        assert_eq!(format!("{secret:?}"), "BearerSecret(redacted)");
    }
}
