//! Webhooks: who is told of what, and how often it is tried.

mod address;
mod delivery;
mod message;
mod notice;
mod secret;
mod target;

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

pub use address::AddressRules;
pub use delivery::{
    Attempt, AttemptError, Delivery, DeliveryState, NextTry, UnknownDeliveryState, next_try,
};
pub use message::{MessageId, NotAMessage, cloud_event};
pub use notice::{Notice, Notices, UnknownNotice};
pub use secret::WebhookSecret;
pub use target::{TargetError, TargetRules, WebhookUrl};

/// One webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(pub Uuid);

impl fmt::Display for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Somebody who is told what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where messages are sent.
    pub url: WebhookUrl,
    /// Of what.
    pub notices: Notices,
    /// What it is for, in its owner's words.
    pub description: String,
    /// Why nothing is sent, if so, and since when.
    pub disabled: Option<(DisabledBecause, Timestamp)>,
    /// When a message last arrived.
    pub delivered_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Webhook {
    /// How many there can be: each makes every event that it is told of more work to write.
    pub const COUNT_MAX: u32 = 50;
    /// How many secrets can sign its messages at once: each makes every message longer.
    pub const SECRETS_MAX: u32 = 4;
    /// How long a description may be, in characters.
    pub const DESCRIPTION_MAX: usize = 200;
}

/// What is to be different with a webhook; what is not named stays.
#[derive(Clone, Debug, Default)]
pub struct WebhookChange {
    /// Where messages are sent.
    pub url: Option<WebhookUrl>,
    /// Of what.
    pub notices: Option<Notices>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether anything is sent.
    pub enabled: Option<bool>,
}

impl WebhookChange {
    /// The webhook with the change.
    #[must_use]
    pub fn apply(self, before: Webhook, now: Timestamp) -> Webhook {
        let disabled = match self.enabled {
            None => before.disabled,
            Some(true) => None,
            Some(false) => before.disabled.or(Some((DisabledBecause::Asked, now))),
        };
        Webhook {
            url: self.url.unwrap_or(before.url),
            notices: self.notices.unwrap_or(before.notices),
            description: self.description.unwrap_or(before.description),
            disabled,
            ..before
        }
    }
}

/// Why nothing is sent to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisabledBecause {
    /// Somebody has switched it off.
    Asked,
    /// The receiver has answered that it is gone for good (410).
    Gone,
    /// No message has arrived for as long as one is tried.
    Failing,
}

impl DisabledBecause {
    /// The reason in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

impl std::str::FromStr for DisabledBecause {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        let all = [Self::Asked, Self::Gone, Self::Failing];
        all.into_iter().find(|reason| reason.as_str() == text).ok_or(UnknownReason)
    }
}

/// A text that names no [`DisabledBecause`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no reason to send nothing")]
pub struct UnknownReason;
