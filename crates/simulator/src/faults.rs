//! What goes wrong on purpose.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::calls::Service;

/// Something that goes wrong, on demand.
///
/// Built fluently, or read from JSON by the control interface:
///
/// ```
/// use ringfence_simulator::Fault;
/// let lost_answer = Fault::after("CreateUser").dropped().times(1);
/// let refused = Fault::before("ModifyUserGroup").error("Throttling", 400).with_probability(0.2);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only calls of this service; any if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// Only calls of this operation; any if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Before or after the call has had its effect.
    pub when: When,
    /// What the client sees.
    #[serde(default)]
    pub answer: Answer,
    /// How many matching calls go well before the first that does not.
    #[serde(default)]
    pub skip: u32,
    /// How many calls it strikes; no limit if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// The chance that a matching call is struck; always if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

/// When a fault strikes, seen from the effect of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The call has no effect.
    Before,
    /// The call has its effect, and the client is told otherwise.
    After,
    /// The call has its effect, and the answer is held back: for `seconds`, or for ever.
    Hang {
        /// How long; until the client gives up if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seconds: Option<u32>,
    },
    /// The call is under way for a long time: it has its effect when delayed calls are released,
    /// and then even if its client has gone meanwhile.
    Delay,
}

/// What the client of a struck call sees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The connection ends without an answer.
    #[default]
    Dropped,
    /// An error of the service.
    Error {
        /// The wire code, such as `Throttling`.
        code: String,
        /// The HTTP status.
        status: u16,
    },
}

impl Fault {
    /// Calls of `operation` fail without effect.
    #[must_use]
    pub fn before(operation: &str) -> Self {
        Self::on(operation, When::Before)
    }

    /// Calls of `operation` take effect and fail all the same.
    #[must_use]
    pub fn after(operation: &str) -> Self {
        Self::on(operation, When::After)
    }

    /// Calls of `operation` take effect and are never answered.
    #[must_use]
    pub fn hang(operation: &str) -> Self {
        Self::on(operation, When::Hang { seconds: None })
    }

    /// Calls of `operation` are under way until delayed calls are released.
    #[must_use]
    pub fn delay(operation: &str) -> Self {
        Self::on(operation, When::Delay)
    }

    fn on(operation: &str, when: When) -> Self {
        Self {
            service: None,
            operation: (operation != "*").then(|| operation.to_owned()),
            when,
            answer: Answer::Dropped,
            skip: 0,
            count: None,
            probability: None,
        }
    }

    /// The client gets this error.
    #[must_use]
    pub fn error(mut self, code: &str, status: u16) -> Self {
        self.answer = Answer::Error { code: code.to_owned(), status };
        self
    }

    /// The client's connection ends without an answer.
    #[must_use]
    pub fn dropped(mut self) -> Self {
        self.answer = Answer::Dropped;
        self
    }

    /// Strikes this many times, then no more.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Lets this many matching calls pass first.
    #[must_use]
    pub fn skipping(mut self, calls: u32) -> Self {
        self.skip = calls;
        self
    }

    /// Strikes by chance.
    #[must_use]
    pub fn with_probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    /// Strikes only calls of this service.
    #[must_use]
    pub fn of(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    fn matches(&self, service: Service, operation: &str) -> bool {
        self.service.is_none_or(|wanted| wanted == service)
            && self.operation.as_deref().is_none_or(|wanted| wanted == operation)
    }
}

/// What to do to one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) when: When,
    pub(crate) answer: Answer,
}

/// The faults that wait for their call.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    armed: Mutex<Vec<Fault>>,
    released: Notify,
}

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        self.lock().push(fault);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.lock().clone()
    }

    /// Lets the calls that are delayed now have their effect.
    pub(crate) fn release(&self) {
        self.released.notify_waiters();
    }

    /// Waits for the next release.
    pub(crate) async fn released(&self) {
        self.released.notified().await;
    }

    /// The fault that strikes this call, if any: the oldest that matches and is not used up.
    pub(crate) fn strike(
        &self,
        service: Service,
        operation: &str,
        jitter: &mut fastrand::Rng,
    ) -> Option<Strike> {
        let mut armed = self.lock();
        let mut struck = None;
        for fault in armed.iter_mut().filter(|fault| fault.matches(service, operation)) {
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if fault.probability.is_some_and(|chance| jitter.f64() >= chance) {
                continue;
            }
            fault.count = fault.count.map(|left| left.saturating_sub(1));
            struck = Some(Strike { when: fault.when, answer: fault.answer.clone() });
            break;
        }
        armed.retain(|fault| fault.count != Some(0));
        struck
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
