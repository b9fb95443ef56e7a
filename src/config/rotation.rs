//! How passwords are replaced.

use std::{collections::BTreeMap, num::NonZeroU64, time::Duration};

use serde::Deserialize;

use super::{interval_map::interval_map, rules};
use crate::domain::{ProfileName, RotationInterval};

/// How passwords are replaced when nobody says otherwise.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct RotationConfig {
    /// How long an old password goes on working once the new one is `AWSCURRENT`, unless the request
    /// says otherwise; at most seven days. The default is twice the hour for which AWS's caching
    /// clients keep a secret. Also how long a main user goes on when its tenant changes from a password
    /// to IAM or back, once the other one can log in.
    ///
    /// Default: `2h`. Variable: `RINGFENCE_ROTATION__GRACE`.
    #[serde(deserialize_with = "rules::grace")]
    pub grace: Duration,

    /// How old a password becomes before it is replaced by itself, such as `30d` or `12h`: an hour to
    /// ten years. Up to a tenth of it is taken off, by chance, so that tenants that were made together
    /// are not rotated together. A tenant's `rotate_every_seconds` and `profiles` come before it.
    /// Without any of them passwords are replaced on request only. See
    /// [`docs/rotation.md`](rotation.md).
    ///
    /// Default: none. Variable: `RINGFENCE_ROTATION__EVERY`.
    #[serde(deserialize_with = "rules::from_text_if_given")]
    pub every: Option<RotationInterval>,

    /// The same for the users of single profiles, by the profile's name. As a variable,
    /// `profile=interval` with commas between them.
    ///
    /// Default: none. Variable: `RINGFENCE_ROTATION__PROFILES`.
    #[serde(deserialize_with = "interval_map")]
    pub profiles: BTreeMap<ProfileName, RotationInterval>,

    /// How many rotations of a cache may be on their way to their grace, or from it to their end,
    /// before the schedule begins another.
    ///
    /// Default: `5`. Variable: `RINGFENCE_ROTATION__IN_FLIGHT`.
    pub in_flight: NonZeroU64,

    /// How many rotations of a cache may have been begun within a minute before the schedule begins
    /// another. What became due while the service was stopped is caught up at this pace.
    ///
    /// Default: `10`. Variable: `RINGFENCE_ROTATION__STARTS_PER_MINUTE`.
    pub starts_per_minute: NonZeroU64,
}

impl Default for RotationConfig {
    fn default() -> Self {
        Self {
            grace: Duration::from_hours(2),
            every: None,
            profiles: BTreeMap::new(),
            in_flight: NonZeroU64::new(5).expect("five is not zero"),
            starts_per_minute: NonZeroU64::new(10).expect("ten is not zero"),
        }
    }
}
