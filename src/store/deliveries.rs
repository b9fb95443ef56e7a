//! Messages on their way to webhooks: which are due, and what came of a try.

use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection};
use tracing::warn;

use super::{
    Store, StoreError,
    columns::parsed,
    event_kinds::WebhookEvent,
    events::{Entry, record},
    silence::{hold_back, release},
    webhook_row::{DeliveryRow, leave_out, webhook_id},
    webhook_secrets::valid_secrets,
    webhooks::disable,
};
use crate::domain::{
    Attempt, AttemptError, Cause, Delivery, DeliveryState, DisabledBecause, MessageId, NextTry,
    WebhookId, WebhookSecret, WebhookUrl,
};

/// A message that is to be sent now.
#[derive(Clone, Debug)]
pub struct DueDelivery {
    /// To whom.
    pub webhook: WebhookId,
    /// Which.
    pub message: MessageId,
    /// Where to.
    pub url: WebhookUrl,
    /// What.
    pub body: String,
    /// How often it was tried before.
    pub attempts: u32,
    /// What to sign it with: all that are valid.
    pub secrets: Vec<WebhookSecret>,
}

/// Which page of the deliveries to a webhook.
#[derive(Clone, Copy, Debug)]
pub struct DeliveryQuery {
    /// To whom.
    pub webhook: WebhookId,
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those before this one.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// The oldest message that is due to each webhook that none is being sent to. A disabled one gets what it
/// was asked to be tested with and nothing else. All of them, fifty at most: how many are wanted is counted
/// by who can tell which can be read.
pub(super) const DUE: &str = "SELECT webhooks.id, url, message, body, attempts
     FROM webhooks JOIN webhook_deliveries ON webhook_deliveries.sequence =
       (SELECT sequence FROM webhook_deliveries
        WHERE webhook = webhooks.id AND state = 'pending' AND next_at <= $1
          AND (disabled_at IS NULL OR type = 'webhook.test')
        ORDER BY next_at, sequence LIMIT 1)
     WHERE webhooks.id NOT IN (SELECT value FROM json_each($2))
     ORDER BY next_at";

#[derive(FromRow)]
struct DueRow {
    id: String,
    url: String,
    message: String,
    body: String,
    attempts: u32,
}

impl Store {
    /// One message for each webhook to which one is due, except for these, and at most so many. What cannot be read
    /// is left out, and takes no other's place.
    pub async fn due_deliveries(
        &self,
        except: &[WebhookId],
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        let except: Vec<String> = except.iter().map(ToString::to_string).collect();
        let mut snapshot = self.reader.begin().await?;
        let rows: Vec<DueRow> = sqlx::query_as(DUE)
            .bind(now.as_millisecond())
            .bind(serde_json::Value::from(except).to_string())
            .fetch_all(&mut *snapshot)
            .await?;
        let mut due = Vec::new();
        for row in rows {
            if due.len() == limit {
                break;
            }
            let secrets = valid_secrets(&mut snapshot, &row.id, now).await?;
            let id = row.id.clone();
            match read(row, secrets) {
                Ok(message) => due.push(message),
                Err(why) => {
                    let table = "webhook_deliveries";
                    leave_out(&id, &StoreError::Inconsistent { table, id: id.clone(), why });
                }
            }
        }
        Ok(due)
    }

    /// Writes down what came of a try, and when the next one is.
    pub async fn save_attempt(
        &self,
        tried: DueDelivery,
        attempt: Attempt,
        next: NextTry,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move { settle(connection, &tried, (attempt, next), now).await })
        })
        .await
    }

    /// A page of the deliveries to a webhook, newest first, each with its place.
    pub async fn deliveries(
        &self,
        query: DeliveryQuery,
    ) -> Result<Vec<(i64, Delivery)>, StoreError> {
        let rows: Vec<PlacedRow> = sqlx::query_as(
            "SELECT * FROM webhook_deliveries WHERE webhook = $1
               AND ($2 IS NULL OR sequence < $2) AND ($3 IS NULL OR state = $3)
             ORDER BY sequence DESC LIMIT $4",
        )
        .bind(query.webhook.to_string())
        .bind(query.before)
        .bind(query.state.map(DeliveryState::as_str))
        .bind(query.limit)
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter().map(|row| Ok((row.sequence, row.delivery.try_into()?))).collect()
    }

    /// Has a message sent again that was delivered or given up; one that is on its way is tried now.
    pub async fn redeliver(
        &self,
        webhook: WebhookId,
        message: MessageId,
        cause: Cause,
        now: Timestamp,
    ) -> Result<Delivery, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let row: Option<DeliveryRow> = sqlx::query_as(
                    "UPDATE webhook_deliveries
                     SET state = 'pending', attempts = 0, next_at = $1, finished_at = NULL
                     WHERE webhook = $2 AND message = $3 RETURNING *",
                )
                .bind(now.as_millisecond())
                .bind(webhook.to_string())
                .bind(message.as_str())
                .fetch_optional(&mut *connection)
                .await?;
                let delivery = row.ok_or(StoreError::DeliveryNotFound)?.try_into()?;
                let event = WebhookEvent::Redelivered { message: message.as_str() };
                record(connection, Entry::of_webhook(webhook, event).by(&cause), now).await?;
                Ok(delivery)
            })
        })
        .await
    }

    /// Forgets deliveries that ended before a time, and those that wait for a webhook that was disabled
    /// before it.
    pub async fn forget_deliveries(&self, limit: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(
                    "DELETE FROM webhook_deliveries WHERE state <> 'pending' AND finished_at < $1",
                )
                .bind(limit.as_millisecond())
                .execute(&mut *connection)
                .await?;
                sqlx::query(
                    "DELETE FROM webhook_deliveries WHERE state = 'pending' AND webhook IN
                       (SELECT id FROM webhooks WHERE disabled_at < $1)",
                )
                .bind(limit.as_millisecond())
                .execute(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }
}

#[derive(FromRow)]
struct PlacedRow {
    sequence: i64,
    #[sqlx(flatten)]
    delivery: DeliveryRow,
}

fn read(row: DueRow, secrets: Vec<String>) -> Result<DueDelivery, String> {
    let secrets: Option<Vec<_>> = secrets.into_iter().map(WebhookSecret::parse).collect();
    Ok(DueDelivery {
        webhook: webhook_id(&row.id)?,
        message: parsed("message", &row.message)?,
        url: parsed("url", &row.url)?,
        body: row.body,
        attempts: row.attempts,
        secrets: secrets.ok_or("a secret is none")?,
    })
}

async fn settle(
    connection: &mut SqliteConnection,
    tried: &DueDelivery,
    (attempt, next): (Attempt, NextTry),
    now: Timestamp,
) -> Result<(), StoreError> {
    let (state, next_at) = match (attempt, next) {
        (attempt, _) if attempt.is_arrival() => (DeliveryState::Delivered, None),
        (attempt, NextTry::At(at)) if !attempt.is_farewell() => (DeliveryState::Pending, Some(at)),
        _ => (DeliveryState::Failed, None),
    };
    let (status, error) = match attempt {
        Attempt::Answered(status) => (Some(status), None),
        Attempt::Unanswered(error) => (None, Some(error)),
    };
    // Nothing is found if the webhook was deleted meanwhile, or the message asked for once more.
    let created_at: Option<i64> = sqlx::query_scalar(
        "UPDATE webhook_deliveries SET state = $1, attempts = $2, next_at = $3, finished_at = $4,
           last_status = $5, last_error = $6
         WHERE webhook = $7 AND message = $8 AND attempts = $9 AND state = 'pending'
         RETURNING created_at",
    )
    .bind(state.as_str())
    .bind(tried.attempts + 1)
    .bind(next_at.map(Timestamp::as_millisecond))
    .bind((state != DeliveryState::Pending).then(|| now.as_millisecond()))
    .bind(status)
    .bind(error.as_ref().map(AttemptError::to_string))
    .bind(tried.webhook.to_string())
    .bind(tried.message.as_str())
    .bind(tried.attempts)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(created_at) = created_at else { return Ok(()) };
    if state == DeliveryState::Failed {
        warn!(webhook.id = %tried.webhook, message.id = %tried.message, ?attempt, "message given up");
    }
    match state {
        DeliveryState::Pending => match (error, next_at) {
            (Some(error), Some(next_at))
                if !has_taken_since(connection, tried.webhook, created_at).await? =>
            {
                hold_back(connection, tried.webhook, error, (now, next_at)).await
            }
            _ => Ok(()),
        },
        DeliveryState::Delivered => note_arrival(connection, tried.webhook, now).await,
        DeliveryState::Failed if attempt.is_farewell() => {
            disable(connection, tried.webhook, DisabledBecause::Gone, now).await
        }
        DeliveryState::Failed => give_up(connection, tried.webhook, created_at, now).await,
    }
}

async fn note_arrival(
    connection: &mut SqliteConnection,
    webhook: WebhookId,
    now: Timestamp,
) -> Result<(), StoreError> {
    // What waits is known by what has arrived before.
    release(connection, webhook, now).await?;
    sqlx::query("UPDATE webhooks SET delivered_at = $1 WHERE id = $2")
        .bind(now.as_millisecond())
        .bind(webhook.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Of a receiver that has taken nothing for as long as the message was tried, nothing more is hoped for.
async fn give_up(
    connection: &mut SqliteConnection,
    webhook: WebhookId,
    tried_since: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    if has_taken_since(connection, webhook, tried_since).await? {
        return Ok(());
    }
    disable(connection, webhook, DisabledBecause::Failing, now).await
}

/// Whether a message has arrived since then.
async fn has_taken_since(
    connection: &mut SqliteConnection,
    webhook: WebhookId,
    since: i64,
) -> Result<bool, StoreError> {
    let found =
        sqlx::query_scalar("SELECT count(*) FROM webhooks WHERE id = $1 AND delivered_at >= $2");
    let count: u32 = found.bind(webhook.to_string()).bind(since).fetch_one(connection).await?;
    Ok(count > 0)
}
