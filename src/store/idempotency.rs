//! First answers, kept to be given again (draft-ietf-httpapi-idempotency-key-header).

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{Store, StoreError};

/// An `Idempotency-Key`, bound to the caller who sent it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    /// Who sent it.
    pub caller: String,
    /// What was sent.
    pub key: String,
}

/// An answer as it is given again. It holds no secret: where the caller was told one, something stands in for
/// it by which it is found again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The HTTP status, always a success: what had no effect is not kept.
    pub status: u16,
    /// The headers that belong to the answer.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

/// A request whose answer is to be kept, in the transaction that does its work.
pub struct IdempotentRequest<T> {
    /// Its key.
    pub key: IdempotencyKey,
    /// A hash of its payload: the same key with another payload is a mistake of the caller.
    pub request_hash: String,
    /// Until when the answer is kept.
    pub expires_at: Timestamp,
    /// Makes the answer, once it is known what it is about.
    pub render: Box<dyn FnOnce(&T) -> StoredAnswer + Send>,
}

impl<T> fmt::Debug for IdempotentRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdempotentRequest").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Store {
    /// The kept answer to a request with this key, if there is one that has not expired.
    /// Answers [`StoreError::KeyReused`] if the key belongs to another request.
    pub async fn idempotent_answer(
        &self,
        key: &IdempotencyKey,
        request_hash: &str,
        now: Timestamp,
    ) -> Result<Option<StoredAnswer>, StoreError> {
        let row: Option<(String, u16, String, String)> = sqlx::query_as(
            "SELECT request_hash, status, headers, body FROM idempotency_keys
             WHERE caller = $1 AND key = $2 AND expires_at > $3",
        )
        .bind(&key.caller)
        .bind(&key.key)
        .bind(now.as_millisecond())
        .fetch_optional(&self.reader)
        .await?;
        let Some((stored_hash, status, headers, body)) = row else { return Ok(None) };
        if stored_hash != request_hash {
            return Err(StoreError::KeyReused);
        }
        let headers = serde_json::from_str(&headers).map_err(|error| StoreError::Inconsistent {
            table: "idempotency_keys",
            id: key.key.clone(),
            why: format!("headers: {error}"),
        })?;
        Ok(Some(StoredAnswer { status, headers, body }))
    }

    /// Puts a later answer in the place of the first, when a request that waited has an end to
    /// tell of.
    pub async fn replace_answer(
        &self,
        key: &IdempotencyKey,
        answer: StoredAnswer,
    ) -> Result<(), StoreError> {
        let key = key.clone();
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(
                    "UPDATE idempotency_keys SET status = $1, headers = $2, body = $3
                 WHERE caller = $4 AND key = $5",
                )
                .bind(answer.status)
                .bind(headers_to_sql(&answer.headers))
                .bind(answer.body)
                .bind(key.caller)
                .bind(key.key)
                .execute(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }
}

/// Keeps the answer, and forgets those whose time has passed.
pub(super) async fn keep<T>(
    connection: &mut SqliteConnection,
    request: IdempotentRequest<T>,
    about: &T,
    now: Timestamp,
) -> Result<(), StoreError> {
    let answer = (request.render)(about);
    sqlx::query("DELETE FROM idempotency_keys WHERE expires_at <= $1")
        .bind(now.as_millisecond())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO idempotency_keys (caller, key, request_hash, status, headers, body, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(request.key.caller)
    .bind(request.key.key)
    .bind(request.request_hash)
    .bind(answer.status)
    .bind(headers_to_sql(&answer.headers))
    .bind(answer.body)
    .bind(request.expires_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

fn headers_to_sql(headers: &BTreeMap<String, String>) -> String {
    serde_json::Value::from_iter(headers.clone()).to_string()
}
