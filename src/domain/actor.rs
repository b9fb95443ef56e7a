//! Who caused something.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use super::{NameError, TokenName};

/// Who caused something to happen, as the record of events tells it.
///
/// As text: `service`, `command`, `anonymous`, `token:<id>:<name>` or `subject:<issuer>#<subject>`.
/// An issuer has no `#` (`OpenID` Connect Core 1.0, section 2: neither query nor fragment).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The service by itself: a worker, a schedule, a sweep.
    Service,
    /// Whoever runs a command where the store is, as `ringfence import`.
    Command,
    /// Somebody who was not asked who they are, or could not say it.
    Anonymous,
    /// Who holds this token.
    Token {
        /// Which token.
        id: TokenId,
        /// What it is called. Another token may be called so when this one is revoked.
        name: TokenName,
    },
    /// Whom an issuer of JSON Web Tokens vouches for.
    Subject {
        /// The claim `iss`.
        issuer: String,
        /// The claim `sub`.
        subject: String,
    },
}

/// One bearer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub Uuid);

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service => f.write_str("service"),
            Self::Command => f.write_str("command"),
            Self::Anonymous => f.write_str("anonymous"),
            Self::Token { id, name } => write!(f, "token:{id}:{name}"),
            Self::Subject { issuer, subject } => write!(f, "subject:{issuer}#{subject}"),
        }
    }
}

impl FromStr for Actor {
    type Err = UnknownActor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "service" => return Ok(Self::Service),
            "command" => return Ok(Self::Command),
            "anonymous" => return Ok(Self::Anonymous),
            _ => {}
        }
        if let Some((id, name)) = text.strip_prefix("token:").and_then(|rest| rest.split_once(':'))
        {
            return Ok(Self::Token { id: TokenId(id.parse()?), name: name.parse()? });
        }
        let subject = text.strip_prefix("subject:").and_then(|rest| rest.split_once('#'));
        let (issuer, subject) = subject.ok_or(UnknownActor::Kind)?;
        Ok(Self::Subject { issuer: issuer.to_owned(), subject: subject.to_owned() })
    }
}

/// Why a text names no [`Actor`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownActor {
    /// It is none of the forms.
    #[error("is none of the forms that an actor is written in")]
    Kind,
    /// The token's id is no UUID.
    #[error("names a token by something that is no UUID")]
    TokenId(#[from] uuid::Error),
    /// The token's name is no name.
    #[error("names a token by a name that {0}")]
    TokenName(#[from] NameError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_is_read_back_as_it_was_written() {
        let actors = [
            Actor::Service,
            Actor::Command,
            Actor::Anonymous,
            Actor::Token {
                id: TokenId(Uuid::from_u128(7)),
                name: TokenName::parse("signup").unwrap(),
            },
            Actor::Subject {
                issuer: "https://login.example.com/a:b".to_owned(),
                subject: "user#1:x".to_owned(),
            },
        ];
        for actor in actors {
            assert_eq!(actor.to_string().parse(), Ok(actor));
        }
    }

    #[test]
    fn what_is_no_actor_is_refused() {
        assert_eq!("nobody".parse::<Actor>(), Err(UnknownActor::Kind));
        assert_eq!("subject:x".parse::<Actor>(), Err(UnknownActor::Kind));
        assert!(matches!("token:7:signup".parse::<Actor>(), Err(UnknownActor::TokenId(_))));
        let unnamed = format!("token:{}:", Uuid::nil());
        assert!(matches!(unnamed.parse::<Actor>(), Err(UnknownActor::TokenName(_))));
    }
}
