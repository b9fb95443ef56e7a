//! The profiles that an operator makes.

use std::{collections::BTreeSet, str::FromStr};

use ringfence_acl::LINT_CODES;

use super::CommandRules;
use crate::domain::{KeyPattern, ProfileName};

/// A profile as it is configured.
#[derive(Clone, Debug)]
pub struct OwnProfile {
    /// What tenants ask for it by.
    pub name: ProfileName,
    /// What it is for.
    pub description: String,
    /// What it grants beside what every profile does.
    pub commands: CommandRules,
    /// What may be done with the tenant's keys.
    pub keys: KeyRights,
    /// Whether the tenant has its channels.
    pub has_channels: bool,
    /// What the lint may find in it.
    pub accepted: BTreeSet<AcceptedCode>,
}

/// What the commands of a profile may do with the tenant's keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyRights {
    /// Read and write them.
    #[default]
    ReadWrite,
    /// Read them only.
    Read,
    /// Write them only.
    Write,
    /// Nothing: there are no keys.
    None,
}

impl KeyRights {
    /// The rule that says so.
    pub(super) fn rule(self, keys: &KeyPattern) -> Option<String> {
        match self {
            Self::ReadWrite => Some(format!("~{keys}")),
            Self::Read => Some(format!("%R~{keys}")),
            Self::Write => Some(format!("%W~{keys}")),
            Self::None => None,
        }
    }
}

impl FromStr for KeyRights {
    type Err = UnknownKeyRights;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "read-write" => Ok(Self::ReadWrite),
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            "none" => Ok(Self::None),
            _ => Err(UnknownKeyRights { found: text.to_owned() }),
        }
    }
}

/// The text names nothing that may be done with keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no right to keys: use read-write, read, write or none")]
pub struct UnknownKeyRights {
    found: String,
}

/// The code of a finding that an operator has looked at and accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AcceptedCode(&'static str);

impl AcceptedCode {
    /// Of these the engine or `ElastiCache` makes an error of its own.
    const NOT_ACCEPTABLE: [&str; 2] = ["refused-by-engine", "removed-by-elasticache"];

    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl FromStr for AcceptedCode {
    type Err = NotAcceptable;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if Self::NOT_ACCEPTABLE.contains(&text) {
            return Err(NotAcceptable::Refused { found: text.to_owned() });
        }
        let code = LINT_CODES.iter().find(|code| **code == text);
        code.map(|code| Self(code)).ok_or_else(|| NotAcceptable::Unknown { found: text.to_owned() })
    }
}

/// Why a finding cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAcceptable {
    /// There is no such finding.
    #[error("{found:?} is no code of the lint: docs/profiles.md lists them")]
    Unknown {
        /// The text.
        found: String,
    },
    /// It is not a risk that one can take.
    #[error("{found:?} cannot be allowed: the engine refuses the access string all the same")]
    Refused {
        /// The text.
        found: String,
    },
}
