//! How many tokens that are not valid an address may show.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock as _,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed, keyed::HashMapStateStore},
};

use super::{Authentication, address::sender, our_clock::OurClock};
use crate::clock::Clock;

/// Senders that are counted one by one. Those beyond them are counted together.
const SENDERS_MAX: usize = 10_000;
/// Stands for all who are not counted one by one.
const OTHERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// How many are recorded in a second, and how many after a pause. The record is kept for years, and who has many
/// addresses is not to fill it.
const RECORDED_PER_SECOND: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
const RECORDED_BURST: NonZeroU32 = NonZeroU32::new(100).expect("a hundred is not zero");

type Senders = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, OurClock, NoOpMiddleware<Duration>>;
type All = RateLimiter<NotKeyed, InMemoryState, OurClock, NoOpMiddleware<Duration>>;

/// Counts failures by the address that they come from.
pub(super) struct Failures {
    senders: Senders,
    /// Looking through all senders for those that can be forgotten takes a while: once in a second.
    sweeps: All,
    recorded: All,
}

impl Failures {
    pub(super) fn new(authentication: &Authentication, clock: &Arc<dyn Clock>) -> Self {
        let per_minute = match authentication {
            Authentication::None { .. } => NonZeroU32::MIN,
            Authentication::Bearer(rules) => rules.failures_per_minute,
        };
        let clock = OurClock::new(clock);
        let recorded = Quota::per_second(RECORDED_PER_SECOND).allow_burst(RECORDED_BURST);
        Self {
            senders: RateLimiter::hashmap_with_clock(Quota::per_minute(per_minute), clock.clone()),
            sweeps: RateLimiter::direct_with_clock(
                Quota::per_second(NonZeroU32::MIN),
                clock.clone(),
            ),
            recorded: RateLimiter::direct_with_clock(recorded, clock),
        }
    }

    /// Counts one. If there were too many, answers how long to wait.
    pub(super) fn count(&self, address: Option<IpAddr>) -> Result<(), Duration> {
        if self.senders.len() >= SENDERS_MAX && self.sweeps.check().is_ok() {
            self.senders.retain_recent();
        }
        let is_crowded = self.senders.len() >= SENDERS_MAX;
        let key = address.filter(|_| !is_crowded).map_or(OTHERS, sender);
        let now = self.senders.clock().now();
        self.senders.check_key(&key).map_err(|refused| refused.wait_time_from(now))
    }

    /// Whether one that was counted is to be recorded, or too many were a moment ago.
    pub(super) fn may_record(&self) -> bool {
        self.recorded.check().is_ok()
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failures").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use jiff::Timestamp;

    use super::*;
    use crate::api::access::{BearerRules, TrustedProxies};

    /// In milliseconds.
    #[derive(Default)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_millisecond(1_795_292_100_000 + self.0.load(Ordering::Relaxed)).unwrap()
        }
    }

    fn at_most(failures_per_minute: u32) -> Authentication {
        Authentication::Bearer(BearerRules {
            trusted_proxies: TrustedProxies::default(),
            failures_per_minute: NonZeroU32::new(failures_per_minute).unwrap(),
            issuer: None,
        })
    }

    #[test]
    fn an_address_that_fails_too_often_waits_and_others_do_not() {
        let hand = Arc::new(Hand::default());
        let clock: Arc<dyn Clock> = hand.clone();
        let failures = Failures::new(&at_most(6), &clock);
        let bad = Some("192.0.2.1".parse().unwrap());
        for _ in 0..6 {
            assert_eq!(failures.count(bad), Ok(()));
        }
        assert_eq!(failures.count(bad), Err(Duration::from_secs(10)));
        assert_eq!(failures.count(Some("192.0.2.2".parse().unwrap())), Ok(()));
        assert_eq!(failures.count(None), Ok(()));
        hand.0.store(10_000, Ordering::Relaxed);
        assert_eq!(failures.count(bad), Ok(()));
        assert!(failures.count(bad).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_lets_nobody_wait_for_the_old_time() {
        let hand = Arc::new(Hand::default());
        let clock: Arc<dyn Clock> = hand.clone();
        let failures = Failures::new(&Authentication::None { port: 1 }, &clock);
        let bad = Some("192.0.2.1".parse().unwrap());
        assert_eq!(failures.count(bad), Ok(()));
        hand.0.store(-86_400_000, Ordering::Relaxed);
        assert_eq!(failures.count(bad), Err(Duration::from_mins(1)));
        hand.0.store(-86_400_000 + 60_000, Ordering::Relaxed);
        assert_eq!(failures.count(bad), Ok(()));
    }

    #[test]
    fn however_many_addresses_fail_the_memory_is_bounded() {
        let clock: Arc<dyn Clock> = Arc::new(Hand::default());
        let failures = Failures::new(&Authentication::None { port: 1 }, &clock);
        for number in 0..2 * u32::try_from(SENDERS_MAX).unwrap() {
            let _counted = failures.count(Some(Ipv4Addr::from_bits(0x0a00_0000 + number).into()));
        }
        assert!(failures.senders.len() <= SENDERS_MAX + 1);
    }

    /// At this rate each sender can be forgotten after ten milliseconds.
    #[test]
    fn senders_are_looked_through_once_in_a_second_at_most() {
        let hand = Arc::new(Hand::default());
        let clock: Arc<dyn Clock> = hand.clone();
        let failures = Failures::new(&at_most(6_000), &clock);
        let count_at = |millisecond, number| {
            hand.0.store(millisecond, Ordering::Relaxed);
            failures.count(Some(Ipv4Addr::from_bits(0x0a00_0000 + number).into())).unwrap();
            failures.senders.len()
        };
        let max = u32::try_from(SENDERS_MAX).unwrap();
        for number in 0..max {
            count_at(0, number);
        }
        assert_eq!(count_at(0, max), SENDERS_MAX + 1);
        assert_eq!(count_at(500, max), SENDERS_MAX + 1);
        assert_eq!(count_at(1_000, max), 1);
    }
}
