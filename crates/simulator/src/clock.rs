//! The simulator's clock: the machine's, moved ahead as told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The simulator's time: the machine's, plus whatever it was told to advance by.
///
/// Everything that is due at some moment (a user that becomes active, a secret whose recovery
/// window ends) is due on this clock. A test therefore sets a latency of an hour and advances by
/// an hour instead of sleeping.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock {
    ahead_ms: Arc<AtomicI64>,
}

impl Clock {
    pub(crate) fn ahead_by(ahead: Duration) -> Self {
        let clock = Self::default();
        clock.advance(ahead);
        clock
    }

    pub(crate) fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock the others must ask")]
        let machine = Timestamp::now();
        let ahead = SignedDuration::from_millis(self.ahead_ms.load(Ordering::SeqCst));
        machine.saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }

    /// Moves the time forward. There is no way back: what has happened has happened.
    pub(crate) fn advance(&self, by: Duration) {
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |ahead| {
                Some(ahead.saturating_add(by_ms))
            })
            .ok();
    }

    /// How far this clock is ahead of the machine's, to be kept across restarts.
    pub(crate) fn ahead(&self) -> Duration {
        let ahead_ms = self.ahead_ms.load(Ordering::SeqCst);
        Duration::from_millis(u64::try_from(ahead_ms).unwrap_or_default())
    }
}
