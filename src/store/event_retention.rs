//! Removing events that are too old to be kept.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    event_chain::anchor,
    events::{Entry, record},
};

/// How many events are removed in one transaction.
const AT_ONCE: i64 = 500;

impl Store {
    /// Removes some of the events that are older than `limit`, oldest first, and records that. Answers
    /// whether there are more. What the oldest one left follows is kept, so the chain stays sound.
    pub async fn remove_old_events(
        &self,
        limit: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut reader = self.reader.acquire().await?;
        if last_to_go(&mut reader, limit).await?.is_none() {
            return Ok(false);
        }
        drop(reader);
        self.write(move |connection| {
            Box::pin(async move {
                let Some(last) = last_to_go(connection, limit).await? else { return Ok(false) };
                let first = anchor(connection).await?.sequence + 1;
                let range = format!("{first}-{last}");
                record(connection, Entry::of_removed_events(&range), now).await?;
                sqlx::query(
                    "UPDATE event_anchor SET (sequence, hash) =
                       (SELECT sequence, hash FROM events WHERE sequence = $1)",
                )
                .bind(last)
                .execute(&mut *connection)
                .await?;
                sqlx::query("DELETE FROM events WHERE sequence <= $1")
                    .bind(last)
                    .execute(&mut *connection)
                    .await?;
                Ok(last_to_go(connection, limit).await?.is_some())
            })
        })
        .await
    }
}

/// The last of those that can go at once. The first that is young enough stays with all that come after it,
/// whatever their clocks said.
async fn last_to_go(
    connection: &mut SqliteConnection,
    limit: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let oldest: Vec<(i64, i64)> =
        sqlx::query_as("SELECT sequence, at FROM events ORDER BY sequence LIMIT $1")
            .bind(AT_ONCE)
            .fetch_all(connection)
            .await?;
    let is_old = |(_, at): &&(i64, i64)| *at < limit.as_millisecond();
    Ok(oldest.iter().take_while(is_old).last().map(|(sequence, _)| *sequence))
}
