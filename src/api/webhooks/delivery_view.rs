//! A delivery as callers see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{AttemptError, Delivery};

/// A message on its way to a webhook, or at its end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(crate) struct DeliveryView {
    /// The id of the message, which it carries as `webhook-id`: the same with each try.
    #[schema(example = "evt_4711_9f86d081884c7d65")]
    id: String,
    /// What it is about.
    #[serde(rename = "type")]
    #[schema(example = "tenant.provisioned")]
    kind: &'static str,
    /// `pending`: on its way. `delivered`: answered with a status of 2xx. `failed`: tried ten times over
    /// three days, or answered with 410.
    #[schema(example = "pending")]
    status: &'static str,
    /// How often it has been tried since it was last asked for.
    #[schema(example = 2)]
    attempts: u32,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime, example = "2026-11-21T09:20:09Z")]
    next_at: Option<String>,
    /// What the receiver last answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 503)]
    last_status: Option<u16>,
    /// Why there was no answer, to it or to the message that it waits for: `address-not-allowed`,
    /// `no-connection`, `timed-out` or `no-answer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "timed-out")]
    last_error: Option<String>,
    /// When it happened that it tells of.
    #[schema(format = DateTime, example = "2026-11-21T09:15:00Z")]
    created_at: String,
    /// When it arrived, or was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime, example = "2026-11-21T09:15:09Z")]
    finished_at: Option<String>,
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        Self {
            id: delivery.message.to_string(),
            kind: delivery.notice.as_str(),
            status: delivery.state.as_str(),
            attempts: delivery.attempts,
            next_at: delivery.next_at.map(|at| at.to_string()),
            last_status: delivery.last_status,
            last_error: delivery.last_error.as_ref().map(AttemptError::to_string),
            created_at: delivery.created_at.to_string(),
            finished_at: delivery.finished_at.map(|at| at.to_string()),
        }
    }
}

impl DeliveryView {
    /// A delivery for the API document.
    pub(super) fn example() -> Self {
        Self {
            id: "evt_4711_9f86d081884c7d65".to_owned(),
            kind: "tenant.provisioned",
            status: "pending",
            attempts: 2,
            next_at: Some("2026-11-21T09:20:09Z".to_owned()),
            last_status: Some(503),
            last_error: None,
            created_at: "2026-11-21T09:15:00Z".to_owned(),
            finished_at: None,
        }
    }
}
