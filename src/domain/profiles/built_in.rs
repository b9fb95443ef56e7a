//! The profiles that come with Ringfence.

use ringfence_acl::{Command, Engine};

use super::rules::{
    ALL_TYPES, CACHE_TYPES, DENIALS, OWN_KEYS, OWN_KEYS_READ, PUBSUB, QUEUE_TYPES, TYPE_CATEGORIES,
};

/// A profile that comes with Ringfence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BuiltIn {
    ReadWrite,
    ReadOnly,
    Queue,
    Cache,
    Pubsub,
}

impl BuiltIn {
    /// Those that every installation has.
    pub(super) const ALWAYS: [Self; 5] =
        [Self::ReadWrite, Self::ReadOnly, Self::Queue, Self::Cache, Self::Pubsub];

    /// What tenants ask for it by.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ReadWrite => "read-write",
            Self::ReadOnly => "read-only",
            Self::Queue => "queue",
            Self::Cache => "cache",
            Self::Pubsub => "pubsub",
        }
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
        }
    }

    pub(super) fn has_keys(self) -> bool {
        self != Self::Pubsub
    }

    pub(super) fn has_channels(self) -> bool {
        matches!(self, Self::ReadWrite | Self::Pubsub)
    }

    /// What it grants beside what every profile does: types of data by category, everything else by
    /// name, denials between them so that they hold for the categories.
    pub(super) fn commands(self, engine: Engine) -> Vec<String> {
        let parts: &[&[&str]] = match self {
            Self::ReadWrite => &[ALL_TYPES, DENIALS, OWN_KEYS, PUBSUB],
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
