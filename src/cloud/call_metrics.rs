//! What is counted of the calls to AWS.
//!
//! Labels are words of ours and names of operations, so that the number of series is bounded. No
//! series is of a tenant.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use tokio::time::Instant;

use super::{CloudErrorKind, pacing::Quota};
use crate::domain::Urgency;

/// Seconds. A call that changes something takes tenths of a second, and one that does not answer as
/// long as it is given.
const CALL_SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// Seconds. Normally nothing waits.
const WAIT_SECONDS: [f64; 8] = [0.001, 0.01, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Counts of calls. Clones count together, also those of several sets of clients.
#[derive(Clone, Debug)]
pub struct CallMetrics {
    calls: Family<Ended, Counter>,
    call_seconds: Family<Sent, Histogram, fn() -> Histogram>,
    wait_seconds: Family<Waited, Histogram, fn() -> Histogram>,
    not_sent: Family<Waited, Counter>,
    pace: Family<Paced, Gauge<f64, std::sync::atomic::AtomicU64>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    operation: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Sent {
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Waited {
    operation: &'static str,
    urgency: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Paced {
    region: String,
    account: String,
    quota: &'static str,
}

impl CallMetrics {
    /// Counts from nothing, to be read from this registry.
    #[must_use]
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "ringfence_aws_calls",
            "Calls that were sent to AWS",
            metrics.calls.clone(),
        );
        registry.register_with_unit(
            "ringfence_aws_call",
            "Time until AWS answered",
            Unit::Seconds,
            metrics.call_seconds.clone(),
        );
        registry.register_with_unit(
            "ringfence_aws_pacing_wait",
            "Time that calls waited for their turn",
            Unit::Seconds,
            metrics.wait_seconds.clone(),
        );
        registry.register(
            "ringfence_aws_calls_not_sent",
            "Calls that would have waited too long for their turn",
            metrics.not_sent.clone(),
        );
        registry.register(
            "ringfence_aws_pacing_rate",
            "Calls per second that are let through now",
            metrics.pace.clone(),
        );
        metrics
    }

    /// A call is on its way.
    pub(super) fn sent(&self, operation: &'static str) -> InFlight<'_> {
        InFlight { metrics: self, operation, begun: Instant::now(), outcome: "abandoned" }
    }

    /// A call has waited for its turn.
    pub(super) fn waited(&self, operation: &'static str, urgency: Urgency, time: Duration) {
        let waited = Waited { operation, urgency: urgency.as_str() };
        self.wait_seconds.get_or_create(&waited).observe(time.as_secs_f64());
    }

    /// A call has waited in vain.
    pub(super) fn not_sent(&self, operation: &'static str, urgency: Urgency) {
        self.not_sent.get_or_create(&Waited { operation, urgency: urgency.as_str() }).inc();
    }

    /// So many calls a second may be sent now.
    pub(super) fn paced(&self, (region, account): (&str, &str), quota: Quota, rate: f64) {
        let (region, account) = (region.to_owned(), account.to_owned());
        let paced = Paced { region, account, quota: quota.name };
        self.pace.get_or_create(&paced).set(rate);
    }
}

impl Default for CallMetrics {
    fn default() -> Self {
        Self {
            calls: Family::default(),
            call_seconds: Family::new_with_constructor(|| Histogram::new(CALL_SECONDS)),
            wait_seconds: Family::new_with_constructor(|| Histogram::new(WAIT_SECONDS)),
            not_sent: Family::default(),
            pace: Family::default(),
        }
    }
}

/// A call that was sent. It is counted when this is dropped, so that one whose answer nobody waits
/// for any more is counted too.
pub(super) struct InFlight<'a> {
    metrics: &'a CallMetrics,
    operation: &'static str,
    begun: Instant,
    outcome: &'static str,
}

impl InFlight<'_> {
    /// There is an answer, or none will come.
    pub(super) fn answered(mut self, error: Option<CloudErrorKind>) {
        self.outcome = error.map_or("ok", CloudErrorKind::as_str);
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let Self { metrics, operation, begun, outcome } = *self;
        metrics.calls.get_or_create(&Ended { operation, outcome }).inc();
        let seconds = begun.elapsed().as_secs_f64();
        metrics.call_seconds.get_or_create(&Sent { operation }).observe(seconds);
    }
}
