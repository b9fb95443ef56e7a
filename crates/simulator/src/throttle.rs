//! Letting so many calls through in a second.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// A token bucket for each operation, filled on the simulator's clock.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    buckets: Mutex<BTreeMap<String, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Timestamp,
}

impl Throttle {
    /// Whether a call of `operation` may pass when `rates` (calls per second) are in force.
    pub(crate) fn admits(
        &self,
        operation: &str,
        rates: &BTreeMap<String, f64>,
        now: Timestamp,
    ) -> bool {
        let Some(&rate) = rates.get(operation).or_else(|| rates.get("*")) else { return true };
        // A second's worth may come at once, and a slow rate still lets the first one through.
        let burst = rate.max(1.0);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket =
            buckets.entry(operation.to_owned()).or_insert(Bucket { tokens: burst, filled_at: now });
        let waited = now.duration_since(bucket.filled_at).as_secs_f64().max(0.0);
        bucket.tokens = waited.mul_add(rate, bucket.tokens).min(burst);
        bucket.filled_at = now;
        if rate <= 0.0 || bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_lets_its_burst_through_and_then_fills_again() {
        let throttle = Throttle::default();
        let rates = BTreeMap::from([("Put".to_owned(), 2.0), ("*".to_owned(), 0.0)]);
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let admitted = |now| throttle.admits("Put", &rates, now);
        assert_eq!([admitted(at(0)), admitted(at(0)), admitted(at(0))], [true, true, false]);
        assert_eq!([admitted(at(9)), admitted(at(9)), admitted(at(9))], [true, true, false]);
        assert!(!throttle.admits("Get", &rates, at(9)), "a rate of nothing lets nothing through");
        assert!(throttle.admits("Get", &BTreeMap::new(), at(9)));
    }
}
