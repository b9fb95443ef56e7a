//! Fleet rotations: asked for, steered and looked up by callers.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    IdempotentRequest, RotationChange, Store, StoreError,
    events::{Entry, FleetRotationEvent, record},
    fleet_members::{count, rotations_in},
    fleet_progress::settle,
    fleet_row::{FleetRow, mode_columns, selector_to_sql},
    fleet_selection::insert_members,
    idempotency::keep,
    rotation_changes::steer,
};
use crate::domain::{
    Cause, FleetEvent, FleetReport, FleetRotation, FleetRotationId, FleetState, Rotation,
    RotationPhase,
};

/// What a caller wants of a fleet rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetChange {
    /// No more starts.
    Pause,
    /// To go on with them.
    Resume,
    /// No more starts, and an end with the old password for those that can still go back.
    Cancel,
    /// The grace of those that are in it is to end now.
    RetireNow,
}

impl Store {
    /// Writes down that many passwords are to be replaced, and whose, as they are selected in this
    /// moment.
    pub async fn start_fleet_rotation(
        &self,
        fleet: FleetRotation,
        idempotent: Option<IdempotentRequest<FleetReport>>,
        cause: Cause,
    ) -> Result<FleetReport, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let (id, now) = (fleet.id, fleet.created_at);
                insert(connection, &fleet).await?;
                insert_members(connection, &fleet).await?;
                let entry = Entry::of_fleet(&fleet, FleetRotationEvent::Requested);
                record(connection, entry.by(&cause), now).await?;
                settle(connection, id, now).await?;
                let report = report(connection, id).await?;
                if let Some(idempotent) = idempotent {
                    keep(connection, idempotent, &report, now).await?;
                }
                Ok(report)
            })
        })
        .await
    }

    /// Writes down what a caller wants of a fleet rotation. What is so already changes nothing.
    pub async fn change_fleet_rotation(
        &self,
        id: FleetRotationId,
        change: FleetChange,
        cause: Cause,
        now: Timestamp,
    ) -> Result<FleetReport, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let fleet = by_id(connection, id).await?.ok_or(StoreError::NotFound)?;
                apply(connection, &fleet, change, (&cause, now)).await?;
                let report = report(connection, id).await?;
                Ok(report)
            })
        })
        .await
    }

    /// A fleet rotation and how far its members have come.
    pub async fn fleet_rotation(
        &self,
        id: FleetRotationId,
    ) -> Result<Option<FleetReport>, StoreError> {
        let mut snapshot = self.reader.begin().await?;
        let Some(fleet) = by_id(&mut snapshot, id).await? else { return Ok(None) };
        let counts = count(&mut snapshot, &[id]).await?.remove(&id).unwrap_or_default();
        Ok(Some(FleetReport { fleet, counts }))
    }

    /// A page of fleet rotations, newest first.
    pub async fn fleet_rotations(
        &self,
        before: Option<FleetRotationId>,
        limit: u32,
    ) -> Result<Vec<FleetReport>, StoreError> {
        let mut snapshot = self.reader.begin().await?;
        let rows: Vec<FleetRow> = sqlx::query_as(
            "SELECT * FROM fleet_rotations WHERE ($1 IS NULL OR id < $1) ORDER BY id DESC LIMIT $2",
        )
        .bind(before.map(|id| id.to_string()))
        .bind(limit)
        .fetch_all(&mut *snapshot)
        .await?;
        let fleets: Vec<FleetRotation> =
            rows.into_iter().map(FleetRotation::try_from).collect::<Result<_, _>>()?;
        let ids: Vec<FleetRotationId> = fleets.iter().map(|fleet| fleet.id).collect();
        let mut counts = count(&mut snapshot, &ids).await?;
        let report = |fleet: FleetRotation| {
            let counts = counts.remove(&fleet.id).unwrap_or_default();
            FleetReport { fleet, counts }
        };
        Ok(fleets.into_iter().map(report).collect())
    }
}

async fn apply(
    connection: &mut SqliteConnection,
    fleet: &FleetRotation,
    change: FleetChange,
    by: (&Cause, Timestamp),
) -> Result<(), StoreError> {
    let (wish, event) = match change {
        FleetChange::Pause => (Some(FleetEvent::PauseWanted), FleetRotationEvent::Paused),
        FleetChange::Resume => (Some(FleetEvent::ResumeWanted), FleetRotationEvent::Resumed),
        FleetChange::Cancel => (Some(FleetEvent::CancelWanted), FleetRotationEvent::Cancelled),
        FleetChange::RetireNow => (None, FleetRotationEvent::GracesEnded),
    };
    let (cause, now) = by;
    if let Some(wish) = wish {
        let over = |_| StoreError::FleetRotationOver { state: fleet.state };
        let state = fleet.state.on(wish).map_err(over)?;
        if state == fleet.state {
            return Ok(());
        }
        write_state(connection, fleet.id, state, now).await?;
    }
    record(connection, Entry::of_fleet(fleet, event).by(cause), now).await?;
    match change {
        FleetChange::Pause | FleetChange::Resume => Ok(()),
        FleetChange::Cancel => {
            withdraw_waiting(connection, fleet.id).await?;
            let going = rotations_in(connection, fleet.id, RotationPhase::can_be_cancelled).await?;
            steer_all(connection, going, &RotationChange::Cancel, by).await
        }
        FleetChange::RetireNow => {
            let is_grace = |phase| phase == RotationPhase::Grace;
            let resting = rotations_in(connection, fleet.id, is_grace).await?;
            steer_all(connection, resting, &RotationChange::RetireNow, by).await
        }
    }
}

async fn steer_all(
    connection: &mut SqliteConnection,
    rotations: Vec<Rotation>,
    change: &RotationChange,
    by: (&Cause, Timestamp),
) -> Result<(), StoreError> {
    for mut rotation in rotations {
        steer(connection, &mut rotation, change.clone(), by).await?;
    }
    Ok(())
}

/// Members whose turn has not come keep their old password.
async fn withdraw_waiting(
    connection: &mut SqliteConnection,
    id: FleetRotationId,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE fleet_members SET outcome = 'withdrawn'
         WHERE fleet = $1 AND rotation IS NULL AND outcome IS NULL",
    )
    .bind(id.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// One fleet rotation.
pub(super) async fn by_id(
    connection: &mut SqliteConnection,
    id: FleetRotationId,
) -> Result<Option<FleetRotation>, StoreError> {
    let row: Option<FleetRow> = sqlx::query_as("SELECT * FROM fleet_rotations WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(FleetRotation::try_from).transpose()
}

/// Writes down how a fleet rotation is, and that something has happened to it.
pub(super) async fn write_state(
    connection: &mut SqliteConnection,
    id: FleetRotationId,
    state: FleetState,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE fleet_rotations SET state = $1, updated_at = $2 WHERE id = $3")
        .bind(state.as_str())
        .bind(now.as_millisecond())
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

async fn report(
    connection: &mut SqliteConnection,
    id: FleetRotationId,
) -> Result<FleetReport, StoreError> {
    let fleet = by_id(connection, id).await?.ok_or(StoreError::NotFound)?;
    let counts = count(connection, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(FleetReport { fleet, counts })
}

async fn insert(
    connection: &mut SqliteConnection,
    fleet: &FleetRotation,
) -> Result<(), StoreError> {
    let mode = mode_columns(&fleet.mode);
    sqlx::query(
        "INSERT INTO fleet_rotations (id, selector, mode, grace_seconds, gate, expected, reason,
           max_in_flight, state, request_id, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(fleet.id.to_string())
    .bind(selector_to_sql(&fleet.selector))
    .bind(mode.mode)
    .bind(mode.grace_seconds)
    .bind(mode.gate)
    .bind(mode.expected)
    .bind(fleet.reason.as_str().to_owned())
    .bind(fleet.max_in_flight.get())
    .bind(fleet.state.as_str())
    .bind(fleet.requested_by.as_ref().map(|request| request.0.clone()))
    .bind(fleet.created_at.as_millisecond())
    .bind(fleet.updated_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}
