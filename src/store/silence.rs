//! Webhooks that give no answer, and what waits for them.
//!
//! Each try of one that hangs costs its whole time-out. So what waits is not tried in vain message by message: the one
//! that got no answer is tried again at its own time, and the others wait with it. They carry its error, and by that
//! are known as those that wait.
//!
//! This holds as long as nothing has arrived since the message was written down. Otherwise it is the message that gets
//! no answer and not the webhook, and it waits alone.

use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use super::StoreError;
use crate::domain::{AttemptError, WebhookId};

/// The longest that messages wait for another one. The pauses of one that is tried in vain grow to a day; that its
/// receiver is back, or never was away, has to be seen sooner.
const WAIT_MAX: SignedDuration = SignedDuration::from_mins(10);

/// Until when messages wait for one that is tried again then.
fn until(next_at: Timestamp, now: Timestamp) -> Timestamp {
    next_at.min(now.saturating_add(WAIT_MAX).unwrap_or(Timestamp::MAX))
}

/// Has what is on its way to a webhook wait, now that a message has got no answer, until that one is tried again. A
/// test does not wait: whoever asks for it wants to know.
pub(super) async fn hold_back(
    connection: &mut SqliteConnection,
    webhook: WebhookId,
    error: AttemptError,
    (now, next_at): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE webhook_deliveries SET next_at = $1, last_status = NULL, last_error = $2
         WHERE webhook = $3 AND state = 'pending' AND next_at < $1 AND type <> 'webhook.test'",
    )
    .bind(until(next_at, now).as_millisecond())
    .bind(error.to_string())
    .bind(webhook.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Until when a new message waits, and the error of the one that it waits for.
pub(super) async fn held_back(
    connection: &mut SqliteConnection,
    webhook: &str,
    now: Timestamp,
) -> Result<Option<(i64, String)>, StoreError> {
    let first: Option<(i64, Option<String>)> = sqlx::query_as(
        "SELECT next_at, last_error FROM webhook_deliveries
         WHERE webhook = $1 AND state = 'pending'
           AND created_at > ifnull((SELECT delivered_at FROM webhooks WHERE id = $1), 0)
         ORDER BY next_at LIMIT 1",
    )
    .bind(webhook)
    .fetch_optional(connection)
    .await?;
    let waits = first.filter(|(next_at, _)| *next_at > now.as_millisecond());
    let wait_max = until(Timestamp::MAX, now).as_millisecond();
    Ok(waits.and_then(|(next_at, error)| Some((next_at.min(wait_max), error?))))
}

/// Has all that waits for an answer tried now.
pub(super) async fn release(
    connection: &mut SqliteConnection,
    webhook: WebhookId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE webhook_deliveries SET next_at = $1
         WHERE webhook = $2 AND state = 'pending' AND next_at > $1 AND last_error IS NOT NULL
           AND created_at > ifnull((SELECT delivered_at FROM webhooks WHERE id = $2), 0)",
    )
    .bind(now.as_millisecond())
    .bind(webhook.to_string())
    .execute(connection)
    .await?;
    Ok(())
}
