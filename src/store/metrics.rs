//! What is counted of the store, and of what is written to it.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};
use tokio::time::Instant;

use super::counted::{Counted, What};
use crate::domain::{CacheName, DeliveryState, RotationPhase, TierKind, VerdictKind};

/// Seconds. A commit waits for the disk.
const COMMIT_SECONDS: [f64; 9] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];
/// Seconds. A read finds most of the file in memory.
const READ_SECONDS: [f64; 9] = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.01, 0.05, 0.25, 1.0];
const COMMIT_WRITES: [f64; 7] = [1.0, 2.0, 4.0, 16.0, 64.0, 128.0, 256.0];
/// Seconds. A change of the user group takes AWS a minute or a few, and those that wait share it.
const ACTIVATION_SECONDS: [f64; 12] =
    [1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 900.0, 1_800.0, 3_600.0, 14_400.0];

/// Counts of a store. Clones count together.
#[derive(Clone, Debug)]
pub(super) struct StoreMetrics {
    commit_seconds: Histogram,
    commit_writes: Histogram,
    commits_failed: Counter,
    read_seconds: Family<Read, Histogram, fn() -> Histogram>,
    activation_seconds: Family<Activation, Histogram, fn() -> Histogram>,
    attestations: Family<Verdict, Counter>,
    rotations_ended: Family<RotationEnd, Counter>,
    deliveries: Family<Tried, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Read {
    read: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Activation {
    cache: String,
    tier: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Verdict {
    cache: String,
    verdict: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RotationEnd {
    cache: String,
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Tried {
    outcome: String,
}

impl Default for StoreMetrics {
    fn default() -> Self {
        Self {
            commit_seconds: Histogram::new(COMMIT_SECONDS),
            commit_writes: Histogram::new(COMMIT_WRITES),
            commits_failed: Counter::default(),
            read_seconds: Family::new_with_constructor(|| Histogram::new(READ_SECONDS)),
            activation_seconds: Family::new_with_constructor(|| Histogram::new(ACTIVATION_SECONDS)),
            attestations: Family::default(),
            rotations_ended: Family::default(),
            deliveries: Family::default(),
        }
    }
}

impl StoreMetrics {
    /// Lets them be read from this registry. What can happen in these caches is there from the
    /// beginning, with nothing counted: an alert sees a step up from zero, and not a count that appears.
    pub(super) fn register(&self, registry: &mut Registry, caches: &[&CacheName]) {
        for cache in caches.iter().map(ToString::to_string) {
            self.expect_in(&cache);
        }
        self.register_commits(registry);
        registry.register_with_unit(
            "ringfence_tenant_activation",
            "Time from the request for a tenant, service or session until it was active for the first time",
            Unit::Seconds,
            self.activation_seconds.clone(),
        );
        registry.register(
            "ringfence_attestations",
            "Attestations that were made, by what they found",
            self.attestations.clone(),
        );
        registry.register(
            "ringfence_rotations_ended",
            "Rotations that came to their end, by the phase that it was",
            self.rotations_ended.clone(),
        );
        for state in DeliveryState::ALL {
            drop(self.deliveries.get_or_create(&Tried { outcome: state.as_str().to_owned() }));
        }
        registry.register(
            "ringfence_webhook_deliveries",
            "Tries to deliver a message to a webhook, by whether it was delivered, is still pending or has failed \
             for good",
            self.deliveries.clone(),
        );
    }

    fn register_commits(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "ringfence_store_commit",
            "Time that a commit took, which is mostly the disk's",
            Unit::Seconds,
            self.commit_seconds.clone(),
        );
        registry.register(
            "ringfence_store_commit_writes",
            "How many writes shared a commit",
            self.commit_writes.clone(),
        );
        registry.register(
            "ringfence_store_commits_failed",
            "Commits that failed, as on a full disk: none of their writes was acknowledged",
            self.commits_failed.clone(),
        );
        registry.register_with_unit(
            "ringfence_store_read",
            "Time that a read took: a tenant, a page of tenants, the work of a pass, or these metrics",
            Unit::Seconds,
            self.read_seconds.clone(),
        );
    }

    fn expect_in(&self, cache: &str) {
        let cache = || cache.to_owned();
        for tier in TierKind::ALL {
            let tier = tier.as_str().to_owned();
            drop(self.activation_seconds.get_or_create(&Activation { cache: cache(), tier }));
        }
        for verdict in VerdictKind::ALL {
            let verdict = verdict.as_str().to_owned();
            drop(self.attestations.get_or_create(&Verdict { cache: cache(), verdict }));
        }
        for outcome in [RotationPhase::Completed, RotationPhase::Cancelled, RotationPhase::Failed] {
            let outcome = outcome.as_str().to_owned();
            drop(self.rotations_ended.get_or_create(&RotationEnd { cache: cache(), outcome }));
        }
    }

    /// A commit of so many writes has succeeded.
    pub(super) fn committed(&self, took: Duration, writes: u32, counted: Vec<Counted>) {
        self.commit_seconds.observe(took.as_secs_f64());
        self.commit_writes.observe(f64::from(writes));
        for Counted { what, cache, label, after } in counted {
            match what {
                What::Activated => {
                    let activation = Activation { cache, tier: label };
                    let seconds = self.activation_seconds.get_or_create(&activation);
                    seconds.observe(after.as_secs_f64());
                }
                What::Attested => {
                    self.attestations.get_or_create(&Verdict { cache, verdict: label }).inc();
                }
                What::Rotated => {
                    let ended = RotationEnd { cache, outcome: label };
                    self.rotations_ended.get_or_create(&ended).inc();
                }
                What::Tried => {
                    self.deliveries.get_or_create(&Tried { outcome: label }).inc();
                }
            }
        }
    }

    /// A commit has failed.
    pub(super) fn failed(&self) {
        self.commits_failed.inc();
    }

    /// Something is being read, until what this answers is dropped.
    pub(super) fn reading(&self, read: &'static str) -> Reading<'_> {
        Reading { metrics: self, read, began: Instant::now() }
    }
}

/// A read that is under way.
pub(super) struct Reading<'a> {
    metrics: &'a StoreMetrics,
    read: &'static str,
    began: Instant,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let seconds = self.metrics.read_seconds.get_or_create(&Read { read: self.read });
        seconds.observe(self.began.elapsed().as_secs_f64());
    }
}
