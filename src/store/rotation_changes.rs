//! What callers want of rotations that were started.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    StoreError,
    fleet_progress::settle,
    rotations::{tell, write},
    write::touch,
};
use crate::domain::{Cause, ConsumerName, Rotation, RotationEvent, RotationPhase, RotationWish};

/// What a caller wants of a rotation that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RotationChange {
    /// The grace is to end now.
    RetireNow,
    /// It is to end with the old password.
    Cancel,
    /// This consumer uses the new password.
    Acknowledge {
        /// Its name.
        consumer: ConsumerName,
    },
}

/// Writes down what a caller wants of a rotation.
pub(super) async fn steer(
    connection: &mut SqliteConnection,
    rotation: &mut Rotation,
    change: RotationChange,
    (cause, now): (&Cause, Timestamp),
) -> Result<(), StoreError> {
    if !apply(rotation, change, now)? {
        return Ok(());
    }
    rotation.requested_by.clone_from(&cause.request);
    rotation.problem = None;
    rotation.attempts = 0;
    write(connection, rotation, now).await?;
    tell(connection, rotation, cause, now).await?;
    if rotation.phase.is_over() {
        touch(connection, rotation.tenant, now).await?;
        if let Some(fleet) = rotation.fleet {
            settle(connection, fleet, now).await?;
        }
    }
    Ok(())
}

/// Makes the rotation as the caller wants it. Answers whether that is something else than before.
pub(super) fn apply(
    rotation: &mut Rotation,
    change: RotationChange,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let phase = rotation.phase;
    let refused = || Err(StoreError::RotationTooFar { phase });
    let wish = match change {
        RotationChange::Acknowledge { consumer } => {
            if phase.is_over() {
                return refused();
            }
            return rotation.acknowledge(consumer, now).map_err(StoreError::Acknowledgement);
        }
        RotationChange::Cancel if phase == RotationPhase::Queued => {
            rotation.phase = advanced(phase, RotationEvent::CancelWanted)?;
            rotation.phase_since = now;
            RotationWish::Cancel
        }
        RotationChange::Cancel if phase.can_be_cancelled() => RotationWish::Cancel,
        RotationChange::Cancel if is_being_cancelled(phase) => return Ok(false),
        RotationChange::RetireNow
            if !phase.is_over()
                && !is_being_cancelled(phase)
                && rotation.wish != RotationWish::Cancel =>
        {
            RotationWish::RetireNow
        }
        RotationChange::RetireNow if phase == RotationPhase::Completed => return Ok(false),
        RotationChange::Cancel | RotationChange::RetireNow => return refused(),
    };
    let is_news = rotation.wish != wish;
    rotation.wish = wish;
    Ok(is_news)
}

pub(super) fn advanced(
    phase: RotationPhase,
    event: RotationEvent,
) -> Result<RotationPhase, StoreError> {
    phase.on(event).map_err(|_| StoreError::RotationTooFar { phase })
}

fn is_being_cancelled(phase: RotationPhase) -> bool {
    use RotationPhase::{Cancelled, Discarding, Reverting};
    matches!(phase, Reverting | Discarding | Cancelled)
}
