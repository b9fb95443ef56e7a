//! The members of fleet rotations, looked up.

use std::collections::HashMap;

use sqlx::{FromRow, QueryBuilder, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::{
    Store, StoreError,
    columns::parsed,
    fleet_row::fleet_id,
    rotation_row::RotationRow,
    user_row::{UserRow, select_users, users},
};
use crate::domain::{
    CacheUser, FleetCounts, FleetMember, FleetRotationId, MemberState, MemberStatus, Rotation,
    RotationId, RotationPhase, RotationStatus,
};

/// Which members to list, in the order in which they are started.
#[derive(Clone, Copy, Debug)]
pub struct MemberQuery {
    /// Of which fleet rotation.
    pub fleet: FleetRotationId,
    /// Only those with this status.
    pub status: Option<MemberStatus>,
    /// Only those that come after this position.
    pub after: u32,
    /// At most so many.
    pub limit: u32,
}

/// A row of `fleet_members`, and what stands beside it.
#[derive(FromRow)]
struct MemberRow {
    position: u32,
    user: String,
    tier: String,
    rotation: Option<String>,
    outcome: Option<String>,
    why: Option<String>,
    behind: Option<String>,
}

impl Store {
    /// A page of the members of a fleet rotation.
    pub async fn fleet_members(&self, query: &MemberQuery) -> Result<Vec<FleetMember>, StoreError> {
        let mut sql = QueryBuilder::<Sqlite>::new(
            "SELECT members.*, tenants.tier,
               (SELECT other.id FROM rotations AS other WHERE other.user = members.user
                  AND other.phase NOT IN ('completed', 'cancelled', 'failed')) AS behind
             FROM fleet_members AS members
             JOIN users ON users.id = members.user
             JOIN tenants ON tenants.id = users.tenant_id
             LEFT JOIN rotations ON rotations.id = members.rotation
             WHERE members.fleet = ",
        );
        sql.push_bind(query.fleet.to_string()).push(" AND position > ").push_bind(query.after);
        if let Some(status) = query.status {
            push_status(&mut sql, status);
        }
        sql.push(" ORDER BY position LIMIT ").push_bind(query.limit);
        let mut snapshot = self.reader.begin().await?;
        let rows: Vec<MemberRow> = sql.build_query_as().fetch_all(&mut *snapshot).await?;
        let users = users_of(&mut snapshot, &rows).await?;
        let rotations = rotations_of(&mut snapshot, &rows).await?;
        rows.into_iter().map(|row| row.read(&users, &rotations)).collect()
    }
}

fn push_status(sql: &mut QueryBuilder<Sqlite>, wanted: MemberStatus) {
    let phases_of = |status: RotationStatus| -> String {
        let phases = RotationPhase::ALL.into_iter().filter(|phase| phase.status() == status);
        phases.map(RotationPhase::as_str).collect::<serde_json::Value>().to_string()
    };
    let phases = match wanted {
        MemberStatus::Waiting => {
            sql.push(" AND rotation IS NULL AND outcome IS NULL");
            return;
        }
        MemberStatus::Skipped => {
            sql.push(" AND outcome = 'skipped'");
            return;
        }
        MemberStatus::Cancelled => {
            sql.push(" AND (outcome = 'withdrawn' OR rotations.phase = 'cancelled')");
            return;
        }
        MemberStatus::Running => phases_of(RotationStatus::Running),
        MemberStatus::Grace => phases_of(RotationStatus::Grace),
        MemberStatus::Completed => phases_of(RotationStatus::Completed),
        MemberStatus::Failed => phases_of(RotationStatus::Failed),
    };
    sql.push(" AND rotations.phase IN (SELECT value FROM json_each(").push_bind(phases).push("))");
}

/// How many members of each of these fleet rotations there are in each status.
pub(super) async fn count(
    connection: &mut SqliteConnection,
    fleets: &[FleetRotationId],
) -> Result<HashMap<FleetRotationId, FleetCounts>, StoreError> {
    let ids: Vec<String> = fleets.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, Option<String>, Option<String>, i64)> = sqlx::query_as(
        "SELECT members.fleet, outcome, phase, COUNT(*)
         FROM fleet_members AS members LEFT JOIN rotations ON rotations.id = members.rotation
         WHERE members.fleet IN (SELECT value FROM json_each($1)) GROUP BY 1, 2, 3",
    )
    .bind(serde_json::Value::from(ids).to_string())
    .fetch_all(connection)
    .await?;
    let mut counts: HashMap<FleetRotationId, FleetCounts> = HashMap::new();
    for (id, outcome, phase, members) in rows {
        let refused = |why| inconsistent(&id, why);
        let fleet = fleet_id(&id).map_err(refused)?;
        let status = status(outcome.as_deref(), phase.as_deref()).map_err(refused)?;
        counts.entry(fleet).or_default().add(status, members.unsigned_abs());
    }
    Ok(counts)
}

fn status(outcome: Option<&str>, phase: Option<&str>) -> Result<MemberStatus, String> {
    match (outcome, phase) {
        (None, None) => Ok(MemberStatus::Waiting),
        (None, Some(phase)) => Ok(parsed::<RotationPhase>("phase", phase)?.status().into()),
        (Some("skipped"), None) => Ok(MemberStatus::Skipped),
        (Some("withdrawn"), None) => Ok(MemberStatus::Cancelled),
        (outcome, phase) => Err(format!("outcome: {outcome:?} with a rotation {phase:?}")),
    }
}

/// The rotations of a fleet rotation that are not over and are in one of these phases.
pub(super) async fn rotations_in(
    connection: &mut SqliteConnection,
    fleet: FleetRotationId,
    is_wanted: impl Fn(RotationPhase) -> bool,
) -> Result<Vec<Rotation>, StoreError> {
    let rows: Vec<RotationRow> = sqlx::query_as(
        "SELECT * FROM rotations
         WHERE fleet = $1 AND phase NOT IN ('completed', 'cancelled', 'failed') ORDER BY id",
    )
    .bind(fleet.to_string())
    .fetch_all(connection)
    .await?;
    let rotations = rows.into_iter().map(Rotation::try_from);
    rotations.filter(|r| r.as_ref().map_or(true, |rotation| is_wanted(rotation.phase))).collect()
}

async fn users_of(
    connection: &mut SqliteConnection,
    rows: &[MemberRow],
) -> Result<HashMap<String, CacheUser>, StoreError> {
    let ids: Vec<&str> = rows.iter().map(|row| row.user.as_str()).collect();
    let found: Vec<UserRow> =
        sqlx::query_as(select_users!("users.id IN (SELECT value FROM json_each($1))"))
            .bind(serde_json::Value::from(ids).to_string())
            .fetch_all(connection)
            .await?;
    Ok(users(found)?.into_iter().map(|user| (user.id.to_string(), user)).collect())
}

async fn rotations_of(
    connection: &mut SqliteConnection,
    rows: &[MemberRow],
) -> Result<HashMap<String, Rotation>, StoreError> {
    let ids: Vec<&str> = rows.iter().filter_map(|row| row.rotation.as_deref()).collect();
    let found: Vec<RotationRow> =
        sqlx::query_as("SELECT * FROM rotations WHERE id IN (SELECT value FROM json_each($1))")
            .bind(serde_json::Value::from(ids).to_string())
            .fetch_all(connection)
            .await?;
    let named = |row| Rotation::try_from(row).map(|rotation| (rotation.id.to_string(), rotation));
    found.into_iter().map(named).collect()
}

impl MemberRow {
    fn read(
        self,
        users: &HashMap<String, CacheUser>,
        rotations: &HashMap<String, Rotation>,
    ) -> Result<FleetMember, StoreError> {
        let id = self.user.clone();
        let read = || -> Result<FleetMember, String> {
            Ok(FleetMember {
                position: self.position,
                tier: parsed("tier", &self.tier)?,
                user: users.get(&self.user).ok_or("has no user")?.clone(),
                state: self.state(rotations)?,
            })
        };
        read().map_err(|why| inconsistent(&id, why))
    }

    fn state(&self, rotations: &HashMap<String, Rotation>) -> Result<MemberState, String> {
        match (&self.rotation, self.outcome.as_deref(), self.why.as_deref()) {
            (Some(id), None, None) => {
                let rotation = rotations.get(id).ok_or("has no rotation")?;
                Ok(MemberState::Started(Box::new(rotation.clone())))
            }
            (None, None, None) => {
                let behind = self.behind.as_deref().map(Uuid::parse_str).transpose();
                let behind = behind.map_err(|error| format!("rotation: {error}"))?;
                Ok(MemberState::Waiting { behind: behind.map(RotationId) })
            }
            (None, Some("skipped"), Some(why)) => Ok(MemberState::Skipped(parsed("why", why)?)),
            (None, Some("withdrawn"), None) => Ok(MemberState::Withdrawn),
            (_, outcome, why) => Err(format!("outcome: {outcome:?} with {why:?}")),
        }
    }
}

fn inconsistent(id: &str, why: String) -> StoreError {
    StoreError::Inconsistent { table: "fleet_members", id: id.to_owned(), why }
}
