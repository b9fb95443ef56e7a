//! One try to deliver one message.

use std::{
    error::Error,
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use jiff::Timestamp;
use reqwest::{Client, header::CONTENT_TYPE, redirect::Policy};
use tracing::warn;

use super::{
    guarded_names::{GuardedNames, NothingAllowed},
    signature::signatures,
};
use crate::{
    domain::{Attempt, AttemptError, TargetRules},
    store::DueDelivery,
};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a try may take in all. Standard Webhooks: 15 to 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Sends messages to where it is allowed.
#[derive(Clone)]
pub struct Sender {
    /// Made with the first message: it reads the system's certificates, and most services send none.
    client: Arc<OnceLock<Client>>,
    rules: TargetRules,
}

impl Sender {
    /// Makes one that keeps to these rules.
    #[must_use]
    pub fn new(rules: TargetRules) -> Self {
        Self { client: Arc::default(), rules }
    }

    fn client(&self) -> Result<&Client, reqwest::Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .dns_resolver(Arc::new(GuardedNames(self.rules.addresses.clone())))
            // A connection that is kept would be to an address that was checked long ago.
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .user_agent(concat!("ringfence/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Sends a message once.
    pub(super) async fn send(&self, message: &DueDelivery, now: Timestamp) -> Attempt {
        // Addresses in a URL are not looked up; and the rules may be others than when it was written down.
        if self.rules.check(&message.url).is_err() {
            return Attempt::Unanswered(AttemptError::NotAllowed);
        }
        let client = match self.client() {
            Ok(client) => client,
            Err(error) => {
                warn!(%error, "the HTTP client for webhooks cannot be made");
                return Attempt::Unanswered(AttemptError::NoConnection);
            }
        };
        let signed = signatures(&message.secrets, &message.message, now, &message.body);
        let request = client
            .post(message.url.as_url().clone())
            .header("webhook-id", message.message.as_str())
            .header("webhook-timestamp", now.as_second())
            .header("webhook-signature", signed)
            .header(CONTENT_TYPE, "application/cloudevents+json; charset=utf-8")
            .body(message.body.clone());
        // The answer's body is not read: the connection ends with it.
        match request.send().await {
            Ok(answer) => Attempt::Answered(answer.status().as_u16()),
            Err(error) => Attempt::Unanswered(classify(&error)),
        }
    }
}

fn classify(error: &reqwest::Error) -> AttemptError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<NothingAllowed>() {
            return AttemptError::NotAllowed;
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        AttemptError::TimedOut
    } else if error.is_connect() {
        AttemptError::NoConnection
    } else {
        AttemptError::NoAnswer
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("rules", &self.rules).finish_non_exhaustive()
    }
}
