//! What is counted of sweeps.

use prometheus_client::{
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};
use tokio::time::Instant;

use crate::domain::DriftKind;

/// Seconds. A cache with a hundred users takes less than one; where every secret has to be described,
/// or AWS throttles, it takes longer.
const SWEEP_SECONDS: [f64; 8] = [0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0];

/// Counts of sweeps. Clones count together.
#[derive(Clone, Debug)]
pub struct SweepMetrics {
    seconds: Histogram,
    repairs: Family<Vec<(&'static str, &'static str)>, Counter>,
}

impl Default for SweepMetrics {
    fn default() -> Self {
        let repairs = Family::<Vec<(&'static str, &'static str)>, Counter>::default();
        // An alert sees a step up from zero, and not a count that appears.
        for kind in DriftKind::ALL {
            drop(repairs.get_or_create(&vec![("kind", kind.as_str())]));
        }
        Self { seconds: Histogram::new(SWEEP_SECONDS), repairs }
    }
}

impl SweepMetrics {
    /// Counts from nothing, to be read from this registry.
    #[must_use]
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register_with_unit(
            "ringfence_drift_sweep",
            "Time that the sweep of one cache took",
            Unit::Seconds,
            metrics.seconds.clone(),
        );
        registry.register(
            "ringfence_drift_repairs",
            "Repairs of drift that were begun",
            metrics.repairs.clone(),
        );
        metrics
    }

    pub(super) fn swept(&self, began: Instant) {
        self.seconds.observe(began.elapsed().as_secs_f64());
    }

    pub(super) fn repaired(&self, kind: &'static str) {
        self.repairs.get_or_create(&vec![("kind", kind)]).inc();
    }
}
