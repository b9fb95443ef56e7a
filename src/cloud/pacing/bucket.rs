//! A bucket of tokens whose rate follows what AWS puts up with. Pure: the time is handed in.

use std::time::Duration;

use tokio::time::Instant;

/// The rate never falls below this part of its ceiling, and each call that passes gives as much of it
/// back: a halved rate is whole again after half as many calls.
const STEPS: f64 = 50.0;

/// What is left to a whole token by rounding.
const ROUNDING: f64 = 1e-9;

/// How fast calls may ever be sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pace {
    /// Calls per second.
    ceiling: f64,
    /// So many may come at once after a rest.
    burst: f64,
}

impl Pace {
    pub(super) fn new(ceiling: f64, burst: f64) -> Self {
        Self { ceiling, burst: burst.max(1.0) }
    }
}

/// Tokens, each good for one call.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    pace: Pace,
    /// Tokens that come in a second.
    rate: f64,
    tokens: f64,
    filled_at: Instant,
    n_cuts: u64,
}

/// A token that was taken. It knows how often the rate had been cut by then: what becomes of its call
/// says something about that rate and nothing about a later one. Of a hundred calls that were sent
/// together and refused together only the first so cuts the rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Permit {
    n_cuts: u64,
}

impl Bucket {
    /// A full bucket. It begins at the ceiling: what is too fast is refused, and then learned.
    pub(super) fn new(pace: Pace, now: Instant) -> Self {
        Self { pace, rate: pace.ceiling, tokens: pace.burst, filled_at: now, n_cuts: 0 }
    }

    /// Takes a token, or says when there is one.
    pub(super) fn take(&mut self, now: Instant) -> Result<Permit, Instant> {
        let wait = self.wait_behind(0, now);
        if !wait.is_zero() {
            return Err(now + wait);
        }
        self.tokens = (self.tokens - 1.0).max(0.0);
        Ok(Permit { n_cuts: self.n_cuts })
    }

    /// How long it takes, at the present rate, until `n_ahead` tokens are taken and one more is there.
    pub(super) fn wait_behind(&mut self, n_ahead: u32, now: Instant) -> Duration {
        self.fill(now);
        let missing = f64::from(n_ahead) + 1.0 - self.tokens;
        if missing <= ROUNDING {
            return Duration::ZERO;
        }
        // Rounded up: then the token is there.
        Duration::from_secs_f64(missing / self.rate) + Duration::from_nanos(1)
    }

    /// A call was taken up.
    pub(super) fn passed(&mut self, permit: Permit, now: Instant) {
        if permit.n_cuts == self.n_cuts {
            self.fill(now);
            self.rate = (self.rate + self.pace.ceiling / STEPS).min(self.pace.ceiling);
        }
    }

    /// A call was one too many. What the bucket holds has come at a rate that was too high.
    pub(super) fn throttled(&mut self, permit: Permit, now: Instant) {
        if permit.n_cuts == self.n_cuts {
            self.fill(now);
            self.n_cuts += 1;
            self.tokens = 0.0;
            self.rate = (self.rate / 2.0).max(self.pace.ceiling / STEPS);
        }
    }

    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    fn fill(&mut self, now: Instant) {
        let since = now.saturating_duration_since(self.filled_at);
        self.tokens = since.as_secs_f64().mul_add(self.rate, self.tokens).min(self.depth());
        self.filled_at = self.filled_at.max(now);
    }

    /// How many may come at once: fewer, the slower it goes.
    fn depth(&self) -> f64 {
        (self.pace.burst * self.rate / self.pace.ceiling).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What happens to a bucket: time passes, a call is tried, the answer to one of them comes.
    #[derive(Clone, Debug)]
    enum Happening {
        Pause { millis: u64 },
        Take,
        Answer { which: prop::sample::Index, is_throttled: bool },
    }

    fn happenings() -> impl Strategy<Value = Vec<Happening>> {
        let one = prop_oneof![
            2 => (0_u64..2_000).prop_map(|millis| Happening::Pause { millis }),
            5 => Just(Happening::Take),
            3 => (any::<prop::sample::Index>(), any::<bool>())
                .prop_map(|(which, is_throttled)| Happening::Answer { which, is_throttled }),
        ];
        prop::collection::vec(one, 1..200)
    }

    proptest! {
        /// Over every stretch of time, whatever AWS answers.
        #[test]
        fn no_more_is_let_through_than_burst_and_ceiling(
            ceiling in 1_u32..200, burst in 1_u32..200, happenings in happenings(),
        ) {
            let (ceiling, burst) = (f64::from(ceiling), f64::from(burst));
            let mut now = Instant::now();
            let mut bucket = Bucket::new(Pace::new(ceiling, burst), now);
            let (mut taken, mut permits) = (Vec::new(), Vec::new());
            for happening in happenings {
                match happening {
                    Happening::Pause { millis } => now += Duration::from_millis(millis),
                    Happening::Take => match bucket.take(now) {
                        Ok(permit) => { taken.push(now); permits.push(permit); }
                        Err(at) => prop_assert!(at > now),
                    },
                    Happening::Answer { .. } if permits.is_empty() => {}
                    Happening::Answer { which, is_throttled } => {
                        let permit = permits.swap_remove(which.index(permits.len()));
                        let answer = if is_throttled { Bucket::throttled } else { Bucket::passed };
                        answer(&mut bucket, permit, now);
                        prop_assert!(bucket.rate() <= ceiling && bucket.rate() >= ceiling / STEPS);
                    }
                }
            }
            for (first, from) in taken.iter().enumerate() {
                for (n_later, to) in taken[first..].iter().enumerate() {
                    let n_taken = f64::from(u32::try_from(n_later + 1).unwrap());
                    let let_through = (*to - *from).as_secs_f64().mul_add(ceiling, burst);
                    prop_assert!(n_taken <= let_through + 1e-3, "{n_taken} > {let_through}");
                }
            }
        }

        #[test]
        fn a_token_is_there_when_it_was_said_to_be(ceiling in 1_u32..200, n_before in 0_u32..50) {
            let mut now = Instant::now();
            let mut bucket = Bucket::new(Pace::new(f64::from(ceiling), 1.0), now);
            for _ in 0..=n_before {
                if let Err(at) = bucket.take(now) {
                    now = at;
                    prop_assert!(bucket.take(now).is_ok());
                }
            }
        }

        /// The rate falls to its floor and no further, and calls that pass bring it back.
        #[test]
        fn refusals_slow_down_and_successes_recover(n_refusals in 1_u32..20, ceiling in 1_u32..200) {
            let mut now = Instant::now();
            let mut bucket = Bucket::new(Pace::new(f64::from(ceiling), 100.0), now);
            let mut next = |bucket: &mut Bucket| bucket.take(now).or_else(|at| {
                now = at;
                bucket.take(now)
            }).map(|permit| (permit, now)).unwrap();
            for _ in 0..n_refusals {
                let before = bucket.rate();
                let (permit, at) = next(&mut bucket);
                bucket.throttled(permit, at);
                let floor = f64::from(ceiling) / STEPS;
                prop_assert!((bucket.rate() - (before / 2.0).max(floor)).abs() < ROUNDING);
            }
            for _ in 0..50 {
                let before = bucket.rate();
                let (permit, at) = next(&mut bucket);
                bucket.passed(permit, at);
                prop_assert!(bucket.rate() > before || bucket.rate() >= f64::from(ceiling) - ROUNDING);
            }
            prop_assert!((bucket.rate() - f64::from(ceiling)).abs() < ROUNDING);
        }
    }

    #[test]
    fn calls_that_were_sent_together_cut_the_rate_once() {
        let now = Instant::now();
        let mut bucket = Bucket::new(Pace::new(64.0, 100.0), now);
        let permits: Vec<Permit> = (0..100).map(|_| bucket.take(now).unwrap()).collect();
        for (i, permit) in permits.into_iter().enumerate() {
            if i % 2 == 0 { bucket.throttled(permit, now) } else { bucket.passed(permit, now) }
        }
        assert!((bucket.rate() - 32.0).abs() < ROUNDING, "{}", bucket.rate());
    }
}
