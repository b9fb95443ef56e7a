//! The end of a sweep, and what is known of a cache from one to the next.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    columns::time,
    drift_row::DriftRow,
    events::{DriftEvent, Entry, record},
};
use crate::domain::{CacheName, DriftItem, DriftKind, Endpoint, KnownSurroundings};

/// What a sweep of a cache has come to.
#[derive(Clone, Debug)]
pub struct SweepEnd {
    /// The cache.
    pub cache: CacheName,
    /// When it began: what was not seen since then is not there any more …
    pub began_at: Timestamp,
    /// … unless it is of a kind that could not be looked at …
    pub not_looked_at: Vec<DriftKind>,
    /// … or of a user that has not been at rest since then.
    pub at_rest_since: Timestamp,
    /// What is known of the cache now.
    pub known: KnownSurroundings,
}

/// Forgets what was not seen any more. Of a user that is being worked on nothing was seen, so that a
/// repair of it which was asked for is still to come.
const FORGET: &str = "DELETE FROM drift_items WHERE cache = $1 AND seen_at < $2
     AND kind NOT IN (SELECT value FROM json_each($3))
     AND NOT EXISTS (
       SELECT 1 FROM users WHERE users.id = drift_items.user AND users.wanted <> 'absent'
         AND (users.phase NOT IN ('active', 'suspended') OR users.updated_at > $2
           OR users.phase_since > $4))
     RETURNING *, 0 AS repairs, NULL AS repaired_at";

/// When each cache was swept.
const SWEPT: &str = "SELECT cache, swept_at FROM drift_sweeps WHERE swept_at IS NOT NULL";

/// The engine of a group, and the host, port and TLS of an endpoint.
type KnownRow = (Option<String>, Option<String>, Option<i64>, Option<i64>);

impl Store {
    /// Writes down that a cache was swept, and forgets what does not differ any more. Only a sweep that
    /// has looked at secrets too counts as one.
    pub async fn end_sweep(&self, end: SweepEnd, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let kept: Vec<&str> = end.not_looked_at.iter().map(|kind| kind.as_str()).collect();
                let over: Vec<DriftRow> = sqlx::query_as(FORGET)
                    .bind(end.cache.as_str())
                    .bind(end.began_at.as_millisecond())
                    .bind(serde_json::Value::from(kept).to_string())
                    .bind(end.at_rest_since.as_millisecond())
                    .fetch_all(&mut *connection)
                    .await?;
                for row in over {
                    let item = DriftItem::try_from(row)?;
                    let entry = Entry::of_drift(&item.found, DriftEvent::Over);
                    record(connection, entry, now).await?;
                }
                know(connection, &end.cache, &end.known).await?;
                if end.not_looked_at.iter().any(|kind| kind.is_of_secret()) {
                    return Ok(());
                }
                sqlx::query("UPDATE drift_sweeps SET swept_at = $1 WHERE cache = $2")
                    .bind(now.as_millisecond())
                    .bind(end.cache.as_str())
                    .execute(&mut *connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Forgets what differs in caches that are none of these any more, and when they were swept.
    pub async fn forget_drift_elsewhere(&self, caches: Vec<CacheName>) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let list: Vec<&str> = caches.iter().map(CacheName::as_str).collect();
                let list = serde_json::Value::from(list).to_string();
                for forget in [
                    "DELETE FROM drift_items
                     WHERE cache NOT IN (SELECT value FROM json_each($1))",
                    "UPDATE drift_sweeps SET swept_at = NULL
                     WHERE cache NOT IN (SELECT value FROM json_each($1))",
                ] {
                    sqlx::query(forget).bind(&list).execute(&mut *connection).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// What is known of a cache beside its users.
    pub async fn known_surroundings(
        &self,
        cache: &CacheName,
    ) -> Result<KnownSurroundings, StoreError> {
        let row: Option<KnownRow> = sqlx::query_as(
            "SELECT group_engine, endpoint_host, endpoint_port, endpoint_tls FROM drift_sweeps
             WHERE cache = $1",
        )
        .bind(cache.as_str())
        .fetch_optional(&self.reader)
        .await?;
        let Some((group_engine, host, port, tls)) = row else {
            return Ok(KnownSurroundings::default());
        };
        let endpoint = match (host, port.and_then(|port| u16::try_from(port).ok()), tls) {
            (Some(host), Some(port), Some(tls)) => Some(Endpoint { host, port, tls: tls != 0 }),
            _ => None,
        };
        Ok(KnownSurroundings { group_engine, endpoint })
    }

    /// When each cache was last swept.
    pub async fn swept(&self) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(SWEPT).fetch_all(&self.reader).await?;
        let read = |(cache, at): (String, i64)| match time("swept_at", at) {
            Ok(at) => Ok((cache, at)),
            Err(why) => Err(StoreError::Inconsistent { table: "drift_sweeps", id: cache, why }),
        };
        rows.into_iter().map(read).collect()
    }
}

pub(super) async fn know(
    connection: &mut SqliteConnection,
    cache: &CacheName,
    known: &KnownSurroundings,
) -> Result<(), StoreError> {
    let endpoint = known.endpoint.as_ref();
    sqlx::query(
        "INSERT INTO drift_sweeps (cache, group_engine, endpoint_host, endpoint_port, endpoint_tls)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (cache) DO UPDATE SET
           group_engine = excluded.group_engine, endpoint_host = excluded.endpoint_host,
           endpoint_port = excluded.endpoint_port, endpoint_tls = excluded.endpoint_tls",
    )
    .bind(cache.as_str())
    .bind(&known.group_engine)
    .bind(endpoint.map(|endpoint| endpoint.host.as_str()))
    .bind(endpoint.map(|endpoint| i64::from(endpoint.port)))
    .bind(endpoint.map(|endpoint| i64::from(endpoint.tls)))
    .execute(connection)
    .await?;
    Ok(())
}
