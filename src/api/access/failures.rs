//! How many tokens that are not valid an address may show.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use governor::{
    Quota, RateLimiter, clock::Clock as _, middleware::NoOpMiddleware,
    state::keyed::HashMapStateStore,
};

use super::{Authentication, address::sender, our_clock::OurClock};
use crate::clock::Clock;

/// Senders that are counted one by one. Those beyond them are counted together.
const SENDERS_MAX: usize = 10_000;
/// Stands for all who are not counted one by one.
const OTHERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

type Limiter = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, OurClock, NoOpMiddleware<Duration>>;

/// Counts failures by the address that they come from.
pub(super) struct Failures(Limiter);

impl Failures {
    pub(super) fn new(authentication: &Authentication, clock: &Arc<dyn Clock>) -> Self {
        let per_minute = match authentication {
            Authentication::None { .. } => NonZeroU32::MIN,
            Authentication::Bearer(rules) => rules.failures_per_minute,
        };
        let quota = Quota::per_minute(per_minute);
        Self(RateLimiter::hashmap_with_clock(quota, OurClock::new(clock)))
    }

    /// Counts one. If there were too many, answers how long to wait.
    pub(super) fn count(&self, address: Option<IpAddr>) -> Result<(), Duration> {
        if self.0.len() >= SENDERS_MAX {
            self.0.retain_recent();
        }
        let is_crowded = self.0.len() >= SENDERS_MAX;
        let key = address.filter(|_| !is_crowded).map_or(OTHERS, sender);
        let now = self.0.clock().now();
        self.0.check_key(&key).map_err(|refused| refused.wait_time_from(now))
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

    #[derive(Default)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(1_795_292_100 + self.0.load(Ordering::Relaxed)).unwrap()
        }
    }

    #[test]
    fn an_address_that_fails_too_often_waits_and_others_do_not() {
        let hand = Arc::new(Hand::default());
        let clock: Arc<dyn Clock> = hand.clone();
        let rules = BearerRules {
            trusted_proxies: TrustedProxies::default(),
            failures_per_minute: NonZeroU32::new(6).unwrap(),
            issuer: None,
        };
        let failures = Failures::new(&Authentication::Bearer(rules), &clock);
        let bad = Some("192.0.2.1".parse().unwrap());
        for _ in 0..6 {
            assert_eq!(failures.count(bad), Ok(()));
        }
        assert_eq!(failures.count(bad), Err(Duration::from_secs(10)));
        assert_eq!(failures.count(Some("192.0.2.2".parse().unwrap())), Ok(()));
        assert_eq!(failures.count(None), Ok(()));
        hand.0.store(10, Ordering::Relaxed);
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
        hand.0.store(-86_400, Ordering::Relaxed);
        assert_eq!(failures.count(bad), Err(Duration::from_mins(1)));
        hand.0.store(-86_400 + 60, Ordering::Relaxed);
        assert_eq!(failures.count(bad), Ok(()));
    }

    #[test]
    fn however_many_addresses_fail_the_memory_is_bounded() {
        let clock: Arc<dyn Clock> = Arc::new(Hand::default());
        let failures = Failures::new(&Authentication::None { port: 1 }, &clock);
        for number in 0..2 * u32::try_from(SENDERS_MAX).unwrap() {
            let _counted = failures.count(Some(Ipv4Addr::from_bits(0x0a00_0000 + number).into()));
        }
        assert!(failures.0.len() <= SENDERS_MAX + 1);
    }
}
