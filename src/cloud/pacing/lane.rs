//! Waiting for one's turn.
//!
//! There is no task that hands out turns: whoever is first in line sleeps until the bucket has a
//! token, takes it, and wakes the next. One who goes away wakes the next as well.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until, timeout_at},
};

use super::{
    WaitTooLong,
    bucket::{Bucket, Pace, Permit},
    line::{Line, Place},
};
use crate::domain::Urgency;

/// A bucket with a line before it.
pub(super) struct Lane {
    state: Mutex<State>,
}

struct State {
    bucket: Bucket,
    line: Line<Arc<Notify>>,
}

/// What one who waits finds.
enum Look {
    MayGo(Permit),
    /// First in line, and there is a token at this time.
    FirstUntil(Instant),
    NotFirst,
}

impl Lane {
    pub(super) fn new(pace: Pace) -> Self {
        let bucket = Bucket::new(pace, Instant::now());
        Self { state: Mutex::new(State { bucket, line: Line::new() }) }
    }

    /// Waits for a token, and not longer than `wait_max`. If it is plain from the beginning that it
    /// would take longer, it does not wait at all, so that the line has an end.
    pub(super) async fn permit(
        &self,
        urgency: Urgency,
        wait_max: Duration,
    ) -> Result<Permit, WaitTooLong> {
        let now = Instant::now();
        let waiter = {
            let mut state = self.lock();
            let n_before = u32::try_from(state.line.n_before(urgency)).unwrap_or(u32::MAX);
            if state.bucket.wait_behind(n_before, now) > wait_max {
                return Err(WaitTooLong);
            }
            let woken = Arc::new(Notify::new());
            Waiter { lane: self, place: state.line.join(urgency, Arc::clone(&woken)), woken }
        };
        timeout_at(now + wait_max, waiter.permit()).await.map_err(|_elapsed| WaitTooLong)
    }

    pub(super) fn passed(&self, permit: Permit) {
        self.lock().bucket.passed(permit, Instant::now());
    }

    pub(super) fn throttled(&self, permit: Permit) {
        self.lock().bucket.throttled(permit, Instant::now());
    }

    pub(super) fn rate(&self) -> f64 {
        self.lock().bucket.rate()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn look(&mut self, place: Place, now: Instant) -> Look {
        if self.line.first().is_none_or(|(first, _)| first != place) {
            return Look::NotFirst;
        }
        match self.bucket.take(now) {
            Ok(permit) => {
                self.line.serve_first();
                self.wake_first();
                Look::MayGo(permit)
            }
            Err(at) => Look::FirstUntil(at),
        }
    }

    fn wake_first(&self) {
        if let Some((_, woken)) = self.line.first() {
            woken.notify_one();
        }
    }
}

/// One who stands in line. Dropping it gives up the place.
struct Waiter<'a> {
    lane: &'a Lane,
    place: Place,
    woken: Arc<Notify>,
}

impl Waiter<'_> {
    async fn permit(self) -> Permit {
        loop {
            let look = self.lane.lock().look(self.place, Instant::now());
            match look {
                Look::MayGo(permit) => return permit,
                // An urgent one may come in between; then this one looks in vain and is woken later.
                Look::FirstUntil(at) => sleep_until(at).await,
                Look::NotFirst => self.woken.notified().await,
            }
        }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut state = self.lane.lock();
        state.line.leave(self.place);
        state.wake_first();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures_util::future::{join, join_all};

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    /// A lane of one call a second, whose first token is taken.
    async fn slow_lane() -> (Lane, Permit) {
        let lane = Lane::new(Pace::new(1.0, 1.0));
        let permit = lane.permit(Urgency::Urgent, LONG).await.unwrap();
        (lane, permit)
    }

    #[tokio::test(start_paused = true)]
    async fn urgent_calls_overtake_those_that_wait() {
        let (lane, _) = slow_lane().await;
        let served = RefCell::new(Vec::new());
        let calls = ["routine", "routine", "urgent", "urgent"].map(|name| {
            let urgency = if name == "urgent" { Urgency::Urgent } else { Urgency::Routine };
            let (lane, served) = (&lane, &served);
            async move {
                lane.permit(urgency, LONG).await.unwrap();
                served.borrow_mut().push(name);
            }
        });
        join_all(calls).await;
        assert_eq!(served.into_inner(), ["urgent", "urgent", "routine", "routine"]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_goes_away_gives_up_its_place() {
        let (lane, _) = slow_lane().await;
        let begun = Instant::now();
        // Is first in line and goes away before there is a token.
        let gone = timeout_at(begun + Duration::from_millis(1), lane.permit(Urgency::Urgent, LONG));
        let (gone, stays) = join(gone, lane.permit(Urgency::Routine, LONG)).await;
        assert!(gone.is_err() && stays.is_ok());
        assert!(lane.lock().line.first().is_none());
        assert!(begun.elapsed() < Duration::from_millis(1_100), "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_would_wait_too_long_is_told_so_at_once() {
        let (lane, _) = slow_lane().await;
        let (begun, wait_max) = (Instant::now(), Duration::from_millis(1_500));
        let waits = lane.permit(Urgency::Routine, wait_max);
        let refused = async {
            let refused = lane.permit(Urgency::Routine, wait_max).await;
            (refused.is_err(), begun.elapsed())
        };
        let (waits, refused) = join(waits, refused).await;
        assert!(waits.is_ok());
        assert_eq!(refused, (true, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_becomes_too_long_has_an_end() {
        let (lane, before) = slow_lane().await;
        let waits = lane.permit(Urgency::Routine, Duration::from_millis(1_500));
        let slows_down = async { lane.throttled(before) };
        let (waited, ()) = join(waits, slows_down).await;
        assert_eq!(waited.err(), Some(WaitTooLong));
        assert!(lane.lock().line.first().is_none());
    }
}
