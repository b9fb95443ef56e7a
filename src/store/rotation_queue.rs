//! An emergency does not wait at the end of a grace: it has what runs brought to its end.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    RotationChange, StoreError,
    rotation_changes::{advanced, apply},
    rotation_row::RotationRow,
    rotations::{insert, running, tell, user, write},
};
use crate::domain::{CacheUserId, Cause, Rotation, RotationEvent, RotationMode, RotationPhase};

/// Writes a new rotation down. If another one of the user runs, it is queued or refused; it is refused
/// as well if there is no password to replace.
pub(super) async fn enter(
    connection: &mut SqliteConnection,
    mut rotation: Rotation,
    cause: &Cause,
) -> Result<Rotation, StoreError> {
    let user = user(connection, &rotation).await?;
    if user.secret().is_none() {
        return Err(StoreError::NoPassword { user: user.user_name });
    }
    if let Some(running) = running(connection, rotation.user).await? {
        give_way(connection, running, &rotation, cause).await?;
        rotation.phase = RotationPhase::Queued;
    }
    insert(connection, &rotation).await?;
    tell(connection, &rotation, cause, rotation.created_at).await?;
    Ok(rotation)
}

/// Has the rotation that runs brought to its end, if an emergency asks for it and nothing else does.
async fn give_way(
    connection: &mut SqliteConnection,
    mut running: Rotation,
    next: &Rotation,
    cause: &Cause,
) -> Result<(), StoreError> {
    let waits = queued(connection, next.user).await?;
    let in_the_way = waits.as_ref().unwrap_or(&running);
    if next.mode != RotationMode::Emergency || in_the_way.mode == RotationMode::Emergency {
        return Err(StoreError::RotationRunning { id: in_the_way.id });
    }
    let now = next.created_at;
    let end = if running.phase.can_be_cancelled() {
        RotationChange::Cancel
    } else {
        RotationChange::RetireNow
    };
    // What is being cancelled or retired already comes to its end by itself, and soon.
    let is_news = matches!(apply(&mut running, end, now), Ok(true));
    if !is_news && running.problem.is_none() {
        return Ok(());
    }
    running.problem = None;
    running.attempts = 0;
    write(connection, &mut running, now).await?;
    tell(connection, &running, cause, now).await
}

/// Lets the rotation that waits for the end of another begin.
pub(super) async fn call_the_next(
    connection: &mut SqliteConnection,
    user: CacheUserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(mut next) = queued(connection, user).await? else { return Ok(()) };
    next.phase = advanced(next.phase, RotationEvent::TurnCame)?;
    next.phase_since = now;
    write(connection, &mut next, now).await?;
    tell(connection, &next, &Cause::SERVICE, now).await
}

async fn queued(
    connection: &mut SqliteConnection,
    user: CacheUserId,
) -> Result<Option<Rotation>, StoreError> {
    let row: Option<RotationRow> =
        sqlx::query_as("SELECT * FROM rotations WHERE user = $1 AND phase = 'queued'")
            .bind(user.to_string())
            .fetch_optional(connection)
            .await?;
    row.map(Rotation::try_from).transpose()
}
