//! Messages to webhooks, written down in the transaction of the event that they tell of.

use sqlx::SqliteConnection;

use super::{
    StoreError,
    event_chain::EventRow,
    silence::held_back,
    webhook_row::{WebhookRow, leave_out},
};
use crate::domain::{
    InstallationId, MessageId, Notice, RecordedEvent, TierKind, Webhook, cloud_event,
};

/// Those that are told of anything now. There are few.
pub(super) const ENABLED: &str = "SELECT * FROM webhooks WHERE disabled_at IS NULL";

/// Writes a message about an event to each webhook that is told of such.
pub(super) async fn post(
    connection: &mut SqliteConnection,
    event: EventRow,
    notice: Notice,
) -> Result<(), StoreError> {
    let receivers = match notice {
        // A test is of one, whatever it is told of and even if it is told of nothing.
        Notice::Test => one(connection, event.subject.as_deref()).await?,
        _ => enabled(connection, notice).await?,
    };
    if receivers.is_empty() {
        return Ok(());
    }
    let sender: String =
        sqlx::query_scalar("SELECT id FROM installation").fetch_one(&mut *connection).await?;
    let tier = tier(connection, event.tenant_id.as_deref()).await?;
    let event = RecordedEvent::try_from(event)?;
    let body = cloud_event(&event, notice, tier, &InstallationId::new(sender));
    for receiver in receivers {
        let (next_at, error) = match notice {
            Notice::Test => None,
            _ => held_back(connection, &receiver, event.at).await?,
        }
        .unzip();
        sqlx::query(
            "INSERT INTO webhook_deliveries (webhook, message, type, body, state, attempts, next_at,
               last_error, created_at)
             VALUES ($1, $2, $3, $4, 'pending', 0, ifnull($6, $5), $7, $5)",
        )
        .bind(receiver)
        .bind(MessageId::of(&event).as_str())
        .bind(notice.as_str())
        .bind(&body)
        .bind(event.at.as_millisecond())
        .bind(next_at)
        .bind(error)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// What kind of tenant the event is about.
async fn tier(
    connection: &mut SqliteConnection,
    tenant: Option<&str>,
) -> Result<TierKind, StoreError> {
    let tier: Option<String> = sqlx::query_scalar("SELECT tier FROM tenants WHERE id = $1")
        .bind(tenant)
        .fetch_optional(connection)
        .await?;
    Ok(tier.and_then(|tier| tier.parse().ok()).unwrap_or(TierKind::Tenant))
}

async fn one(
    connection: &mut SqliteConnection,
    id: Option<&str>,
) -> Result<Vec<String>, StoreError> {
    let found = sqlx::query_scalar("SELECT id FROM webhooks WHERE id = $1");
    Ok(found.bind(id).fetch_all(connection).await?)
}

async fn enabled(
    connection: &mut SqliteConnection,
    notice: Notice,
) -> Result<Vec<String>, StoreError> {
    let rows: Vec<WebhookRow> = sqlx::query_as(ENABLED).fetch_all(connection).await?;
    let mut receivers = Vec::new();
    for row in rows {
        let id = row.id.clone();
        match Webhook::try_from(row) {
            Ok(webhook) if webhook.notices.include(notice) => receivers.push(id),
            Ok(_) => {}
            Err(error) => leave_out(&id, &error),
        }
    }
    Ok(receivers)
}
