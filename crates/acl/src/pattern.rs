//! Key and channel patterns as rules write them.

use std::fmt;

use crate::glob::Glob;

/// What a key pattern allows to be done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyAccess {
    /// `%R~`: to read what the key holds.
    Read,
    /// `%W~`: to write to the key.
    Write,
    /// `~`: both.
    ReadWrite,
}

impl KeyAccess {
    /// Whether reading is allowed.
    #[must_use]
    pub fn reads(self) -> bool {
        matches!(self, Self::Read | Self::ReadWrite)
    }

    /// Whether writing is allowed.
    #[must_use]
    pub fn writes(self) -> bool {
        matches!(self, Self::Write | Self::ReadWrite)
    }

    /// What two patterns of the same text allow together.
    pub(crate) fn with(self, other: Self) -> Self {
        if self == other { self } else { Self::ReadWrite }
    }
}

/// A key pattern with what it allows: `~acme:*`, `%R~shared:*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPattern {
    access: KeyAccess,
    glob: Glob,
}

impl KeyPattern {
    pub(crate) fn new(access: KeyAccess, pattern: &str) -> Self {
        let glob = Glob::parse(pattern.as_bytes());
        Self { access, glob }
    }

    /// `~*`, also written `allkeys`. The engines do not take `%RW~*` for it: that is a pattern like
    /// any other, which does not match the empty key.
    pub(crate) fn everything() -> Self {
        Self { access: KeyAccess::ReadWrite, glob: Glob::everything() }
    }

    /// What is allowed with the keys.
    #[must_use]
    pub fn access(&self) -> KeyAccess {
        self.access
    }

    /// Which keys.
    #[must_use]
    pub fn glob(&self) -> &Glob {
        &self.glob
    }

    /// Whether the pattern is `*`, whatever it allows.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.glob.as_bytes() == b"*"
    }

    /// The same pattern with other rights.
    pub(crate) fn with_access(&self, access: KeyAccess) -> Self {
        Self { access, glob: self.glob.clone() }
    }
}

impl fmt::Display for KeyPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.access {
            KeyAccess::Read => "%R~",
            KeyAccess::Write => "%W~",
            KeyAccess::ReadWrite => "~",
        };
        write!(f, "{sign}{}", self.glob)
    }
}

/// A pattern of Pub/Sub channels: `&acme:*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPattern {
    glob: Glob,
}

impl ChannelPattern {
    pub(crate) fn new(pattern: &str) -> Self {
        match pattern {
            "*" => Self { glob: Glob::everything() },
            _ => Self { glob: Glob::parse(pattern.as_bytes()) },
        }
    }

    /// Which channels.
    #[must_use]
    pub fn glob(&self) -> &Glob {
        &self.glob
    }

    /// Whether this is `&*`.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.glob == Glob::everything()
    }
}

impl fmt::Display for ChannelPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "&{}", self.glob)
    }
}
