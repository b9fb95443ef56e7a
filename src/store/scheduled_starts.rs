//! Beginning the rotations that the schedule has come to, at a pace.
//!
//! What was begun and what is under way is counted from the rows, so a restart begins no more than
//! going on would, and what a long stop has left over is caught up at the same pace.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    columns::time,
    load::by_id,
    rotations::{insert, tell},
    user_row::{UserRow, user_columns, users},
};
use crate::domain::{CacheName, CacheUser, Cause, Rotation, Tenant};

/// The time for which begun rotations count against [`StartPace::per_minute`], in milliseconds.
const MINUTE: i64 = 60_000;

/// The users of a cache whose passwords the schedule may replace, due or not.
macro_rules! scheduled_users {
    ($columns:expr, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM users JOIN tenants ON tenants.id = users.tenant_id
             WHERE users.cache = $1 AND users.rotation_due_at IS NOT NULL
               AND users.wanted = 'present' AND users.phase = 'active'
               AND users.access_revision IS NOT NULL AND users.outgoing_since IS NULL
               AND NOT EXISTS (SELECT 1 FROM rotations WHERE rotations.user = users.id
                 AND rotations.phase NOT IN ('completed', 'cancelled', 'failed')) ",
            $rest
        )
    };
}

/// When the first of them is due. They are read in that order, so that all but the first are left
/// alone, which `MIN` would not do.
pub(super) const NEXT_DUE: &str =
    scheduled_users!("rotation_due_at", "ORDER BY rotation_due_at LIMIT 1");

/// How much is under way in a cache.
pub(super) const LOAD: &str = "SELECT
       (SELECT COUNT(*) FROM rotations WHERE cache = $1
          AND phase NOT IN ('queued', 'completed', 'cancelled', 'failed')
          AND rests_until IS NULL AND phase <> 'grace'
          AND (SELECT wanted FROM users WHERE users.id = rotations.user) <> 'suspended'),
       COUNT(*), MIN(created_at)
     FROM rotations WHERE cache = $1 AND created_at > $2 AND created_at <= $3";

/// How many rotations the schedule begins in one cache.
#[derive(Clone, Copy, Debug)]
pub struct StartPace {
    /// So many that are running and not in their grace, whoever began them.
    pub in_flight: u64,
    /// So many begun within a minute, whoever began them.
    pub per_minute: u64,
}

/// What the schedule has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// How many rotations.
    pub count: usize,
    /// When the next one can begin; `None` if not before something else has happened.
    pub next: Option<Timestamp>,
}

impl Store {
    /// When the schedule has something to begin in a cache: in the past if it has now.
    pub async fn next_rotation_due(
        &self,
        cache: &CacheName,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut reader = self.reader.acquire().await?;
        next_due(&mut reader, cache).await
    }

    /// Begins the rotations that are due, the longest due first, as `make` says.
    pub async fn begin_due_rotations(
        &self,
        cache: &CacheName,
        pace: StartPace,
        now: Timestamp,
        make: impl Fn(&Tenant, &CacheUser) -> Rotation + Send + 'static,
    ) -> Result<Begun, StoreError> {
        let cache = cache.clone();
        self.write(move |connection| {
            Box::pin(async move {
                let before = Load::of(connection, &cache, now).await?;
                let due = due_users(connection, (&cache, now), before.room(pace)).await?;
                for user in &due {
                    let tenant = by_id(connection, user.tenant).await?;
                    let rotation = make(&tenant.ok_or(StoreError::NotFound)?, user);
                    insert(connection, &rotation).await?;
                    tell(connection, &rotation, &Cause::SERVICE, now).await?;
                }
                let after = Load::of(connection, &cache, now).await?;
                let next = match next_due(connection, &cache).await? {
                    Some(at) if at <= now => after.room_again(pace),
                    later => later,
                };
                Ok(Begun { count: due.len(), next })
            })
        })
        .await
    }
}

/// How much is under way in a cache.
struct Load {
    in_flight: u64,
    last_minute: u64,
    /// When the first of those of the last minute is a minute old.
    frees_at: Option<Timestamp>,
}

impl Load {
    async fn of(
        connection: &mut SqliteConnection,
        cache: &CacheName,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let (in_flight, last_minute, oldest): (i64, i64, Option<i64>) = sqlx::query_as(LOAD)
            .bind(cache.as_str())
            .bind(now.as_millisecond() - MINUTE)
            .bind(now.as_millisecond())
            .fetch_one(connection)
            .await?;
        Ok(Self {
            in_flight: in_flight.unsigned_abs(),
            last_minute: last_minute.unsigned_abs(),
            frees_at: oldest.and_then(|at| Timestamp::from_millisecond(at + MINUTE).ok()),
        })
    }

    /// How many may begin now.
    fn room(&self, pace: StartPace) -> u64 {
        let in_flight = pace.in_flight.saturating_sub(self.in_flight);
        in_flight.min(pace.per_minute.saturating_sub(self.last_minute))
    }

    /// When there is room again by time alone. One in flight that ends makes room too, and is noticed
    /// because the row moves.
    fn room_again(&self, pace: StartPace) -> Option<Timestamp> {
        self.frees_at.filter(|_| self.last_minute >= pace.per_minute)
    }
}

async fn due_users(
    connection: &mut SqliteConnection,
    (cache, now): (&CacheName, Timestamp),
    limit: u64,
) -> Result<Vec<CacheUser>, StoreError> {
    let rows: Vec<UserRow> = sqlx::query_as(scheduled_users!(
        user_columns!(),
        "AND rotation_due_at <= $2 ORDER BY rotation_due_at, users.id LIMIT $3"
    ))
    .bind(cache.as_str())
    .bind(now.as_millisecond())
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    users(rows)
}

async fn next_due(
    connection: &mut SqliteConnection,
    cache: &CacheName,
) -> Result<Option<Timestamp>, StoreError> {
    let next: Option<i64> =
        sqlx::query_scalar(NEXT_DUE).bind(cache.as_str()).fetch_optional(connection).await?;
    next.map(|at| time("rotation_due_at", at)).transpose().map_err(|why| StoreError::Inconsistent {
        table: "users",
        id: format!("due first in {cache}"),
        why,
    })
}
