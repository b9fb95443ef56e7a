//! Why a token is not taken.

use crate::domain::Unusable;

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.why())]
pub enum Refused {
    /// It has not the form of a token, or parts that nobody here understands.
    Malformed,
    /// It is of a kind that gives no access.
    Kind,
    /// It is signed in a way that the configuration does not allow.
    Algorithm,
    /// It is signed with a key that the issuer does not show.
    UnknownKey,
    /// The signature is not that of the key.
    Signature,
    /// It does not say that it is from the issuer.
    Issuer,
    /// It is meant for somebody else.
    Audience,
    /// It does not say when it ends.
    Endless,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It does not say what must be known of its caller.
    Unusable(Unusable),
    /// Nobody knows: the issuer does not tell its keys.
    IssuerSilent,
}

impl Refused {
    /// The same in fixed text, without quotes.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Malformed => "the token cannot be read",
            Self::Kind => "the token is of a kind that gives no access",
            Self::Algorithm => "the token is signed in a way that is not accepted",
            Self::UnknownKey => "the token is signed with a key that its issuer does not show",
            Self::Signature => "the signature of the token is wrong",
            Self::Issuer => "the token is from another issuer",
            Self::Audience => "the token is for another audience",
            Self::Endless => "the token does not say when it ends",
            Self::Expired => "the token has expired",
            Self::NotYetValid => "the token is not valid yet",
            Self::Unusable(Unusable::Subject) => "the token does not say whom it is for",
            Self::Unusable(Unusable::Tenant) => "the token does not say for which tenant it is",
            Self::Unusable(Unusable::Labels) => "the token does not say for which labels it is",
            Self::IssuerSilent => "the issuer of the token does not tell its keys",
        }
    }
}

impl From<Unusable> for Refused {
    fn from(unusable: Unusable) -> Self {
        Self::Unusable(unusable)
    }
}
