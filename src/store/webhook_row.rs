//! Rows of webhooks and of their deliveries become domain values here, or are refused.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use sqlx::FromRow;
use tracing::error;
use uuid::Uuid;

use super::{
    StoreError,
    columns::{parsed, time},
};
use crate::domain::{Delivery, Webhook, WebhookId};

/// A row of `webhooks` as SQLite gives it.
#[derive(FromRow)]
pub(super) struct WebhookRow {
    pub(super) id: String,
    url: String,
    types: String,
    description: String,
    disabled_because: Option<String>,
    disabled_at: Option<i64>,
    delivered_at: Option<i64>,
    created_at: i64,
}

/// A row of `webhook_deliveries`.
#[derive(FromRow)]
pub(super) struct DeliveryRow {
    webhook: String,
    message: String,
    #[sqlx(rename = "type")]
    kind: String,
    state: String,
    attempts: u32,
    next_at: Option<i64>,
    last_status: Option<u16>,
    last_error: Option<String>,
    created_at: i64,
    finished_at: Option<i64>,
}

impl TryFrom<WebhookRow> for Webhook {
    type Error = StoreError;

    fn try_from(row: WebhookRow) -> Result<Self, StoreError> {
        let id = row.id.clone();
        let inconsistent = |why| StoreError::Inconsistent { table: "webhooks", id, why };
        read(&row).map(|read| Self { description: row.description, ..read }).map_err(inconsistent)
    }
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = StoreError;

    fn try_from(row: DeliveryRow) -> Result<Self, StoreError> {
        let id = format!("{} to {}", row.message, row.webhook);
        let inconsistent = |why| StoreError::Inconsistent { table: "webhook_deliveries", id, why };
        read_delivery(&row).map_err(inconsistent)
    }
}

/// Says of a webhook, once, that it gets no messages because something of it cannot be read. What is wrong with one
/// must not keep the others from theirs, nor stop what they would be told of.
pub(super) fn leave_out(webhook: &str, error: &StoreError) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.insert(webhook.to_owned()) {
        let error = error as &dyn std::error::Error;
        error!(error, webhook.id = webhook, "a webhook is left out: delete it and make it anew");
    }
}

pub(super) fn webhook_id(text: &str) -> Result<WebhookId, String> {
    Uuid::parse_str(text).map(WebhookId).map_err(|error| format!("id: {error}"))
}

fn read(row: &WebhookRow) -> Result<Webhook, String> {
    let if_given = |column, at: Option<i64>| at.map(|at| time(column, at)).transpose();
    let disabled = match (&row.disabled_because, if_given("disabled_at", row.disabled_at)?) {
        (Some(reason), Some(at)) => Some((parsed("disabled_because", reason)?, at)),
        _ => None,
    };
    Ok(Webhook {
        id: webhook_id(&row.id)?,
        url: parsed("url", &row.url)?,
        notices: parsed("types", &row.types)?,
        description: String::new(),
        disabled,
        delivered_at: if_given("delivered_at", row.delivered_at)?,
        created_at: time("created_at", row.created_at)?,
    })
}

fn read_delivery(row: &DeliveryRow) -> Result<Delivery, String> {
    let if_given = |column, at: Option<i64>| at.map(|at| time(column, at)).transpose();
    let error = row.last_error.as_deref().map(|error| parsed("last_error", error)).transpose()?;
    Ok(Delivery {
        webhook: webhook_id(&row.webhook)?,
        message: parsed("message", &row.message)?,
        notice: parsed("type", &row.kind)?,
        state: parsed("state", &row.state)?,
        attempts: row.attempts,
        next_at: if_given("next_at", row.next_at)?,
        last_status: row.last_status,
        last_error: error,
        created_at: time("created_at", row.created_at)?,
        finished_at: if_given("finished_at", row.finished_at)?,
    })
}
