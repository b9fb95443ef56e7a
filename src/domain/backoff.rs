//! How long to wait before a failed step is tried again.

use std::time::Duration;

/// Exponential backoff with jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest first delay.
    pub base: Duration,
    /// The longest delay of all.
    pub max: Duration,
}

impl Backoff {
    /// The delay after the given number of failures in a row (1 is the first).
    ///
    /// With a base of 1 s and a maximum of 5 min the limits are 1, 2, 4, 8, 16, 32, 64, 128, 256
    /// and then 300 s. The delay lies between half of the limit and the limit, as `random` says
    /// (0 to 255), so that tenants that failed together do not come back together.
    #[must_use]
    pub fn delay(&self, failures: u32, random: u8) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let limit = self.base.saturating_mul(1 << doublings).min(self.max);
        limit / 2 + (limit / 2).mul_f64(f64::from(random) / 255.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BACKOFF: Backoff = Backoff { base: Duration::from_secs(1), max: Duration::from_mins(5) };

    #[test]
    fn the_limits_are_those_of_the_documentation() {
        let limits: Vec<u64> = (1..=11).map(|n| BACKOFF.delay(n, 255).as_secs()).collect();
        assert_eq!(limits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(BACKOFF.delay(3, 0), Duration::from_secs(2));
    }

    proptest! {
        #[test]
        fn a_delay_stays_between_half_its_limit_and_its_limit(failures: u32, random: u8) {
            let limit = BACKOFF.delay(failures, 255);
            let delay = BACKOFF.delay(failures, random);
            prop_assert!(limit / 2 <= delay && delay <= limit);
            prop_assert!(delay <= BACKOFF.max);
        }
    }
}
