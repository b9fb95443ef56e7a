//! How fast AWS is called.

use std::{
    num::{NonZeroU8, NonZeroU32},
    time::Duration,
};

use serde::Deserialize;

use super::rules;

/// Limits on the calls to AWS of one Region. AWS counts each operation for itself and refuses what
/// comes too fast; calls then slow down by themselves and get faster again, up to these limits.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct PacingConfig {
    /// How many calls a second are sent of each operation of ElastiCache. AWS does not publish what
    /// it lets through.
    ///
    /// Default: `50`. Variable: `RINGFENCE_PACING__ELASTICACHE_RATE`.
    pub elasticache_rate: NonZeroU32,

    /// How many calls of one operation of ElastiCache are sent at once after a pause.
    ///
    /// Default: `100`. Variable: `RINGFENCE_PACING__ELASTICACHE_BURST`.
    pub elasticache_burst: NonZeroU32,

    /// How much of what Secrets Manager lets through is used, in percent, 1 to 100. The rest is left
    /// to others in the account.
    ///
    /// Default: `80`. Variable: `RINGFENCE_PACING__SECRETS_MANAGER_PERCENT`.
    #[serde(deserialize_with = "rules::percent")]
    pub secrets_manager_percent: NonZeroU8,

    /// The longest that a call waits until it may be sent. One that would wait longer is tried again
    /// later.
    ///
    /// Default: `10s`. Variable: `RINGFENCE_PACING__WAIT_MAX`.
    #[serde(deserialize_with = "rules::duration")]
    pub wait_max: Duration,
}

impl Default for PacingConfig {
    fn default() -> Self {
        Self {
            elasticache_rate: NonZeroU32::new(50).expect("fifty is not zero"),
            elasticache_burst: NonZeroU32::new(100).expect("a hundred is not zero"),
            secrets_manager_percent: NonZeroU8::new(80).expect("eighty is not zero"),
            wait_max: Duration::from_secs(10),
        }
    }
}
