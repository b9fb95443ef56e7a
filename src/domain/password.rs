//! Passwords: made here, kept in Secrets Manager, printed nowhere.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A cache user's password, or a token that stands for it. It has no `Display` and no `Serialize`, its
/// `Debug` says nothing, and its memory is wiped when it is dropped.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    /// How many random bytes [`Password::generate`] takes.
    pub const ENTROPY_BYTES: usize = 32;

    /// Makes a password of 64 characters from 256 random bits.
    ///
    /// Hexadecimal digits, because `ElastiCache` refuses `,`, `"`, `/` and `@`
    /// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html>) and URLs,
    /// shells and YAML files refuse others: these need no escaping anywhere.
    #[must_use]
    pub fn generate(random: &[u8; Self::ENTROPY_BYTES]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(2 * random.len());
        for byte in random {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        Self(text.into())
    }

    /// Takes a password that Secrets Manager gives, or a token.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text.into())
    }

    /// The password itself: for Secrets Manager, `ElastiCache`, a login, and the one answer that
    /// hands it to the tenant.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_keeps_every_random_bit_and_fits_the_rules_of_aws() {
        let mut random = [0; Password::ENTROPY_BYTES];
        random[0] = 0xa7;
        random[31] = 0x0f;
        let password = Password::generate(&random);
        assert!(password.expose().starts_with("a700"));
        assert!(password.expose().ends_with("000f"));
        assert_eq!(password.expose().len(), 64);
    }

    #[test]
    fn a_password_cannot_be_printed() {
        let password = Password::new("correct-horse-battery".to_owned());
        assert_eq!(format!("{password:?}"), "Password(redacted)");
    }
}
