//! How long AWS takes for something, learned from how long it took.
//!
//! The estimate is the one by which TCP learns the time of a round trip
//! (<https://www.rfc-editor.org/rfc/rfc6298#section-2>): a smoothed mean and its deviation. So
//! there are few looks before the end can be expected, and close ones when it can.

use std::time::Duration;

/// Shares of a new sample in the mean and in the deviation.
const ALPHA: f64 = 1.0 / 8.0;
const BETA: f64 = 1.0 / 4.0;
/// The closest that two looks come to each other, as a share of what is waited for.
const CLOSEST: f64 = 1.0 / 50.0;
/// The pause while nothing has been learned, as a share of the time that was waited.
const UNLEARNED: f64 = 1.0 / 6.0;
/// The pause when the end is overdue, as a share of how much.
const OVERDUE: f64 = 1.0 / 4.0;

/// An estimate, and the bounds of the pauses that follow from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expectation {
    learned: Option<Learned>,
    shortest: Duration,
    longest: Duration,
}

/// In seconds.
#[derive(Clone, Copy, Debug)]
struct Learned {
    mean: f64,
    deviation: f64,
}

impl Expectation {
    /// Nothing is known yet. No two looks come closer than `shortest`, nor, when the end is near
    /// or overdue, farther apart than `longest`.
    pub(super) fn new(shortest: Duration, longest: Duration) -> Self {
        Self { learned: None, shortest, longest }
    }

    /// It took so long.
    pub(super) fn learn(&mut self, took: Duration) {
        let took = took.as_secs_f64();
        self.learned = Some(match self.learned {
            None => Learned { mean: took, deviation: took / 8.0 },
            Some(Learned { mean, deviation }) => Learned {
                mean: mean + ALPHA * (took - mean),
                deviation: deviation + BETA * ((took - mean).abs() - deviation),
            },
        });
    }

    /// How long it will likely take.
    pub(super) fn likely(&self) -> Option<Duration> {
        self.learned.map(|learned| Duration::from_secs_f64(learned.mean))
    }

    /// The pause before the next look at something that has lasted for so long.
    pub(super) fn pause(&self, lasted: Duration) -> Duration {
        let lasted = lasted.as_secs_f64();
        let Some(Learned { mean, deviation }) = self.learned else {
            return self.bounded(lasted * UNLEARNED);
        };
        let begin = (mean - 2.0 * deviation).max(mean / 2.0);
        let end = mean + 4.0 * deviation.max(mean * CLOSEST);
        if lasted < begin {
            // Not cut off: it is the few looks before the end that this saves.
            return Duration::from_secs_f64(begin - lasted).max(self.shortest);
        }
        let close = (deviation / 2.0).max(mean * CLOSEST);
        self.bounded(close.max((lasted - end) * OVERDUE))
    }

    fn bounded(&self, seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds).clamp(self.shortest, self.longest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHORTEST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_secs(10);

    /// How many looks it takes, and how late the last one is.
    fn watch(expectation: &Expectation, takes: Duration) -> (u32, Duration) {
        let (mut lasted, mut looks) = (Duration::ZERO, 0);
        while lasted < takes {
            lasted += expectation.pause(lasted);
            looks += 1;
        }
        (looks, lasted.saturating_sub(takes))
    }

    #[test]
    fn what_takes_equally_long_each_time_is_met_when_it_ends() {
        let mut expectation = Expectation::new(SHORTEST, LONGEST);
        let takes = Duration::from_mins(1);
        let (unlearned, _) = watch(&expectation, takes);
        for _ in 0..20 {
            let (_, late) = watch(&expectation, takes);
            expectation.learn(takes + late / 2);
        }
        let (looks, late) = watch(&expectation, takes);
        assert!(looks <= 6 && looks < unlearned, "{looks} looks, {unlearned} at first");
        assert!(late <= takes / 40, "{late:?}");
    }

    proptest! {
        #[test]
        fn a_look_is_never_later_than_a_share_of_the_wait(
            before in prop::collection::vec(1_u64..600_000, 0..30),
            takes in 1_u64..600_000,
        ) {
            let mut expectation = Expectation::new(SHORTEST, LONGEST);
            let longest_before = before.iter().max().copied().unwrap_or(0);
            for took in before {
                expectation.learn(Duration::from_millis(took));
            }
            let takes = Duration::from_millis(takes);
            let (_, late) = watch(&expectation, takes);
            let longest = LONGEST.max(Duration::from_millis(longest_before));
            prop_assert!(late <= longest, "{late:?}");
        }

        #[test]
        fn nobody_looks_without_a_pause(
            before in prop::collection::vec(0_u64..600_000, 0..30),
            lasted in 0_u64..6_000_000,
        ) {
            let mut expectation = Expectation::new(SHORTEST, LONGEST);
            for took in before {
                expectation.learn(Duration::from_millis(took));
            }
            prop_assert!(expectation.pause(Duration::from_millis(lasted)) >= SHORTEST);
        }
    }
}
