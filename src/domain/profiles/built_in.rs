//! The profiles that come with Ringfence.

use std::str::FromStr;

use ringfence_acl::{Command, Engine};

use super::{
    KeyRights,
    rules::{
        ALL_TYPES, CACHE_TYPES, DENIALS, OWN_KEYS, OWN_KEYS_READ, PUBSUB, QUEUE_TYPES, SCRIPTS,
        TYPE_CATEGORIES,
    },
};
use crate::domain::ProfileName;

/// A profile that comes with Ringfence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BuiltIn {
    ReadWrite,
    ReadOnly,
    Queue,
    Cache,
    Pubsub,
    Scripting,
}

impl BuiltIn {
    /// Those that every installation has.
    pub(super) const ALWAYS: [Self; 5] =
        [Self::ReadWrite, Self::ReadOnly, Self::Queue, Self::Cache, Self::Pubsub];

    /// The one that is called so, whether or not it is switched on.
    pub(super) fn named(text: &str) -> Option<Self> {
        let all = Self::ALWAYS.into_iter().chain(OptIn::ALL.map(Self::from));
        all.into_iter().find(|profile| profile.as_str() == text)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::ReadWrite => "read-write",
            Self::ReadOnly => "read-only",
            Self::Queue => "queue",
            Self::Cache => "cache",
            Self::Pubsub => "pubsub",
            Self::Scripting => "scripting",
        }
    }

    pub(super) fn name(self) -> ProfileName {
        ProfileName::parse(self.as_str()).expect("a test makes each")
    }

    pub(super) fn description(self) -> &'static str {
        match self {
            Self::ReadWrite => "Every type of data, transactions and Pub/Sub.",
            Self::ReadOnly => {
                "Every type of data, read only. No Pub/Sub, since publishing changes what others see."
            }
            Self::Queue => "What a work queue needs: lists, streams, sorted sets, strings.",
            Self::Cache => "What a cache needs: strings and hashes that expire.",
            Self::Pubsub => "Publishing and subscribing, and no key at all.",
            Self::Scripting => "What `read-write` has, and Lua scripts (not on Redis 6.2).",
        }
    }

    pub(super) fn key_rights(self) -> KeyRights {
        if self == Self::Pubsub { KeyRights::None } else { KeyRights::ReadWrite }
    }

    pub(super) fn has_channels(self) -> bool {
        matches!(self, Self::ReadWrite | Self::Pubsub | Self::Scripting)
    }

    /// What it grants beside what every profile does: types of data by category, everything else by
    /// name, denials between them so that they hold for the categories.
    pub(super) fn commands(self, engine: Engine) -> Vec<String> {
        let parts: &[&[&str]] = match self {
            Self::Scripting if engine.keeps_scripts_apart() => {
                &[ALL_TYPES, DENIALS, OWN_KEYS, PUBSUB, SCRIPTS]
            }
            Self::ReadWrite | Self::Scripting => &[ALL_TYPES, DENIALS, OWN_KEYS, PUBSUB],
            Self::ReadOnly => &[OWN_KEYS_READ],
            Self::Queue => &[QUEUE_TYPES, DENIALS, OWN_KEYS],
            Self::Cache => &[CACHE_TYPES, DENIALS, OWN_KEYS],
            Self::Pubsub => &[PUBSUB],
        };
        let mut rules = Vec::new();
        if self == Self::ReadOnly {
            rules.extend(reading_commands(engine));
        }
        rules.extend(parts.iter().copied().flatten().map(|rule| (*rule).to_owned()));
        rules
    }
}

/// A built-in profile that has to be switched on, because of what it lets tenants do to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OptIn {
    /// Lua scripts. One that does not end holds up everybody.
    Scripting,
}

impl OptIn {
    const ALL: [Self; 1] = [Self::Scripting];

    pub(super) fn as_str(self) -> &'static str {
        BuiltIn::from(self).as_str()
    }
}

impl From<OptIn> for BuiltIn {
    fn from(profile: OptIn) -> Self {
        match profile {
            OptIn::Scripting => Self::Scripting,
        }
    }
}

impl FromStr for OptIn {
    type Err = NotOptIn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = |profile: &Self| profile.as_str() == text;
        let not_opt_in = || NotOptIn { found: text.to_owned() };
        Self::ALL.into_iter().find(named).ok_or_else(not_opt_in)
    }
}

/// The text names no profile that could be switched on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no profile to be switched on: only \"scripting\" is")]
pub struct NotOptIn {
    found: String,
}

/// The commands that read a type of data and change nothing, each by its name: there is no
/// category that means this and nothing else, and a later version may add to any.
fn reading_commands(engine: Engine) -> impl Iterator<Item = String> {
    let reads = |command: &&Command| {
        let has = |category: &str| command.categories().contains(&category);
        let of_a_type = TYPE_CATEGORIES.iter().any(|category| has(category));
        let harmless =
            !["write", "dangerous", "admin", "scripting", "blocking"].into_iter().any(has);
        has("read") && of_a_type && harmless && !command.is_keyless()
    };
    engine.commands().filter(reads).map(|command| format!("+{}", command.name()))
}
