//! How the work is paced.

use std::{num::NonZeroUsize, time::Duration};

use serde::Deserialize;

use super::{ConfigError, Origin, rules};

/// Periods, limits and delays of the work that is done in AWS.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct ReconcilerConfig {
    /// How often every user with unfinished work is looked at, even if nothing asked for it.
    ///
    /// Default: `30s`. Variable: `RINGFENCE_RECONCILER__PERIOD`.
    #[serde(deserialize_with = "rules::duration")]
    pub period: Duration,

    /// The shortest pause between two looks at something that AWS is still changing. How long AWS
    /// takes is learned, and looks come close together only when the end can be expected.
    ///
    /// Default: `50ms`. Variable: `RINGFENCE_RECONCILER__POLL_MIN`.
    #[serde(deserialize_with = "rules::duration")]
    pub poll_min: Duration,

    /// The longest pause between two looks at something that AWS is still changing and that can end at
    /// any time.
    ///
    /// Default: `10s`. Variable: `RINGFENCE_RECONCILER__POLL_MAX`.
    #[serde(deserialize_with = "rules::duration")]
    pub poll_max: Duration,

    /// How many users of a cache are worked on at the same moment. A quarter of the places is for
    /// those that sign up.
    ///
    /// Default: `32`. Variable: `RINGFENCE_RECONCILER__STEPS_IN_FLIGHT`.
    pub steps_in_flight: NonZeroUsize,

    /// How many attestations of a cache are made at the same moment, beside the steps.
    ///
    /// Default: `16`. Variable: `RINGFENCE_RECONCILER__ATTESTATIONS_IN_FLIGHT`.
    pub attestations_in_flight: NonZeroUsize,

    /// How many users of a cache are given new rights at the same moment when the definition of their
    /// profile has changed.
    ///
    /// Default: `5`. Variable: `RINGFENCE_RECONCILER__ROLLOUT_IN_FLIGHT`.
    pub rollout_in_flight: NonZeroUsize,

    /// How long a thing that was just made may stay invisible in what AWS lists, before it counts as
    /// not made.
    ///
    /// Default: `10s`. Variable: `RINGFENCE_RECONCILER__CONSISTENCY_WINDOW`.
    #[serde(deserialize_with = "rules::duration_or_zero")]
    pub consistency_window: Duration,

    /// How long one AWS call may take. Its outcome is not known then; the next look finds out.
    ///
    /// Default: `30s`. Variable: `RINGFENCE_RECONCILER__CALL_TIMEOUT`.
    #[serde(deserialize_with = "rules::duration")]
    pub call_timeout: Duration,

    /// The pause after a step's first failure. It doubles with each further one, with jitter, up to
    /// `retry_max`.
    ///
    /// Default: `1s`. Variable: `RINGFENCE_RECONCILER__RETRY_BASE`.
    #[serde(deserialize_with = "rules::duration")]
    pub retry_base: Duration,

    /// The longest pause between two attempts at a step that fails.
    ///
    /// Default: `5m`. Variable: `RINGFENCE_RECONCILER__RETRY_MAX`.
    #[serde(deserialize_with = "rules::duration")]
    pub retry_max: Duration,
}

impl Default for ReconcilerConfig {
    fn default() -> Self {
        Self {
            period: Duration::from_secs(30),
            poll_min: Duration::from_millis(50),
            poll_max: Duration::from_secs(10),
            steps_in_flight: NonZeroUsize::new(32).expect("it is not zero"),
            attestations_in_flight: NonZeroUsize::new(16).expect("it is not zero"),
            rollout_in_flight: NonZeroUsize::new(5).expect("it is not zero"),
            consistency_window: Duration::from_secs(10),
            call_timeout: Duration::from_secs(30),
            retry_base: Duration::from_secs(1),
            retry_max: Duration::from_mins(5),
        }
    }
}

impl ReconcilerConfig {
    /// Checks that no lower limit stands above its upper one.
    pub(super) fn check_together(&self) -> Result<(), ConfigError> {
        let pairs = [
            ("poll_min", self.poll_min, "poll_max", self.poll_max),
            ("retry_base", self.retry_base, "retry_max", self.retry_max),
        ];
        match pairs.into_iter().find(|(_, low, _, high)| low > high) {
            None => Ok(()),
            Some((low_name, low, high_name, high)) => Err(ConfigError::Invalid {
                key: format!("reconciler.{low_name}"),
                fault: format!(
                    "{low:?} is more than reconciler.{high_name}, which is {high:?}: lower the one \
                     or raise the other"
                ),
                origin: Origin::Unset,
            }),
        }
    }
}
