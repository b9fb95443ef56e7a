//! Webhooks: made, changed, tried and deleted.

use jiff::Timestamp;
use sqlx::SqliteConnection;
use tracing::warn;

use super::{
    IdempotentRequest, Store, StoreError,
    event_kinds::WebhookEvent,
    events::{Entry, record},
    idempotency::keep,
    silence::release,
    webhook_row::{WebhookRow, leave_out},
    webhook_secrets::add_secret,
};
use crate::domain::{Cause, DisabledBecause, Webhook, WebhookChange, WebhookId, WebhookSecret};

impl Store {
    /// All webhooks, in the order in which they were made. What cannot be read is left out.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, StoreError> {
        let rows: Vec<WebhookRow> =
            sqlx::query_as("SELECT * FROM webhooks ORDER BY id").fetch_all(&self.reader).await?;
        let read = |row: WebhookRow| {
            let id = row.id.clone();
            Webhook::try_from(row).map_err(|error| leave_out(&id, &error)).ok()
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// One webhook.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        let mut reader = self.reader.acquire().await?;
        by_id(&mut reader, id).await
    }

    /// Writes a new webhook down with its first secret.
    pub async fn create_webhook(
        &self,
        webhook: Webhook,
        secret: WebhookSecret,
        idempotent: Option<IdempotentRequest<Webhook>>,
        cause: Cause,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let count: u32 = sqlx::query_scalar("SELECT count(*) FROM webhooks")
                    .fetch_one(&mut *connection)
                    .await?;
                if count >= Webhook::COUNT_MAX {
                    return Err(StoreError::TooManyWebhooks);
                }
                insert(connection, &webhook).await?;
                add_secret(connection, webhook.id, &secret, webhook.created_at).await?;
                let entry = Entry::of_webhook(webhook.id, WebhookEvent::Created).by(&cause);
                record(connection, entry, webhook.created_at).await?;
                if let Some(idempotent) = idempotent {
                    let now = webhook.created_at;
                    keep(connection, idempotent, &webhook, now).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Changes a webhook as it is now, whatever others have changed meanwhile, and answers it.
    pub async fn change_webhook(
        &self,
        id: WebhookId,
        change: WebhookChange,
        cause: Cause,
        now: Timestamp,
    ) -> Result<Webhook, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let before = by_id(connection, id).await?.ok_or(StoreError::WebhookNotFound)?;
                // What waits for an answer waits for one from where it was sent so far.
                let begins_anew = change.url.is_some() || change.enabled == Some(true);
                let webhook = change.apply(before, now);
                update(connection, &webhook).await?;
                if begins_anew {
                    release(connection, id, now).await?;
                }
                let entry = Entry::of_webhook(id, WebhookEvent::Changed).by(&cause);
                record(connection, entry, now).await?;
                Ok(webhook)
            })
        })
        .await
    }

    /// Removes a webhook with all that is on its way to it.
    pub async fn delete_webhook(
        &self,
        id: WebhookId,
        cause: Cause,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let deleted = sqlx::query("DELETE FROM webhooks WHERE id = $1")
                    .bind(id.to_string())
                    .execute(&mut *connection)
                    .await?;
                if deleted.rows_affected() == 0 {
                    return Err(StoreError::WebhookNotFound);
                }
                let entry = Entry::of_webhook(id, WebhookEvent::Deleted).by(&cause);
                record(connection, entry, now).await
            })
        })
        .await
    }

    /// Has a message sent that tells of nothing, whatever the webhook is told of.
    pub async fn test_webhook(
        &self,
        id: WebhookId,
        cause: Cause,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                by_id(connection, id).await?.ok_or(StoreError::WebhookNotFound)?;
                let entry = Entry::of_webhook(id, WebhookEvent::Tested).by(&cause);
                record(connection, entry, now).await
            })
        })
        .await
    }
}

/// One webhook, if it is there.
pub(super) async fn by_id(
    connection: &mut SqliteConnection,
    id: WebhookId,
) -> Result<Option<Webhook>, StoreError> {
    let row: Option<WebhookRow> = sqlx::query_as("SELECT * FROM webhooks WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(Webhook::try_from).transpose()
}

/// Sends nothing more to a webhook, and records why.
pub(super) async fn disable(
    connection: &mut SqliteConnection,
    id: WebhookId,
    because: DisabledBecause,
    now: Timestamp,
) -> Result<(), StoreError> {
    let disabled = sqlx::query(
        "UPDATE webhooks SET disabled_because = $1, disabled_at = $2
         WHERE id = $3 AND disabled_at IS NULL",
    )
    .bind(because.as_str())
    .bind(now.as_millisecond())
    .bind(id.to_string())
    .execute(&mut *connection)
    .await?;
    if disabled.rows_affected() == 0 {
        return Ok(());
    }
    warn!(
        webhook.id = %id, because = because.as_str(),
        "webhook disabled: nothing more is sent until a PATCH enables it"
    );
    record(connection, Entry::of_webhook(id, WebhookEvent::Disabled { because }), now).await
}

async fn insert(connection: &mut SqliteConnection, webhook: &Webhook) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO webhooks (id, url, types, description, created_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(webhook.id.to_string())
    .bind(webhook.url.to_string())
    .bind(webhook.notices.to_string())
    .bind(&webhook.description)
    .bind(webhook.created_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

async fn update(connection: &mut SqliteConnection, webhook: &Webhook) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE webhooks SET url = $1, types = $2, description = $3, disabled_because = $4,
           disabled_at = $5
         WHERE id = $6",
    )
    .bind(webhook.url.to_string())
    .bind(webhook.notices.to_string())
    .bind(&webhook.description)
    .bind(webhook.disabled.map(|(because, _)| because.as_str()))
    .bind(webhook.disabled.map(|(_, at)| at.as_millisecond()))
    .bind(webhook.id.to_string())
    .execute(connection)
    .await?;
    Ok(())
}
