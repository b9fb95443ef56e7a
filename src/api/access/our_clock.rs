//! The service's clock, for counting what may be done in a time.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use crate::clock::Clock;

/// The service's clock as the counting crate wants one: it never goes back. Where the machine's clock is
/// set back no time has passed, and nobody waits for the old time to come again.
#[derive(Clone)]
pub(super) struct OurClock {
    clock: Arc<dyn Clock>,
    passed: Arc<Mutex<Passed>>,
}

/// How much time has passed, seen up to when.
#[derive(Clone, Copy, Debug)]
struct Passed {
    in_all: Duration,
    until: Timestamp,
}

impl OurClock {
    pub(super) fn new(clock: &Arc<dyn Clock>) -> Self {
        let passed = Passed { in_all: Duration::ZERO, until: clock.now() };
        Self { clock: Arc::clone(clock), passed: Arc::new(Mutex::new(passed)) }
    }
}

impl governor::clock::Clock for OurClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let since = now.duration_since(passed.until);
        // A negative one is none.
        passed.in_all += Duration::try_from(since).unwrap_or_default();
        passed.until = now;
        passed.in_all
    }
}

impl fmt::Debug for OurClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OurClock").field("passed", &self.passed).finish_non_exhaustive()
    }
}
