//! How often callers may ask: each of them, and all together.

use std::{fmt, net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::Clock as _,
    middleware::{NoOpMiddleware, StateInformationMiddleware},
    state::{InMemoryState, NotKeyed, keyed::HashMapStateStore},
};

use super::{address::sender, our_clock::OurClock, refusal::Refusal};
use crate::{clock::Clock, config::LimitsConfig, domain::TokenId};

/// Callers that are counted one by one. Addresses and subjects beyond them are counted together.
const CALLERS_MAX: usize = 10_000;
/// How many requests a second without a token are answered where tokens are asked for. There are only the open
/// pages for them, which a person reads.
const STRANGERS_PER_SECOND: NonZeroU32 = NonZeroU32::new(1_000).expect("a thousand is not zero");

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

type Callers = RateLimiter<Who, HashMapStateStore<Who>, OurClock, StateInformationMiddleware>;
type All = RateLimiter<NotKeyed, InMemoryState, OurClock, NoOpMiddleware<Duration>>;

/// Counts requests by who sends them.
pub struct Rates {
    callers: Callers,
    /// Looking through all callers for those that can be forgotten takes a while: once in a second.
    sweeps: All,
    all: All,
    strangers: All,
    terms: Terms,
}

/// What each caller may do.
#[derive(Clone, Copy, Debug)]
struct Terms {
    per_second: NonZeroU32,
    burst: NonZeroU32,
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// Those with a token.
    Token(TokenId),
    /// Those with tokens of the issuer for a subject, by a hash of both.
    Subject([u8; SHA256_OUTPUT_LEN]),
    /// Those from an address without one.
    Address(IpAddr),
    /// Those of whom nothing is known, or who are too many to be told apart.
    Others,
}

impl Who {
    /// Those for whom an issuer vouches as this subject, whatever token they show.
    pub(super) fn subject(issuer: &str, subject: &str) -> Self {
        let mut hash = [0; SHA256_OUTPUT_LEN];
        // No issuer has this in it.
        let text = format!("{issuer}#{subject}");
        hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Self::Subject(hash)
    }

    /// Those from this address, if it is known.
    pub(super) fn at(address: Option<IpAddr>) -> Self {
        address.map_or(Self::Others, Self::Address)
    }
}

/// What a caller has left.
#[derive(Clone, Copy, Debug)]
pub(in crate::api) struct Allowance {
    terms: Terms,
    left: u32,
    whole_after: Duration,
}

impl Rates {
    /// Counts from nothing, up to these limits.
    #[must_use]
    pub fn new(limits: &LimitsConfig, clock: &Arc<dyn Clock>) -> Self {
        let terms = Terms { per_second: limits.requests_per_second, burst: limits.burst };
        let quota = Quota::per_second(terms.per_second).allow_burst(terms.burst);
        let for_all = Quota::per_second(limits.total_requests_per_second);
        let clock = OurClock::new(clock);
        Self {
            callers: RateLimiter::hashmap_with_clock(quota, clock.clone())
                .with_middleware::<StateInformationMiddleware>(),
            sweeps: RateLimiter::direct_with_clock(
                Quota::per_second(NonZeroU32::MIN),
                clock.clone(),
            ),
            all: RateLimiter::direct_with_clock(for_all, clock.clone()),
            strangers: RateLimiter::direct_with_clock(
                Quota::per_second(STRANGERS_PER_SECOND),
                clock,
            ),
            terms,
        }
    }

    /// Counts a request of somebody who may ask, and says what is left; or refuses it.
    pub(super) fn count(&self, who: Who) -> Result<Allowance, Refusal> {
        let allowance = self.count_one(who)?;
        self.all.check().map(|()| allowance).map_err(|refused| Refusal::RateLimited {
            detail: "all callers together ask more often than they may; wait as long as Retry-After \
                     says",
            retry_after: refused.wait_time_from(self.all.clock().now()),
            allowance,
        })
    }

    /// Counts a request of somebody who has shown no token where tokens are asked for. It takes nothing from
    /// those who have one, and is refused before it is counted with its address: who has many of these is not
    /// to crowd out the others.
    pub(super) fn count_stranger(&self, address: Option<IpAddr>) -> Result<Allowance, Refusal> {
        self.strangers.check().map_err(|refused| Refusal::RateLimited {
            detail: "all callers without a token together ask more often than they may; wait as long as \
                     Retry-After says",
            retry_after: refused.wait_time_from(self.strangers.clock().now()),
            allowance: self.allowance(0),
        })?;
        self.count_one(Who::at(address))
    }

    fn count_one(&self, who: Who) -> Result<Allowance, Refusal> {
        if self.callers.len() >= CALLERS_MAX && self.sweeps.check().is_ok() {
            self.callers.retain_recent();
        }
        let who = match who {
            Who::Address(_) | Who::Subject(_) if self.callers.len() >= CALLERS_MAX => Who::Others,
            Who::Address(address) => Who::Address(sender(address)),
            Who::Token(_) | Who::Subject(_) | Who::Others => who,
        };
        let now = self.callers.clock().now();
        match self.callers.check_key(&who) {
            Ok(state) => Ok(self.allowance(state.remaining_burst_capacity())),
            Err(refused) => Err(Refusal::RateLimited {
                detail: "the caller asks more often than it may; wait as long as Retry-After says",
                retry_after: refused.wait_time_from(now),
                allowance: self.allowance(0),
            }),
        }
    }

    fn allowance(&self, left: u32) -> Allowance {
        let terms = self.terms;
        let missing = terms.burst.get().saturating_sub(left);
        let whole_after = Duration::from_secs(missing.div_ceil(terms.per_second.get()).into());
        Allowance { terms, left, whole_after }
    }
}

impl Allowance {
    /// Tells the caller, as the IETF's draft on rate limits has it
    /// (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/>).
    pub(in crate::api) fn write(self, headers: &mut HeaderMap) {
        let Terms { per_second, burst } = self.terms;
        let window = burst.get().div_ceil(per_second.get());
        let policy = format!("\"default\";q={burst};w={window}");
        let state = format!("\"default\";r={};t={}", self.left, self.whole_after.as_secs());
        for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, state)] {
            let value = HeaderValue::try_from(value).expect("numbers are plain ASCII");
            headers.insert(name, value);
        }
    }
}

impl fmt::Debug for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rates").field("terms", &self.terms).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::Ipv4Addr,
        sync::atomic::{AtomicI64, Ordering},
    };

    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    #[derive(Default)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(1_795_292_100 + self.0.load(Ordering::Relaxed)).unwrap()
        }
    }

    fn count(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    fn refused_for(outcome: Result<Allowance, Refusal>) -> Duration {
        match outcome.unwrap_err() {
            Refusal::RateLimited { retry_after, .. } => retry_after,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_caller_that_asks_too_often_waits_and_others_do_not() {
        let hand = Arc::new(Hand::default());
        let clock: Arc<dyn Clock> = hand.clone();
        let limits = LimitsConfig {
            requests_per_second: count(2),
            burst: count(4),
            ..LimitsConfig::default()
        };
        let rates = Rates::new(&limits, &clock);
        let token = |number| Who::Token(TokenId(Uuid::from_u128(number)));
        for left in (0..4).rev() {
            assert_eq!(rates.count(token(1)).unwrap().left, left);
        }
        assert_eq!(refused_for(rates.count(token(1))), Duration::from_millis(500));
        assert_eq!(rates.count(token(2)).unwrap().left, 3);
        assert_eq!(rates.count(Who::Others).unwrap().left, 3);
        for (subject, left) in [("a", 3), ("b", 3), ("a", 2)] {
            let who = Who::subject("https://login.example.com", subject);
            assert_eq!(rates.count(who).unwrap().left, left, "{subject}");
        }
        hand.0.store(1, Ordering::Relaxed);
        assert_eq!(rates.count(token(1)).unwrap().left, 1);
    }

    #[test]
    fn all_together_ask_no_more_than_all_may() {
        let clock: Arc<dyn Clock> = Arc::new(Hand::default());
        let limits =
            LimitsConfig { total_requests_per_second: count(2), ..LimitsConfig::default() };
        let rates = Rates::new(&limits, &clock);
        let address = |last| Who::Address(Ipv4Addr::new(192, 0, 2, last).into());
        rates.count(address(1)).unwrap();
        rates.count(address(2)).unwrap();
        assert_eq!(refused_for(rates.count(address(3))), Duration::from_millis(500));
    }

    #[test]
    fn those_without_a_token_take_nothing_from_those_who_have_one() {
        let clock: Arc<dyn Clock> = Arc::new(Hand::default());
        let limits =
            LimitsConfig { total_requests_per_second: count(1), ..LimitsConfig::default() };
        let rates = Rates::new(&limits, &clock);
        let stranger = |number| {
            let address = Ipv4Addr::from_bits(0x0a00_0000 + number).into();
            rates.count_stranger(Some(address))
        };
        for number in 0..STRANGERS_PER_SECOND.get() {
            stranger(number).unwrap();
        }
        assert_eq!(refused_for(stranger(0)), Duration::from_millis(1));
        rates.count(Who::Token(TokenId(Uuid::from_u128(1)))).unwrap();
    }

    #[test]
    fn however_many_addresses_ask_the_memory_is_bounded() {
        let clock: Arc<dyn Clock> = Arc::new(Hand::default());
        let rates = Rates::new(&LimitsConfig::default(), &clock);
        for number in 0..2 * u32::try_from(CALLERS_MAX).unwrap() {
            let address = Ipv4Addr::from_bits(0x0a00_0000 + number).into();
            let _counted = rates.count(Who::Address(address));
        }
        assert!(rates.callers.len() <= CALLERS_MAX + 1);
    }

    #[test]
    fn the_headers_are_structured_fields() {
        let clock: Arc<dyn Clock> = Arc::new(Hand::default());
        let rates = Rates::new(&LimitsConfig::default(), &clock);
        let mut headers = HeaderMap::new();
        rates.count(Who::Others).unwrap().write(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"default\";q=5000;w=5");
        assert_eq!(headers["ratelimit"], "\"default\";r=4999;t=1");
    }
}
