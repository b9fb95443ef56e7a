//! Bringing fleet rotations forward: starting members as there is room, and seeing when all are over.
//!
//! Everything is decided from rows, in the transaction that writes down what follows from it. So two
//! workers cannot start more than there is room for, nor one user twice, wherever a process ends.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    events::{Entry, FleetRotationEvent, UserEvent, record},
    fleet_rotations::{by_id, write_state},
    fleet_row::FleetRow,
    rotation_queue::enter,
    user_row::{UserRow, user_columns, users},
};
use crate::domain::{
    CacheName, CacheUser, Cause, FleetEvent, FleetRotation, FleetRotationId, FleetState,
    RetirementGate, Rotation, RotationId, SkipReason,
};

/// The most members that are looked at for one fleet rotation in one transaction.
const MEMBERS_AT_ONCE: i64 = 100;

/// What became of the members that wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FleetStarts {
    /// The rotations that were started.
    pub started: Vec<RotationId>,
    /// The caches in which members could be started now: their workers have work.
    pub more_in: BTreeSet<CacheName>,
}

/// The members whose turn can come, and their users: not one that is on its way to being active, nor
/// one whose password is being replaced already. An emergency ends what runs, unless that is one too.
macro_rules! from_ready_members {
    ($select:expr, $condition:literal) => {
        concat!(
            "SELECT ",
            $select,
            " FROM fleet_members INDEXED BY fleet_members_waiting JOIN users ON users.id = fleet_members.user
              JOIN tenants ON tenants.id = users.tenant_id
              WHERE fleet = $1 AND rotation IS NULL AND outcome IS NULL
                AND (users.wanted <> 'present'
                  OR (problem_code IS NOT NULL AND retry_at IS NULL)
                  OR (phase = 'active' AND access_revision IS NOT NULL))
                AND NOT EXISTS (SELECT 1 FROM rotations WHERE rotations.user = users.id
                  AND rotations.phase NOT IN ('completed', 'cancelled', 'failed')
                  AND (rotations.mode = 'emergency' OR 'overlap' =
                    (SELECT mode FROM fleet_rotations WHERE id = fleet_members.fleet)))",
            $condition
        )
    };
}

/// The running fleet rotations that have members waiting, oldest first.
pub(super) const WITH_WAITING: &str = "SELECT * FROM fleet_rotations
     WHERE state = 'running' AND EXISTS (
       SELECT 1 FROM fleet_members INDEXED BY fleet_members_waiting
       WHERE fleet = fleet_rotations.id AND rotation IS NULL AND outcome IS NULL)
     ORDER BY id";

/// Whether anything is left to be done for a fleet rotation.
pub(super) const HAS_WORK: &str = "SELECT EXISTS (
       SELECT 1 FROM fleet_members INDEXED BY fleet_members_waiting
       WHERE fleet = $1 AND rotation IS NULL AND outcome IS NULL
     ) OR EXISTS (
       SELECT 1 FROM rotations
       WHERE fleet = $1 AND phase NOT IN ('completed', 'cancelled', 'failed'))";

impl Store {
    /// Starts members of this cache as there is room in their fleet rotations.
    ///
    /// `usual` is what the cache's settings say of retiring old passwords.
    pub async fn start_fleet_members(
        &self,
        cache: &CacheName,
        usual: &RetirementGate,
        mut new_id: impl FnMut() -> RotationId + Send + 'static,
        now: Timestamp,
    ) -> Result<FleetStarts, StoreError> {
        // Most passes find nothing to start, and need not wait for the one connection that writes.
        let mut reader = self.reader.acquire().await?;
        if with_room(&mut reader, now).await?.is_empty() {
            return Ok(FleetStarts::default());
        }
        drop(reader);
        let (cache, usual) = (cache.clone(), usual.clone());
        self.write(move |connection| {
            Box::pin(async move {
                let mut starts = FleetStarts::default();
                for (fleet, room) in with_room(connection, now).await? {
                    let turns = Turns { fleet: &fleet, usual: &usual, now };
                    let taken = turns.take(connection, &cache, room, &mut new_id).await?;
                    if !taken.is_empty() {
                        settle(connection, fleet.id, now).await?;
                    }
                    if (taken.started.len() as u64) < room {
                        starts.more_in.extend(ready_caches(connection, fleet.id).await?);
                    }
                    starts.started.extend(taken.started);
                }
                Ok(starts)
            })
        })
        .await
    }
}

/// The turns of one fleet rotation's members.
struct Turns<'a> {
    fleet: &'a FleetRotation,
    usual: &'a RetirementGate,
    now: Timestamp,
}

/// The turns that were taken.
#[derive(Default)]
struct Taken {
    started: Vec<RotationId>,
    n_skipped: usize,
}

impl Taken {
    fn is_empty(&self) -> bool {
        self.started.is_empty() && self.n_skipped == 0
    }
}

impl Turns<'_> {
    /// Starts so many members of a cache, and skips those before them that cannot be.
    async fn take(
        &self,
        connection: &mut SqliteConnection,
        cache: &CacheName,
        room: u64,
        new_id: &mut impl FnMut() -> RotationId,
    ) -> Result<Taken, StoreError> {
        let mut taken = Taken::default();
        for user in ready_users(connection, self.fleet.id, cache).await? {
            if taken.started.len() as u64 == room {
                break;
            }
            match SkipReason::of(&user) {
                Some(why) => {
                    self.skip(connection, &user, why).await?;
                    taken.n_skipped += 1;
                }
                None => taken.started.push(self.start(connection, &user, new_id()).await?),
            }
        }
        Ok(taken)
    }

    async fn start(
        &self,
        connection: &mut SqliteConnection,
        user: &CacheUser,
        id: RotationId,
    ) -> Result<RotationId, StoreError> {
        let Self { fleet, usual, now } = self;
        let how = (fleet.mode.in_cache(usual), Some(fleet.reason.clone()));
        let rotation = Rotation::begin(id, user, how, fleet.requested_by.clone(), *now);
        let rotation = Rotation { fleet: Some(fleet.id), ..rotation };
        let cause = Cause::asked_for_by(fleet.requested_by.clone());
        enter(connection, rotation, &cause).await?;
        sqlx::query("UPDATE fleet_members SET rotation = $1 WHERE fleet = $2 AND user = $3")
            .bind(id.to_string())
            .bind(fleet.id.to_string())
            .bind(user.id.to_string())
            .execute(&mut *connection)
            .await?;
        Ok(id)
    }

    async fn skip(
        &self,
        connection: &mut SqliteConnection,
        user: &CacheUser,
        why: SkipReason,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE fleet_members SET outcome = 'skipped', why = $1 WHERE fleet = $2 AND user = $3",
        )
        .bind(why.as_str())
        .bind(self.fleet.id.to_string())
        .bind(user.id.to_string())
        .execute(&mut *connection)
        .await?;
        let event = UserEvent::RotationSkipped { why };
        record(connection, Entry::of_user(user, event).within(Some(self.fleet.id)), self.now).await
    }
}

/// The running fleet rotations that have members waiting and may have more on their way, oldest
/// first, each with how many more.
async fn with_room(
    connection: &mut SqliteConnection,
    now: Timestamp,
) -> Result<Vec<(FleetRotation, u64)>, StoreError> {
    let rows: Vec<FleetRow> = sqlx::query_as(WITH_WAITING).fetch_all(&mut *connection).await?;
    let mut found = Vec::new();
    for row in rows {
        let fleet = FleetRotation::try_from(row)?;
        let in_flight = in_flight(connection, fleet.id, now).await?;
        let room = u64::from(fleet.max_in_flight.get()).saturating_sub(in_flight);
        if room > 0 {
            found.push((fleet, room));
        }
    }
    Ok(found)
}

/// How many of its rotations are on their way: neither over, nor in a grace that lasts, nor of users that
/// are suspended, which nobody can bring forward.
async fn in_flight(
    connection: &mut SqliteConnection,
    fleet: FleetRotationId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM rotations
         WHERE fleet = $1 AND phase NOT IN ('completed', 'cancelled', 'failed')
           AND NOT (phase = 'grace' AND mode = 'overlap'
             AND (gate <> 'time' OR finished_step + grace_seconds * 1000 > $2))
           AND (SELECT wanted FROM users WHERE users.id = rotations.user) <> 'suspended'",
    )
    .bind(fleet.to_string())
    .bind(now.as_millisecond())
    .fetch_one(connection)
    .await?;
    Ok(count.unsigned_abs())
}

async fn ready_users(
    connection: &mut SqliteConnection,
    fleet: FleetRotationId,
    cache: &CacheName,
) -> Result<Vec<CacheUser>, StoreError> {
    let rows: Vec<UserRow> = sqlx::query_as(from_ready_members!(
        user_columns!(),
        " AND users.cache = $2 ORDER BY position LIMIT $3"
    ))
    .bind(fleet.to_string())
    .bind(cache.as_str())
    .bind(MEMBERS_AT_ONCE)
    .fetch_all(connection)
    .await?;
    users(rows)
}

async fn ready_caches(
    connection: &mut SqliteConnection,
    fleet: FleetRotationId,
) -> Result<Vec<CacheName>, StoreError> {
    let names: Vec<String> = sqlx::query_scalar(from_ready_members!("DISTINCT users.cache", ""))
        .bind(fleet.to_string())
        .fetch_all(connection)
        .await?;
    let name = |text: String| {
        CacheName::parse(&text).map_err(|error| StoreError::Inconsistent {
            table: "users",
            id: text.clone(),
            why: format!("cache: {error}"),
        })
    };
    names.into_iter().map(name).collect()
}

/// Notes that something has happened to a member, and that the fleet rotation is completed if it was
/// the last.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    id: FleetRotationId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let fleet = by_id(connection, id).await?.ok_or(StoreError::NotFound)?;
    let state = if has_work(connection, id).await? {
        fleet.state
    } else {
        // One that was cancelled stays so.
        fleet.state.on(FleetEvent::AllOver).unwrap_or(fleet.state)
    };
    write_state(connection, id, state, now).await?;
    if state == FleetState::Completed && fleet.state != state {
        record(connection, Entry::of_fleet(&fleet, FleetRotationEvent::Completed), now).await?;
    }
    Ok(())
}

async fn has_work(
    connection: &mut SqliteConnection,
    id: FleetRotationId,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(HAS_WORK).bind(id.to_string()).fetch_one(connection).await?)
}
