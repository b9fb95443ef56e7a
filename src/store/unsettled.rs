//! The users on which a worker's pass has work.

use jiff::Timestamp;

use super::{
    Store, StoreError,
    columns::time,
    user_row::{UserRow, select_users, users},
};
use crate::domain::{CacheName, CacheUser};

/// Those on which there is work now: who signs up comes first, then who was asked for first. Who removes
/// keys comes last: only one of them works, and many may wait for it.
pub(super) const UNSETTLED: &str = select_users!(
    "users.cache = $1
       AND (phase NOT IN ('active', 'suspended', 'deleted')
         OR (phase = 'active' AND (users.wanted <> 'present' OR access_revision IS NULL))
         OR (phase = 'suspended' AND users.wanted <> 'suspended'))
       AND (problem_code IS NULL OR retry_at <= $2)
     ORDER BY users.profile IS '(purge)', users.activated_at IS NULL AND users.wanted = 'present' DESC, users.id
     LIMIT $3"
);

/// When the first of the others is to be tried again.
pub(super) const NEXT_TRY: &str = "SELECT MIN(retry_at) FROM users
     WHERE cache = $1
       AND (phase NOT IN ('active', 'suspended', 'deleted')
         OR (phase = 'active' AND (wanted <> 'present' OR access_revision IS NULL))
         OR (phase = 'suspended' AND wanted <> 'suspended'))
       AND retry_at > $2";

/// The users of a cache on which there is work.
#[derive(Clone, Debug, Default)]
pub struct Unsettled {
    /// Those on which there is work now.
    pub users: Vec<CacheUser>,
    /// When the first of the others is to be tried again.
    pub next: Option<Timestamp>,
}

impl Store {
    /// The users of one cache on which there is work now, at most `limit`.
    pub async fn unsettled(
        &self,
        cache: &CacheName,
        now: Timestamp,
        limit: u32,
    ) -> Result<Unsettled, StoreError> {
        let _reading = self.metrics.reading("work");
        let rows: Vec<UserRow> = sqlx::query_as(UNSETTLED)
            .bind(cache.as_str())
            .bind(now.as_millisecond())
            .bind(limit)
            .fetch_all(&self.reader)
            .await?;
        // After the rows: one that fails in between is missed in neither.
        let next: Option<i64> = sqlx::query_scalar(NEXT_TRY)
            .bind(cache.as_str())
            .bind(now.as_millisecond())
            .fetch_one(&self.reader)
            .await?;
        let next = next.map(|at| time("retry_at", at)).transpose();
        let next = next.map_err(|why| StoreError::Inconsistent {
            table: "users",
            id: format!("first to be tried again in {cache}"),
            why,
        })?;
        Ok(Unsettled { users: users(rows)?, next })
    }
}
