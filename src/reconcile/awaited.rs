//! What AWS has accepted and does not show yet.

use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;
use tokio::time::Instant;

use super::expectation::Expectation;

/// A change of the group that is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Changing {
    pub(super) since: Instant,
    pub(super) by_us: bool,
    /// The last look that found it under way, after the call itself.
    pub(super) undone_at: Option<Instant>,
}

/// How long AWS takes to change the group: learned by the worker, and told in the metrics.
#[derive(Debug)]
pub(super) struct ChangeTime {
    expectation: Expectation,
    seconds: Histogram,
}

impl ChangeTime {
    pub(super) fn new(expectation: Expectation, seconds: Histogram) -> Self {
        Self { expectation, seconds }
    }

    pub(super) fn expectation(&self) -> &Expectation {
        &self.expectation
    }

    /// A change was seen to take so long.
    pub(super) fn learn(&mut self, took: Duration) {
        self.expectation.learn(took);
        self.tell(took);
    }

    /// A change was over before anybody looked: it is no measure for those that take time.
    pub(super) fn tell(&self, took: Duration) {
        self.seconds.observe(took.as_secs_f64());
    }
}

/// A call of ours whose effect was not seen yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Awaited {
    pub(super) kind: UserCall,
    pub(super) at: Instant,
    pub(super) undone_at: Option<Instant>,
}

impl Awaited {
    pub(super) fn took(&self, done_by: Instant) -> Duration {
        how_long(self.at, self.undone_at, done_by)
    }
}

impl Changing {
    pub(super) fn last_look(&self) -> Instant {
        self.undone_at.unwrap_or(self.since)
    }
}

/// How long something took that was over at `done_by`: it ended between the last two looks. Where
/// the first look came too late to tell, a little less is taken, so that the next comes earlier.
pub(super) fn how_long(since: Instant, undone_at: Option<Instant>, done_by: Instant) -> Duration {
    match undone_at {
        Some(undone_at) => (undone_at - since) + (done_by - undone_at) / 2,
        None => (done_by - since).mul_f64(0.97),
    }
}

/// A call that AWS finishes after its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum UserCall {
    Made,
    Modified,
    Removed,
}
