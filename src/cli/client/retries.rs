//! When a request is sent again.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::problem::Refusal;

/// How often a request is sent at most.
const TRIES_MAX: u32 = 5;
/// Nobody looks at a silent terminal for longer than this.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// The tries of one request. Each repetition carries the same `Idempotency-Key`, so it starts nothing a
/// second time where the operation knows keys.
#[derive(Debug, Default)]
pub(super) struct Tries {
    n_sent: u32,
}

impl Tries {
    /// How long to wait before the next try, if there is one after this refusal.
    ///
    /// The service says by `Retry-After` how long; else it is 1, 2, 4 and 8 seconds. One that asks for
    /// longer than half a minute gets no second try: the caller can do something better than wait.
    pub(super) fn after(&mut self, refusal: &Refusal, headers: &HeaderMap) -> Option<Duration> {
        if !refusal.may_pass() {
            return None;
        }
        let asked = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        self.pause(asked.map(Duration::from_secs))
    }

    /// The same, for an answer that was lost on its way.
    pub(super) fn after_silence(&mut self) -> Option<Duration> {
        self.pause(None)
    }

    fn pause(&mut self, asked: Option<Duration>) -> Option<Duration> {
        self.n_sent += 1;
        let pause = asked.unwrap_or_else(|| Duration::from_secs(1 << (self.n_sent - 1)));
        (self.n_sent < TRIES_MAX && pause <= PAUSE_MAX).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use reqwest::{StatusCode, Url};

    use super::*;

    fn pauses(status: StatusCode, headers: &HeaderMap) -> Vec<u64> {
        pauses_after(status, "", headers)
    }

    fn pauses_after(status: StatusCode, body: &str, headers: &HeaderMap) -> Vec<u64> {
        let service = Url::parse("http://127.0.0.1:8080/").unwrap();
        let refusal = Refusal::read(status, body, &service);
        let mut tries = Tries::default();
        std::iter::from_fn(|| tries.after(&refusal, headers)).map(|pause| pause.as_secs()).collect()
    }

    #[test]
    fn what_may_pass_is_tried_five_times_with_growing_pauses() {
        let headers = HeaderMap::new();
        assert_eq!(pauses(StatusCode::SERVICE_UNAVAILABLE, &headers), [1, 2, 4, 8]);
        assert_eq!(pauses(StatusCode::CONFLICT, &headers), [0; 0]);
        assert_eq!(pauses(StatusCode::INTERNAL_SERVER_ERROR, &headers), [0; 0]);
    }

    /// Of two that carry one key the first may have been ours, its answer lost.
    #[test]
    fn a_key_in_flight_is_the_one_conflict_that_passes() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "1".parse().unwrap())]);
        for (kind, expected) in [("idempotency-key-in-flight", vec![1; 4]), ("stale", vec![])] {
            let body = format!(r#"{{"type": "/problems/{kind}"}}"#);
            assert_eq!(pauses_after(StatusCode::CONFLICT, &body, &headers), expected, "{kind}");
        }
    }

    #[test]
    fn the_service_says_how_long_unless_that_is_too_long() {
        let asked = |seconds: &str| HeaderMap::from_iter([(RETRY_AFTER, seconds.parse().unwrap())]);
        assert_eq!(pauses(StatusCode::TOO_MANY_REQUESTS, &asked("3")), [3; 4]);
        assert_eq!(pauses(StatusCode::TOO_MANY_REQUESTS, &asked("31")), [0; 0]);
    }
}
