//! A clock that a test can put forward.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use ringfence::clock::{Clock, SystemClock};

/// The system's time and what a test has added to it. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct AdjustableClock(Arc<AtomicI64>);

impl AdjustableClock {
    /// Puts the clock forward.
    pub(crate) fn advance(&self, by: SignedDuration) {
        self.0.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for AdjustableClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}
