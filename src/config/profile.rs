//! One configured access profile.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{rules, word_list::word_list};
use crate::domain::{AcceptedCode, CommandRules, KeyRights, OwnProfile, ProfileName};

/// Access profiles beside the built-in ones: one section for each. They are linted for every engine
/// that a configured cache may run; what is not safe is refused.
/// [`docs/profiles.md`](profiles.md) says how to write one.
#[derive(Clone, Debug, Deserialize)]
#[serde(expecting = "a profile with name and commands")]
pub struct ProfileConfig {
    /// The name that tenants ask for: lower-case words of letters and digits joined by single
    /// hyphens, at most 40 characters, and not that of a built-in profile.
    ///
    /// Default: none, it must be given. Variable: `RINGFENCE_PROFILES__0__NAME`.
    #[serde(deserialize_with = "rules::profile_name")]
    pub name: ProfileName,

    /// What the profile is for, in a line of at most 200 characters.
    ///
    /// Default: none. Variable: `RINGFENCE_PROFILES__0__DESCRIPTION`.
    #[serde(default, deserialize_with = "rules::description")]
    pub description: String,

    /// What tenants may do: `+…` and `-…` of commands and categories. Of two rules that meet the later
    /// one wins. What clients need to connect, transactions and, in cluster mode, what finds the
    /// slots is added at the end. A command that a cache does not have is left out there.
    ///
    /// Default: none, it must be given. Variable: `RINGFENCE_PROFILES__0__COMMANDS`.
    #[serde(deserialize_with = "rules::from_text")]
    pub commands: CommandRules,

    /// What the commands may do with the tenant's keys: `read-write`, `read`, `write` or `none`.
    /// Reading or writing alone takes Valkey or Redis 7.0.
    ///
    /// Default: `read-write`. Variable: `RINGFENCE_PROFILES__0__KEYS`.
    #[serde(default, deserialize_with = "rules::from_text")]
    pub keys: KeyRights,

    /// Whether the tenant may use the channels under its prefix.
    ///
    /// Default: `false`. Variable: `RINGFENCE_PROFILES__0__CHANNELS`.
    #[serde(default)]
    pub channels: bool,

    /// Codes of findings of the lint that do not refuse the profile. As a variable, with commas
    /// between them.
    ///
    /// Default: none. Variable: `RINGFENCE_PROFILES__0__ALLOW`.
    #[serde(default, deserialize_with = "word_list")]
    pub allow: BTreeSet<AcceptedCode>,
}

impl From<&ProfileConfig> for OwnProfile {
    fn from(config: &ProfileConfig) -> Self {
        let ProfileConfig { name, description, commands, keys, channels, allow } = config.clone();
        Self { name, description, commands, keys, has_channels: channels, accepted: allow }
    }
}
