//! How much is taken of callers at once, and how long they may take.

use std::{num::NonZeroU32, time::Duration};

use serde::Deserialize;

use super::rules;

/// How much is taken of callers at once, and how long they may take. See [`docs/limits.md`](limits.md).
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct LimitsConfig {
    /// How many connections are held. One that comes beyond them is closed at once.
    ///
    /// Default: `20000`. Variable: `RINGFENCE_LIMITS__CONNECTIONS`.
    pub connections: NonZeroU32,

    /// How long a connection is held between two requests. Longer than what stands before the service keeps
    /// its own connections open.
    ///
    /// Default: `5m`. Variable: `RINGFENCE_LIMITS__IDLE_TIMEOUT`.
    #[serde(deserialize_with = "rules::duration")]
    pub idle_timeout: Duration,

    /// How long the head of a request may take from its first byte to its last; that of a connection's first
    /// request from when the connection is made.
    ///
    /// Default: `10s`. Variable: `RINGFENCE_LIMITS__HEAD_TIMEOUT`.
    #[serde(deserialize_with = "rules::duration")]
    pub head_timeout: Duration,

    /// How long the body of a request may take to come in as a whole.
    ///
    /// Default: `10s`. Variable: `RINGFENCE_LIMITS__BODY_TIMEOUT`.
    #[serde(deserialize_with = "rules::duration")]
    pub body_timeout: Duration,

    /// How long a caller may take nothing of an answer that is ready for it.
    ///
    /// Default: `30s`. Variable: `RINGFENCE_LIMITS__WRITE_TIMEOUT`.
    #[serde(deserialize_with = "rules::duration")]
    pub write_timeout: Duration,

    /// How many requests a second one caller may send for long. Callers are told apart by their tokens,
    /// and without authentication by their addresses.
    ///
    /// Default: `1000`. Variable: `RINGFENCE_LIMITS__REQUESTS_PER_SECOND`.
    pub requests_per_second: NonZeroU32,

    /// How many requests one caller may send at once after a pause.
    ///
    /// Default: `5000`. Variable: `RINGFENCE_LIMITS__BURST`.
    pub burst: NonZeroU32,

    /// How many requests a second all callers together may send. Those who read the open pages without a
    /// token, where tokens are asked for, are counted apart.
    ///
    /// Default: `20000`. Variable: `RINGFENCE_LIMITS__TOTAL_REQUESTS_PER_SECOND`.
    pub total_requests_per_second: NonZeroU32,

    /// How many requests that only read are answered at once.
    ///
    /// Default: `1000`. Variable: `RINGFENCE_LIMITS__READS_AT_ONCE`.
    pub reads_at_once: NonZeroU32,

    /// How many requests that may change something are answered at once.
    ///
    /// Default: `1000`. Variable: `RINGFENCE_LIMITS__WRITES_AT_ONCE`.
    pub writes_at_once: NonZeroU32,

    /// How many requests wait at once for an outcome (`Prefer: wait`). They do not count as the others
    /// do.
    ///
    /// Default: `10000`. Variable: `RINGFENCE_LIMITS__WAITS_AT_ONCE`.
    pub waits_at_once: NonZeroU32,

    /// How many streams of events, and of lines, are sent at once.
    ///
    /// Default: `200`. Variable: `RINGFENCE_LIMITS__STREAMS_AT_ONCE`.
    pub streams_at_once: NonZeroU32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let count = |count| NonZeroU32::new(count).expect("none of these is zero");
        Self {
            connections: count(20_000),
            idle_timeout: Duration::from_mins(5),
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            requests_per_second: count(1_000),
            burst: count(5_000),
            total_requests_per_second: count(20_000),
            reads_at_once: count(1_000),
            writes_at_once: count(1_000),
            waits_at_once: count(10_000),
            streams_at_once: count(200),
        }
    }
}
