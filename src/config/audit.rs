//! How long it is kept what happened.

use std::time::Duration;

use serde::Deserialize;

use super::rules;

/// The record of what happened. See [`docs/audit.md`](audit.md).
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct AuditConfig {
    /// How old events become. Older ones are removed, oldest first, and the removal is recorded. A number
    /// of days, such as `400d`, or another duration.
    ///
    /// Default: `400d`. Variable: `RINGFENCE_AUDIT__KEEP`.
    #[serde(deserialize_with = "rules::age")]
    pub keep: Duration,
}

impl Default for AuditConfig {
    fn default() -> Self {
        // A year, and time to look into it afterwards.
        Self { keep: Duration::from_hours(400 * 24) }
    }
}
