//! What is counted of the work on the caches.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::committer::Commit;
use crate::domain::CacheName;

/// Seconds. AWS takes a minute or a few.
const CHANGE_SECONDS: [f64; 10] = [1.0, 5.0, 15.0, 30.0, 60.0, 90.0, 120.0, 240.0, 480.0, 900.0];
const CHANGE_USERS: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 70.0, 100.0];

/// Counts of the workers. Clones count together.
#[derive(Clone, Debug)]
pub struct WorkMetrics {
    changes: Family<Change, Counter>,
    change_users: Family<Of, Histogram, fn() -> Histogram>,
    change_seconds: Family<Of, Histogram, fn() -> Histogram>,
    undone: Family<Of, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    cache: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Change {
    cache: String,
    outcome: &'static str,
}

impl Default for WorkMetrics {
    fn default() -> Self {
        Self {
            changes: Family::default(),
            change_users: Family::new_with_constructor(|| Histogram::new(CHANGE_USERS)),
            change_seconds: Family::new_with_constructor(|| Histogram::new(CHANGE_SECONDS)),
            undone: Family::default(),
        }
    }
}

impl WorkMetrics {
    /// Counts from nothing, to be read from this registry.
    #[must_use]
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "ringfence_group_changes",
            "Changes of a user group, by what AWS made of the call: sent, split to be tried with half \
             of the users, or failed",
            metrics.changes.clone(),
        );
        registry.register(
            "ringfence_group_change_users",
            "How many users shared a change of their user group that AWS accepted",
            metrics.change_users.clone(),
        );
        registry.register_with_unit(
            "ringfence_group_change",
            "Time until AWS had made a change of a user group",
            Unit::Seconds,
            metrics.change_seconds.clone(),
        );
        registry.register(
            "ringfence_drift_repairs_undone",
            "Repairs of something that was repaired so often within an hour that somebody must be undoing it",
            metrics.undone.clone(),
        );
        metrics
    }

    /// What is counted of one cache, from nothing on.
    pub(super) fn of(&self, cache: &CacheName) -> CacheMetrics {
        let of = Of { cache: cache.to_string() };
        let changes = |outcome| {
            let change = Change { cache: cache.to_string(), outcome };
            self.changes.get_or_create_owned(&change)
        };
        CacheMetrics {
            sent: changes("sent"),
            split: changes("split"),
            failed: changes("failed"),
            change_users: self.change_users.get_or_create_owned(&of),
            change_seconds: self.change_seconds.get_or_create_owned(&of),
            undone: self.undone.get_or_create_owned(&of),
        }
    }
}

/// What is counted of one cache.
#[derive(Clone, Debug)]
pub(super) struct CacheMetrics {
    sent: Counter,
    split: Counter,
    failed: Counter,
    change_users: Histogram,
    /// How long AWS took for the changes that it accepted.
    pub(super) change_seconds: Histogram,
    /// Repairs that somebody undoes.
    pub(super) undone: Counter,
}

impl CacheMetrics {
    /// AWS has answered to a change that touched so many users.
    pub(super) fn answered(&self, users: usize, commit: &Commit) {
        match commit {
            Commit::Sent => {
                self.sent.inc();
                let users = u32::try_from(users).unwrap_or(u32::MAX);
                self.change_users.observe(f64::from(users));
            }
            Commit::Split => {
                self.split.inc();
            }
            Commit::Failed { .. } => {
                self.failed.inc();
            }
        }
    }
}
