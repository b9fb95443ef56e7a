//! The log of every call, for whoever wants to know what a client did.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::faults::When;

/// So many calls are remembered; older ones are forgotten first.
const KEPT: usize = 100_000;

/// One of the services that are imitated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Amazon ElastiCache.
    ElastiCache,
    /// AWS Secrets Manager.
    SecretsManager,
    /// AWS Security Token Service.
    Sts,
}

/// One call that reached the simulator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// Counts up from 1, in the order of arrival.
    pub seq: u64,
    /// When it arrived, on the simulator's clock.
    pub at: Timestamp,
    /// The service it was for.
    pub service: Service,
    /// The operation, such as `CreateUser`.
    pub operation: String,
    /// What was sent. Passwords and secret values are replaced by `"(redacted)"`.
    pub parameters: Value,
    /// What became of it.
    pub outcome: Outcome,
    /// The fault that struck it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<When>,
}

/// What became of a call, as its client saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// There is no answer yet.
    InFlight,
    /// It was answered.
    Answered,
    /// It was refused.
    Refused {
        /// The wire code.
        code: String,
        /// The HTTP status.
        status: u16,
    },
    /// Its connection was ended without an answer.
    Dropped,
    /// Its client went away before it was answered. It may have had its effect.
    Abandoned,
}

/// A call as it arrives.
pub(crate) struct Arrival<'a> {
    pub(crate) at: Timestamp,
    pub(crate) service: Service,
    pub(crate) operation: &'a str,
    pub(crate) parameters: Value,
}

/// Every call, in the order of arrival.
#[derive(Debug, Default)]
pub(crate) struct CallLog {
    kept: Mutex<Kept>,
}

/// A call whose end is not noted yet.
///
/// A server drops the work on a request whose client has gone; the log then says so.
#[derive(Debug)]
pub(crate) struct Pending<'a> {
    log: &'a CallLog,
    seq: u64,
    outcome: Outcome,
}

impl Pending<'_> {
    pub(crate) fn struck(&self, when: When) {
        self.log.change(self.seq, |call| call.fault = Some(when));
    }

    pub(crate) fn ended(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        let outcome = self.outcome.clone();
        self.log.change(self.seq, |call| call.outcome = outcome);
    }
}

#[derive(Debug, Default)]
struct Kept {
    last_seq: u64,
    calls: VecDeque<CallRecord>,
}

impl CallLog {
    /// Notes an arrival.
    pub(crate) fn arrived(&self, arrival: Arrival<'_>) -> Pending<'_> {
        let mut kept = self.lock();
        kept.last_seq += 1;
        let seq = kept.last_seq;
        if kept.calls.len() == KEPT {
            kept.calls.pop_front();
        }
        kept.calls.push_back(CallRecord {
            seq,
            at: arrival.at,
            service: arrival.service,
            operation: arrival.operation.to_owned(),
            parameters: arrival.parameters,
            outcome: Outcome::InFlight,
            fault: None,
        });
        Pending { log: self, seq, outcome: Outcome::Abandoned }
    }

    /// The calls with a number above `after`.
    pub(crate) fn list(&self, after: u64) -> Vec<CallRecord> {
        self.lock().calls.iter().filter(|call| call.seq > after).cloned().collect()
    }

    /// How many have arrived ever.
    pub(crate) fn count(&self) -> u64 {
        self.lock().last_seq
    }

    pub(crate) fn clear(&self) {
        self.lock().calls.clear();
    }

    fn change(&self, seq: u64, change: impl FnOnce(&mut CallRecord)) {
        if let Some(call) = self.lock().calls.iter_mut().rev().find(|call| call.seq == seq) {
            change(call);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
