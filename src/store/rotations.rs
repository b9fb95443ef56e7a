//! Rotations: asked for and steered by callers, brought forward by the reconciler.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    IdempotentRequest, RotationChange, Store, StoreError,
    columns::revision_to_sql,
    event_kinds::rotation_notice,
    events::{Entry, UserEvent, record},
    fleet_progress::settle,
    idempotency::keep,
    rotation_changes::steer,
    rotation_queue::{call_the_next, enter},
    rotation_row::{ModeColumns, RotationRow, acknowledged_to_sql},
    schedules::password_is_promoted,
    user_row::{UserRow, retry_at, select_users},
    write::touch,
};
use crate::domain::{
    CacheUser, CacheUserId, Cause, Revision, Rotation, RotationId, RotationOrigin, RotationPhase,
    TenantId,
};

impl Store {
    /// Writes down that a password is to be replaced. Answers [`StoreError::RotationRunning`] if
    /// one of the same user is being replaced already; an emergency has that one brought to its end
    /// and waits for it. Answers [`StoreError::NoPassword`] if the user has none.
    pub async fn start_rotation(
        &self,
        rotation: Rotation,
        idempotent: Option<IdempotentRequest<Rotation>>,
        cause: Cause,
    ) -> Result<Rotation, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let rotation = enter(connection, rotation, &cause).await?;
                let now = rotation.created_at;
                if let Some(idempotent) = idempotent {
                    keep(connection, idempotent, &rotation, now).await?;
                }
                Ok(rotation)
            })
        })
        .await
    }

    /// Writes down what a caller wants of a rotation. What is so already changes nothing.
    pub async fn change_rotation(
        &self,
        id: RotationId,
        change: RotationChange,
        cause: Cause,
        now: Timestamp,
    ) -> Result<Rotation, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let mut rotation = by_id(connection, id).await?;
                steer(connection, &mut rotation, change, (&cause, now)).await?;
                Ok(rotation)
            })
        })
        .await
    }

    /// Writes down how far a rotation has come, or what stands in its way.
    pub async fn save_rotation(
        &self,
        mut rotation: Rotation,
        now: Timestamp,
    ) -> Result<Rotation, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let before = by_id(connection, rotation.id).await?.phase;
                write(connection, &mut rotation, now).await?;
                if rotation.phase != before {
                    tell_advance(connection, &rotation, now).await?;
                    note_for_schedule(connection, &rotation, now).await?;
                    if let Some(fleet) = rotation.fleet {
                        settle(connection, fleet, now).await?;
                    }
                }
                if rotation.phase.is_over() {
                    call_the_next(connection, rotation.user, now).await?;
                }
                Ok(rotation)
            })
        })
        .await
    }

    /// One rotation of a tenant.
    pub async fn rotation(
        &self,
        tenant: TenantId,
        id: RotationId,
    ) -> Result<Option<Rotation>, StoreError> {
        let row: Option<RotationRow> =
            sqlx::query_as("SELECT * FROM rotations WHERE tenant_id = $1 AND id = $2")
                .bind(tenant.to_string())
                .bind(id.to_string())
                .fetch_optional(&self.reader)
                .await?;
        row.map(Rotation::try_from).transpose()
    }

    /// What replaces a user's password, if anything does: the rotation that waits for the end of
    /// another, or else the one that runs.
    pub async fn rotation_under_way(
        &self,
        user: CacheUserId,
    ) -> Result<Option<Rotation>, StoreError> {
        let row: Option<RotationRow> = sqlx::query_as(
            "SELECT * FROM rotations
             WHERE user = $1 AND phase NOT IN ('completed', 'cancelled', 'failed')
             ORDER BY phase = 'queued' DESC LIMIT 1",
        )
        .bind(user.to_string())
        .fetch_optional(&self.reader)
        .await?;
        row.map(Rotation::try_from).transpose()
    }

    /// A rotation, whosever it is.
    pub async fn rotation_by_id(&self, id: RotationId) -> Result<Option<Rotation>, StoreError> {
        let row: Option<RotationRow> = sqlx::query_as("SELECT * FROM rotations WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.map(Rotation::try_from).transpose()
    }

    /// A page of a tenant's rotations, newest first.
    pub async fn rotations(
        &self,
        tenant: TenantId,
        before: Option<RotationId>,
        limit: u32,
    ) -> Result<Vec<Rotation>, StoreError> {
        let rows: Vec<RotationRow> = sqlx::query_as(
            "SELECT * FROM rotations WHERE tenant_id = $1 AND ($2 IS NULL OR id < $2)
             ORDER BY id DESC LIMIT $3",
        )
        .bind(tenant.to_string())
        .bind(before.map(|id| id.to_string()))
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter().map(Rotation::try_from).collect()
    }
}

/// When the user's password is due again depends on when it was promoted, and on what was in vain.
async fn note_for_schedule(
    connection: &mut SqliteConnection,
    rotation: &Rotation,
    now: Timestamp,
) -> Result<(), StoreError> {
    if rotation.phase == RotationPhase::Grace {
        password_is_promoted(connection, rotation.user, now).await?;
    } else if !rotation.phase.is_over() {
        return Ok(());
    }
    touch(connection, rotation.tenant, now).await?;
    Ok(())
}

/// Records what became of a rotation.
pub(super) async fn tell(
    connection: &mut SqliteConnection,
    rotation: &Rotation,
    cause: &Cause,
    now: Timestamp,
) -> Result<(), StoreError> {
    let user = user(connection, rotation).await?;
    record(connection, entry(&user, rotation).by(cause), now).await
}

/// Records that a rotation has come further, and tells webhooks of it.
async fn tell_advance(
    connection: &mut SqliteConnection,
    rotation: &Rotation,
    now: Timestamp,
) -> Result<(), StoreError> {
    let user = user(connection, rotation).await?;
    let entry = entry(&user, rotation).told_as(rotation_notice(rotation.phase));
    record(connection, entry, now).await
}

fn entry<'a>(user: &'a CacheUser, rotation: &Rotation) -> Entry<'a> {
    let event = UserEvent::Rotation { phase: rotation.phase, wish: rotation.wish };
    Entry::of_user(user, event).about(&rotation.id).within(rotation.fleet)
}

pub(super) async fn user(
    connection: &mut SqliteConnection,
    rotation: &Rotation,
) -> Result<CacheUser, StoreError> {
    let row: UserRow = sqlx::query_as(select_users!("users.id = $1"))
        .bind(rotation.user.to_string())
        .fetch_one(connection)
        .await?;
    CacheUser::try_from(row)
}

async fn by_id(connection: &mut SqliteConnection, id: RotationId) -> Result<Rotation, StoreError> {
    let row: Option<RotationRow> = sqlx::query_as("SELECT * FROM rotations WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    Rotation::try_from(row.ok_or(StoreError::NotFound)?)
}

pub(super) async fn running(
    connection: &mut SqliteConnection,
    user: CacheUserId,
) -> Result<Option<Rotation>, StoreError> {
    let row: Option<RotationRow> = sqlx::query_as(
        "SELECT * FROM rotations
         WHERE user = $1 AND phase NOT IN ('queued', 'completed', 'cancelled', 'failed')",
    )
    .bind(user.to_string())
    .fetch_optional(connection)
    .await?;
    row.map(Rotation::try_from).transpose()
}

/// Writes a new rotation.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    rotation: &Rotation,
) -> Result<(), StoreError> {
    let mode = ModeColumns::from(&rotation.mode);
    sqlx::query(
        "INSERT INTO rotations (id, tenant_id, user, cache, mode, grace_seconds, gate, expected,
           reason, wish, phase, phase_since, acknowledged, attempts, request_id, revision,
           created_at, updated_at, fleet, scheduled)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '[]', 0, $13, $14, $12, $12,
           $15, $16)",
    )
    .bind(rotation.id.to_string())
    .bind(rotation.tenant.to_string())
    .bind(rotation.user.to_string())
    .bind(rotation.cache.as_str())
    .bind(mode.mode)
    .bind(mode.grace_seconds)
    .bind(mode.gate)
    .bind(mode.expected)
    .bind(rotation.reason.as_ref().map(|reason| reason.as_str().to_owned()))
    .bind(rotation.wish.as_str())
    .bind(rotation.phase.as_str())
    .bind(rotation.created_at.as_millisecond())
    .bind(rotation.requested_by.as_ref().map(|request| request.0.clone()))
    .bind(revision_to_sql(rotation.revision))
    .bind(rotation.fleet.map(|fleet| fleet.to_string()))
    .bind(rotation.origin == RotationOrigin::Schedule)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the row if it is still at the revision that it was read at, and moves both on.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    rotation: &mut Rotation,
    now: Timestamp,
) -> Result<(), StoreError> {
    let read_at = rotation.revision;
    rotation.revision = Revision(read_at.0 + 1);
    rotation.updated_at = now;
    let problem = rotation.problem.as_ref();
    let done = [
        rotation.done.created_at,
        rotation.done.set_at,
        rotation.done.tested_at,
        rotation.done.finished_at,
        rotation.done.retired_at,
    ]
    .map(|at| at.map(Timestamp::as_millisecond));
    let written = sqlx::query(
        "UPDATE rotations SET wish = $1, phase = $2, phase_since = $3, from_version = $4,
           created_step = $5, set_step = $6, tested_step = $7, finished_step = $8,
           retired_step = $9, acknowledged = $10, problem_code = $11, problem_detail = $12,
           retry_at = $13, attempts = $14, request_id = $15, revision = $16, updated_at = $17
         WHERE id = $18 AND revision = $19",
    )
    .bind(rotation.wish.as_str())
    .bind(rotation.phase.as_str())
    .bind(rotation.phase_since.as_millisecond())
    .bind(rotation.from.as_ref().map(|version| version.as_str().to_owned()))
    .bind(done[0])
    .bind(done[1])
    .bind(done[2])
    .bind(done[3])
    .bind(done[4])
    .bind(acknowledged_to_sql(&rotation.acknowledged))
    .bind(problem.map(|problem| problem.code.as_str()))
    .bind(problem.map(|problem| problem.detail.clone()))
    .bind(retry_at(problem))
    .bind(rotation.attempts)
    .bind(rotation.requested_by.as_ref().map(|request| request.0.clone()))
    .bind(revision_to_sql(rotation.revision))
    .bind(now.as_millisecond())
    .bind(rotation.id.to_string())
    .bind(revision_to_sql(read_at))
    .execute(connection)
    .await?;
    if written.rows_affected() == 0 {
        return Err(StoreError::Stale);
    }
    Ok(())
}
