//! Which cache gets a tenant.

use serde::Deserialize;

use super::rules;
use crate::domain::PlacementStrategy;

/// Which cache gets a tenant that names none. See [`docs/placement.md`](placement.md).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PlacementConfig {
    /// Which of the caches that take the tenant and have room for it: `least-filled`, the one of
    /// whose places the smallest share is taken, or `bin-packed`, the one with the fewest free places
    /// that are enough.
    ///
    /// Default: `least-filled`. Variable: `RINGFENCE_PLACEMENT__STRATEGY`.
    #[serde(deserialize_with = "rules::from_text")]
    pub strategy: PlacementStrategy,
}
