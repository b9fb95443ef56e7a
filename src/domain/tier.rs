//! The three kinds of thing that have users in a cache.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

/// Whose users they are, and what is true of that kind only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tier {
    /// A customer of the product.
    Tenant,
    /// A part of the product itself that shares the cache, with a prefix of its own.
    Service,
    /// A person who needs to see everything for a while.
    BreakGlass(BreakGlassSession),
}

impl Tier {
    /// Which of the three it is.
    #[must_use]
    pub fn kind(&self) -> TierKind {
        match self {
            Self::Tenant => TierKind::Tenant,
            Self::Service => TierKind::Service,
            Self::BreakGlass(_) => TierKind::BreakGlass,
        }
    }
}

/// Why somebody may see everything, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakGlassSession {
    /// What the person said.
    pub reason: Reason,
    /// When the access ends by itself.
    pub expires_at: Timestamp,
}

/// Which of the three kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TierKind {
    /// A tenant.
    Tenant,
    /// A service.
    Service,
    /// A break-glass session.
    BreakGlass,
}

impl TierKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Tenant, Self::Service, Self::BreakGlass];

    /// The kind as it stands in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Service => "service",
            Self::BreakGlass => "break-glass",
        }
    }
}

impl fmt::Display for TierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TierKind {
    type Err = UnknownTier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownTier)
    }
}

/// The text names no kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of tenant, service, break-glass")]
pub struct UnknownTier;

/// Why something was done, in a person's words: 1 to 500 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// The most characters that are accepted.
    pub const LENGTH_MAX: usize = 500;

    /// Checks a reason. Space around it is dropped.
    pub fn parse(text: &str) -> Result<Self, ReasonError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ReasonError::Empty);
        }
        let length = text.chars().count();
        if length > Self::LENGTH_MAX {
            return Err(ReasonError::TooLong { length });
        }
        if let Some((position, _)) = text.char_indices().find(|(_, c)| c.is_control()) {
            return Err(ReasonError::ControlCharacter { position });
        }
        Ok(Self(text.to_owned()))
    }

    /// The reason as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReasonError {
    /// Nothing was said.
    #[error("is empty: say why, for those who read the audit log")]
    Empty,
    /// More characters than the limit.
    #[error("has {length} characters, the limit is {max}: say it in fewer words", max = Reason::LENGTH_MAX)]
    TooLong {
        /// How many characters were given.
        length: usize,
    },
    /// A line break or another control character.
    #[error("holds a control character at byte {position}: write it on one line")]
    ControlCharacter {
        /// Where it stands, counted in bytes from 0.
        position: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back() {
        for kind in TierKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }

    #[test]
    fn a_reason_says_something_on_one_line() {
        assert_eq!(Reason::parse(" INC-7: stuck queue ").unwrap().as_str(), "INC-7: stuck queue");
        assert_eq!(Reason::parse("  "), Err(ReasonError::Empty));
        assert_eq!(Reason::parse("a\nb"), Err(ReasonError::ControlCharacter { position: 1 }));
        let long = "a".repeat(501);
        assert_eq!(Reason::parse(&long), Err(ReasonError::TooLong { length: 501 }));
    }
}
