//! How often AWS is compared with the store, and what is done about what differs.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

use serde::Deserialize;

use super::{policy_map::policy_map, rules};
use crate::domain::DriftPolicies;

/// How AWS is compared with what the store says, and what is done about what differs. See
/// [`docs/drift.md`](drift.md).
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct DriftConfig {
    /// How often each cache is swept: its users, its user group and its tenants' secrets are compared
    /// with the store. Up to a tenth is taken off, by chance. The first sweep comes within five minutes
    /// of the start, if the period is not shorter.
    ///
    /// Default: `1h`. Variable: `RINGFENCE_DRIFT__PERIOD`.
    #[serde(deserialize_with = "rules::duration")]
    pub period: Duration,

    /// How soon after a repair the users and the user group of a cache are looked at again. It doubles
    /// with each repair of the same thing within an hour, up to `period`, and with each look that finds
    /// nothing to repair.
    ///
    /// Default: `1m`. Variable: `RINGFENCE_DRIFT__RECHECK`.
    #[serde(deserialize_with = "rules::duration")]
    pub recheck: Duration,

    /// How many repairs one sweep of a cache begins. What is left is repaired after `recheck`.
    ///
    /// Default: `20`. Variable: `RINGFENCE_DRIFT__REPAIRS_AT_ONCE`.
    pub repairs_at_once: NonZeroUsize,

    /// Of how many users of a cache one sweep reads the tags, which takes a call each. The next sweep
    /// goes on with the others.
    ///
    /// Default: `5`. Variable: `RINGFENCE_DRIFT__TAGS_AT_ONCE`.
    pub tags_at_once: NonZeroU32,

    /// What is done about each kind of drift: `repair`, `report` or `ignore`. For a kind that is not
    /// named the default in [`docs/drift.md`](drift.md) holds. `drift_policy` of a cache comes before it.
    /// As a variable, `kind=policy` with commas between them.
    ///
    /// Default: none. Variable: `RINGFENCE_DRIFT__POLICY`.
    #[serde(deserialize_with = "policy_map")]
    pub policy: DriftPolicies,
}

impl Default for DriftConfig {
    fn default() -> Self {
        Self {
            period: Duration::from_hours(1),
            recheck: Duration::from_mins(1),
            repairs_at_once: NonZeroUsize::new(20).expect("twenty is not zero"),
            tags_at_once: NonZeroU32::new(5).expect("five is not zero"),
            policy: DriftPolicies::default(),
        }
    }
}
