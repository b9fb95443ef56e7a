//! When a cache will be full, if it goes on as it did.

use std::time::Duration;

use jiff::Timestamp;

/// How the number of our users in a cache changed lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// How many users were asked for.
    pub added: u64,
    /// How many were gone for good.
    pub gone: u64,
    /// How long it was looked back.
    pub over: Duration,
}

const DAY: Duration = Duration::from_hours(24);

impl Growth {
    /// How far back it is looked: four whole weeks, because sign-ups have weekdays.
    pub const WINDOW: Duration = Duration::from_hours(28 * 24);
    /// The shortest history that says something.
    const SHORTEST: Duration = Duration::from_hours(7 * 24);

    /// How long it is looked back in a cache whose first user was asked for at this time.
    #[must_use]
    pub fn look_back(first_user_at: Timestamp, now: Timestamp) -> Duration {
        let age = Duration::try_from(now.duration_since(first_user_at)).unwrap_or_default();
        age.min(Self::WINDOW)
    }

    /// In how many whole days these places will be taken at the same pace.
    ///
    /// `None`: the cache does not grow, or has too short a history.
    #[must_use]
    pub fn days_to_full(self, free: u64) -> Option<u64> {
        if free == 0 {
            return Some(0);
        }
        let net = self.added.checked_sub(self.gone).filter(|net| *net > 0)?;
        if self.over < Self::SHORTEST {
            return None;
        }
        let seconds = u128::from(free) * u128::from(self.over.as_secs()) / u128::from(net);
        u64::try_from(seconds / u128::from(DAY.as_secs())).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growth(added: u64, gone: u64, days: u64) -> Growth {
        Growth { added, gone, over: Duration::from_hours(days * 24) }
    }

    #[test]
    fn places_run_out_at_the_pace_of_what_came_less_what_went() {
        assert_eq!(growth(28, 0, 28).days_to_full(10), Some(10));
        assert_eq!(growth(42, 14, 28).days_to_full(10), Some(10));
        assert_eq!(growth(14, 0, 7).days_to_full(10), Some(5));
        assert_eq!(growth(3, 0, 28).days_to_full(1), Some(9), "whole days only");
    }

    #[test]
    fn what_does_not_grow_is_never_full() {
        assert_eq!(growth(5, 5, 28).days_to_full(10), None);
        assert_eq!(growth(5, 9, 28).days_to_full(10), None);
        assert_eq!(growth(0, 0, 28).days_to_full(10), None);
    }

    #[test]
    fn a_full_cache_is_full_today_whatever_its_history() {
        assert_eq!(growth(0, 9, 0).days_to_full(0), Some(0));
    }

    #[test]
    fn a_few_days_are_no_history() {
        assert_eq!(growth(50, 0, 6).days_to_full(10), None);
        let now = Timestamp::constant(1_795_292_100, 0);
        let days_ago = |days: u64| now - Duration::from_hours(24 * days);
        assert_eq!(Growth::look_back(days_ago(3), now), Duration::from_hours(72));
        assert_eq!(Growth::look_back(days_ago(300), now), Growth::WINDOW);
        assert_eq!(Growth::look_back(now, days_ago(1)), Duration::ZERO, "clocks are set back");
    }
}
