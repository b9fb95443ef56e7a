//! The secrets that the messages of webhooks are signed with.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    IdempotentRequest, Store, StoreError,
    event_kinds::WebhookEvent,
    events::{Entry, record},
    idempotency::keep,
    webhooks::by_id,
};
use crate::domain::{Cause, Webhook, WebhookId, WebhookSecret};

/// A secret that takes the place of others.
#[derive(Clone, Debug)]
pub struct NewWebhookSecret {
    /// The secret.
    pub secret: WebhookSecret,
    /// Now.
    pub made_at: Timestamp,
    /// Until when those before it sign beside it.
    pub others_until: Timestamp,
}

impl Store {
    /// Gives a webhook a new secret, beside which the others go on for a while. Answers
    /// [`StoreError::TooManyWebhookSecrets`] if too many would be valid at once.
    pub async fn rotate_webhook_secret(
        &self,
        id: WebhookId,
        new: NewWebhookSecret,
        idempotent: Option<IdempotentRequest<NewWebhookSecret>>,
        cause: Cause,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                by_id(connection, id).await?.ok_or(StoreError::WebhookNotFound)?;
                sqlx::query(
                    "UPDATE webhook_secrets SET valid_until = min(ifnull(valid_until, $1), $1)
                     WHERE webhook = $2",
                )
                .bind(new.others_until.as_millisecond())
                .bind(id.to_string())
                .execute(&mut *connection)
                .await?;
                sqlx::query("DELETE FROM webhook_secrets WHERE webhook = $1 AND valid_until <= $2")
                    .bind(id.to_string())
                    .bind(new.made_at.as_millisecond())
                    .execute(&mut *connection)
                    .await?;
                if n_secrets(connection, id).await? >= Webhook::SECRETS_MAX {
                    return Err(StoreError::TooManyWebhookSecrets);
                }
                add_secret(connection, id, &new.secret, new.made_at).await?;
                let entry = Entry::of_webhook(id, WebhookEvent::SecretRotated).by(&cause);
                record(connection, entry, new.made_at).await?;
                if let Some(idempotent) = idempotent {
                    keep(connection, idempotent, &new, new.made_at).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// The secrets that messages are signed with now, whichever webhook's they are. There are a few
    /// hundred at most. One that cannot be read is none.
    pub async fn webhook_secrets(&self, now: Timestamp) -> Result<Vec<WebhookSecret>, StoreError> {
        let secrets: Vec<String> = sqlx::query_scalar(
            "SELECT secret FROM webhook_secrets WHERE valid_until IS NULL OR valid_until > $1",
        )
        .bind(now.as_millisecond())
        .fetch_all(&self.reader)
        .await?;
        Ok(secrets.into_iter().filter_map(WebhookSecret::parse).collect())
    }
}

/// What messages to a webhook are signed with now, the newest first.
pub(super) async fn valid_secrets(
    connection: &mut SqliteConnection,
    webhook: &str,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let secrets = sqlx::query_scalar(
        "SELECT secret FROM webhook_secrets
         WHERE webhook = $1 AND (valid_until IS NULL OR valid_until > $2)
         ORDER BY made_at DESC, rowid DESC",
    );
    Ok(secrets.bind(webhook).bind(now.as_millisecond()).fetch_all(connection).await?)
}

async fn n_secrets(
    connection: &mut SqliteConnection,
    webhook: WebhookId,
) -> Result<u32, StoreError> {
    let count = sqlx::query_scalar("SELECT count(*) FROM webhook_secrets WHERE webhook = $1");
    Ok(count.bind(webhook.to_string()).fetch_one(connection).await?)
}

/// Writes a secret down that has no successor yet.
pub(super) async fn add_secret(
    connection: &mut SqliteConnection,
    webhook: WebhookId,
    secret: &WebhookSecret,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO webhook_secrets (webhook, secret, made_at) VALUES ($1, $2, $3)")
        .bind(webhook.to_string())
        .bind(secret.expose())
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}
