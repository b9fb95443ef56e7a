//! Bearer tokens: what is known of them. What they are made of is nowhere but with their holders.

use std::fmt;

use jiff::Timestamp;

use super::{Actor, Bounds, Scopes, TokenId, TokenName};

/// A bearer token, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What it is called.
    pub name: TokenName,
    /// What its holder may do.
    pub scopes: Scopes,
    /// With which tenants.
    pub bounds: Bounds,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself; never, if there is no time.
    pub expires_at: Option<Timestamp>,
    /// When somebody ended it.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, a minute more or less.
    pub last_used_at: Option<Timestamp>,
}

impl Token {
    /// Its holder, as the record of events tells it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Token { id: self.id, name: self.name.clone() }
    }

    /// What it is worth.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> TokenStanding {
        let is_over = |end: Option<Timestamp>| end.is_some_and(|end| end <= now);
        if self.revoked_at.is_some() {
            TokenStanding::Revoked
        } else if is_over(self.expires_at) {
            TokenStanding::Expired
        } else {
            TokenStanding::Valid
        }
    }
}

/// What a token is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenStanding {
    /// It works.
    Valid,
    /// Its time is over.
    Expired,
    /// Somebody has ended it.
    Revoked,
}

impl TokenStanding {
    /// The standing's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// The SHA-256 of a secret with 256 random bits. Nobody gets from it to the secret, so it needs no salt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash([u8; Self::LENGTH]);

impl SecretHash {
    /// How long it is, in bytes.
    pub const LENGTH: usize = 32;
    const PREFIX_LENGTH: usize = 8;

    /// Takes a hash.
    #[must_use]
    pub const fn new(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The whole.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// What it is looked up by: an index takes longer for what is alike, and may tell so much.
    #[must_use]
    pub fn prefix(&self) -> &[u8] {
        &self.0[..Self::PREFIX_LENGTH]
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// A secret of a token, by its hash. A token that is being rotated has two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSecret {
    /// The hash.
    pub hash: SecretHash,
    /// Until when it works beside its successor; without a successor there is no time.
    pub valid_until: Option<Timestamp>,
    /// The token.
    pub token: Token,
}

impl KnownSecret {
    /// What a request with this secret is worth.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> TokenStanding {
        match self.token.standing(now) {
            TokenStanding::Valid if self.valid_until.is_some_and(|end| end <= now) => {
                TokenStanding::Expired
            }
            standing => standing,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn secret() -> KnownSecret {
        let token = Token {
            id: TokenId(Uuid::nil()),
            name: TokenName::parse("signup").unwrap(),
            scopes: Scopes::default(),
            bounds: Bounds::Everything,
            created_at: at(0),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        };
        KnownSecret { hash: SecretHash::new([7; 32]), valid_until: None, token }
    }

    #[test]
    fn a_secret_works_until_it_or_its_token_has_ended() {
        assert_eq!(secret().standing(at(1_000)), TokenStanding::Valid);
        let mut replaced = secret();
        replaced.valid_until = Some(at(10));
        assert_eq!(replaced.standing(at(9)), TokenStanding::Valid);
        assert_eq!(replaced.standing(at(10)), TokenStanding::Expired);
        let mut expired = secret();
        expired.token.expires_at = Some(at(10));
        assert_eq!(expired.standing(at(10)), TokenStanding::Expired);
        expired.token.revoked_at = Some(at(3));
        assert_eq!(expired.standing(at(4)), TokenStanding::Revoked);
    }

    #[test]
    fn a_hash_is_not_printed() {
        assert_eq!(format!("{:?}", secret().hash), "SecretHash(…)");
    }
}
