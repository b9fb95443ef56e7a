//! How passwords are replaced.

use std::time::Duration;

use serde::Deserialize;

use super::rules;

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
}

impl Default for RotationConfig {
    fn default() -> Self {
        Self { grace: Duration::from_hours(2) }
    }
}
