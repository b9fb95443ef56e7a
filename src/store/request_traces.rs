//! Which span records a request, so that work that goes on after the answer can be linked with it.

use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use super::{Store, StoreError};
use crate::domain::{Cause, RequestId, TraceContext};

/// How long it is known. Most collectors forget the trace itself before.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How many are forgotten in one transaction: others write too.
const AT_ONCE: u32 = 1000;

/// Those of some requests, given as JSON.
pub(super) const OF_REQUESTS: &str = "SELECT traceparent FROM request_traces
     WHERE request_id IN (SELECT value FROM json_each($1))";

/// Whether there is one from before a time.
pub(super) const OLD: &str = "SELECT 1 FROM request_traces WHERE at < $1 LIMIT 1";

impl Store {
    /// The spans that record these requests, as far as there are any.
    pub async fn request_traces(
        &self,
        requests: &[RequestId],
    ) -> Result<Vec<TraceContext>, StoreError> {
        let ids: Vec<&str> = requests.iter().map(|request| request.0.as_str()).collect();
        let texts: Vec<String> = sqlx::query_scalar(OF_REQUESTS)
            .bind(serde_json::json!(ids).to_string())
            .fetch_all(&self.reader)
            .await?;
        Ok(texts.iter().filter_map(|text| TraceContext::parse(text)).collect())
    }

    /// Forgets those that are too old to be of use, some in each transaction.
    pub async fn forget_old_request_traces(&self, now: Timestamp) -> Result<(), StoreError> {
        let limit = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN).as_millisecond();
        while self.has_request_traces_before(limit).await? {
            self.write(move |connection| {
                Box::pin(async move {
                    sqlx::query(
                        "DELETE FROM request_traces WHERE request_id IN
                           (SELECT request_id FROM request_traces WHERE at < $1 LIMIT $2)",
                    )
                    .bind(limit)
                    .bind(AT_ONCE)
                    .execute(connection)
                    .await?;
                    Ok(())
                })
            })
            .await?;
        }
        Ok(())
    }

    async fn has_request_traces_before(&self, limit: i64) -> Result<bool, StoreError> {
        let old: Option<i64> =
            sqlx::query_scalar(OLD).bind(limit).fetch_optional(&self.reader).await?;
        Ok(old.is_some())
    }
}

/// Writes down which span records a request, in the transaction of what the request has caused.
pub(super) async fn remember(
    connection: &mut SqliteConnection,
    cause: &Cause,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (Some(request), Some(trace)) = (&cause.request, cause.trace) else { return Ok(()) };
    sqlx::query(
        "INSERT INTO request_traces (request_id, traceparent, at) VALUES ($1, $2, $3)
         ON CONFLICT (request_id) DO UPDATE SET traceparent = excluded.traceparent, at = excluded.at
           WHERE traceparent <> excluded.traceparent",
    )
    .bind(&request.0)
    .bind(trace.to_string())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}
