//! Writing rows. Each write moves the row's revision on, and with a user's its tenant's.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    StoreError,
    columns::revision_to_sql,
    events::{Entry, TenantEvent, record},
    load::by_id,
    purges::insert_purger,
    schedules::reschedule,
    user_row::{PURGE, retry_at},
};
use crate::domain::{
    CacheName, CacheUser, CacheUserId, Cause, Grant, Labels, NewTenant, NewUser, Phase, RequestId,
    Revision, RotationInterval, Status, Tenant, TenantId, Tier, Wanted,
};

/// Writes a new tenant without its users.
pub(super) async fn insert_tenant(
    connection: &mut SqliteConnection,
    new: &NewTenant,
    cache: &CacheName,
) -> Result<(), StoreError> {
    let session = match &new.tier {
        Tier::BreakGlass(session) => Some(session),
        Tier::Tenant | Tier::Service => None,
    };
    sqlx::query(
        "INSERT INTO tenants (id, tier, name, cache, labels, key_pattern, reason, expires_at,
           wanted, status, revision, created_at, updated_at, rotate_every_seconds)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11, $12)",
    )
    .bind(new.id.to_string())
    .bind(new.tier.kind().as_str())
    .bind(new.name.as_str())
    .bind(cache.as_str())
    .bind(labels_to_sql(&new.labels))
    .bind(new.key_pattern.to_string())
    .bind(session.map(|session| session.reason.as_str()))
    .bind(session.map(|session| session.expires_at.as_millisecond()))
    .bind(Wanted::Present.as_str())
    .bind(Status::Provisioning.as_str())
    .bind(new.now.as_millisecond())
    .bind(new.rotate_every.map(RotationInterval::seconds))
    .execute(connection)
    .await?;
    Ok(())
}

/// Whose a new user is, and who asked for it when.
pub(super) struct Birth<'a> {
    pub(super) tenant: TenantId,
    pub(super) cache: &'a str,
    /// What is wanted of the tenant.
    pub(super) wanted: Wanted,
    pub(super) request: Option<&'a RequestId>,
    pub(super) now: Timestamp,
}

/// Writes a new user.
pub(super) async fn insert_user(
    connection: &mut SqliteConnection,
    user: &NewUser,
    birth: &Birth<'_>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO users (id, tenant_id, cache, name, profile, key_pattern, user_id, user_name,
           secret_name, request_id, wanted, phase, phase_since, attempts, revision, created_at,
           updated_at, rotation_spread, auth)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 1, $13, $13, $14, $15)",
    )
    .bind(user.id.to_string())
    .bind(birth.tenant.to_string())
    .bind(birth.cache)
    .bind(user.name.as_str())
    .bind(profile_to_sql(&user.grant))
    .bind(user.key_pattern.to_string())
    .bind(user.names.user_id.as_str())
    .bind(user.names.user_name.as_str())
    .bind(user.names.secret_name.as_str())
    .bind(birth.request.map(|request| request.0.as_str()))
    .bind(birth.wanted.as_str())
    .bind(Phase::first(user.auth).as_str())
    .bind(birth.now.as_millisecond())
    .bind(user.id.rotation_spread())
    .bind(user.auth.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the user if it is still at the revision that it was read at, and moves both on. To be
/// followed by [`touch`], once for all users of the tenant that are written.
pub(super) async fn write_user(
    connection: &mut SqliteConnection,
    user: &mut CacheUser,
    now: Timestamp,
) -> Result<(), StoreError> {
    let read_at = user.revision;
    user.revision = Revision(read_at.0 + 1);
    user.updated_at = now;
    let problem = user.problem.as_ref();
    let written = sqlx::query(
        "UPDATE users SET wanted = $1, phase = $2, phase_since = $3, problem_code = $4,
           problem_detail = $5, retry_at = $6, attempts = $7, revision = $8, updated_at = $9,
           attested_at = $10, attested_verdict = $11, request_id = $12, profile = $13,
           key_pattern = $14, access_revision = $15, activated_at = $16, outgoing_since = $17,
           outgoing_grace_seconds = $18
         WHERE id = $19 AND revision = $20",
    )
    .bind(user.wanted.as_str())
    .bind(user.phase.as_str())
    .bind(user.phase_since.as_millisecond())
    .bind(problem.map(|problem| problem.code.as_str()))
    .bind(problem.map(|problem| problem.detail.as_str()))
    .bind(retry_at(problem))
    .bind(user.attempts)
    .bind(revision_to_sql(user.revision))
    .bind(now.as_millisecond())
    .bind(user.attested.map(|attested| attested.at.as_millisecond()))
    .bind(user.attested.map(|attested| attested.verdict.as_str()))
    .bind(user.requested_by.as_ref().map(|request| request.0.as_str()))
    .bind(profile_to_sql(&user.grant))
    .bind(user.key_pattern.to_string())
    .bind(user.access.map(|access| access.to_string()))
    .bind(user.activated_at.map(Timestamp::as_millisecond))
    .bind(user.outgoing.map(|outgoing| outgoing.since.as_millisecond()))
    .bind(user.outgoing.map(|outgoing| seconds_to_sql(outgoing.grace)))
    .bind(user.id.to_string())
    .bind(revision_to_sql(read_at))
    .execute(&mut *connection)
    .await?;
    if written.rows_affected() == 0 {
        return Err(StoreError::Stale);
    }
    if user.wanted == Wanted::Absent {
        end_grace(connection, user.id).await?;
    }
    Ok(())
}

/// Who goes needs no old password: a rotation that waits for a time or for a person's word goes on, and
/// finds that its user is gone.
async fn end_grace(connection: &mut SqliteConnection, user: CacheUserId) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE rotations SET wish = 'retire-now', revision = revision + 1
         WHERE user = $1 AND phase = 'grace' AND wish <> 'retire-now'",
    )
    .bind(user.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down what the users of a tenant now add up to and when their passwords are due, and answers
/// with the tenant. When all are gone and its keys are to go too, the user is written that removes them.
pub(super) async fn touch(
    connection: &mut SqliteConnection,
    tenant: TenantId,
    now: Timestamp,
) -> Result<Tenant, StoreError> {
    reschedule(connection, tenant).await?;
    let mut tenant = read_back(connection, tenant).await?;
    let is_unpurged = tenant.purge.as_ref().is_some_and(|purge| purge.proved_at.is_none());
    if is_unpurged && tenant.status() == Status::Deleted {
        insert_purger(connection, &tenant, now).await?;
        tenant = read_back(connection, tenant.id).await?;
    }
    let status = tenant.status();
    let before: String = sqlx::query_scalar("SELECT status FROM tenants WHERE id = $1")
        .bind(tenant.id.to_string())
        .fetch_one(&mut *connection)
        .await?;
    tenant.revision = Revision(tenant.revision.0 + 1);
    tenant.updated_at = now;
    let is_first_time = status == Status::Active && tenant.activated_at.is_none();
    if is_first_time {
        tenant.activated_at = Some(now);
    }
    sqlx::query(
        "UPDATE tenants SET status = $1, activated_at = $2, revision = $3, updated_at = $4
         WHERE id = $5",
    )
    .bind(status.as_str())
    .bind(tenant.activated_at.map(Timestamp::as_millisecond))
    .bind(revision_to_sql(tenant.revision))
    .bind(now.as_millisecond())
    .bind(tenant.id.to_string())
    .execute(&mut *connection)
    .await?;
    let news = match status {
        Status::Active if is_first_time => Some(TenantEvent::Activated),
        Status::Deleted if before != status.as_str() => Some(TenantEvent::Deleted),
        Status::Blocked if before != status.as_str() => Some(TenantEvent::Blocked),
        Status::Suspended if before != status.as_str() => Some(TenantEvent::Suspended),
        _ => None,
    };
    if let Some(event) = news {
        record(connection, Entry::of_tenant(&tenant, event), now).await?;
    }
    Ok(tenant)
}

async fn read_back(
    connection: &mut SqliteConnection,
    tenant: TenantId,
) -> Result<Tenant, StoreError> {
    by_id(connection, tenant).await?.ok_or(StoreError::NotFound)
}

/// Writes down that the tenant is to be removed with all its users.
pub(super) async fn want_all_absent(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    cause: &Cause,
    now: Timestamp,
) -> Result<Tenant, StoreError> {
    want_all(connection, tenant, Wanted::Absent, (cause, now)).await
}

/// Writes down what is wanted of the tenant and all its users. One that is to be removed is to be
/// removed all the same, and the one that removes its keys is wanted until they are gone.
pub(super) async fn want_all(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    wanted: Wanted,
    (cause, now): (&Cause, Timestamp),
) -> Result<Tenant, StoreError> {
    // A status that goes with anything that is wanted; the right one is written by `touch`.
    sqlx::query("UPDATE tenants SET wanted = $1, status = 'updating' WHERE id = $2")
        .bind(wanted.as_str())
        .bind(tenant.id.to_string())
        .execute(&mut *connection)
        .await?;
    let is_staying = |user: &&CacheUser| user.wanted != Wanted::Absent || wanted == Wanted::Absent;
    let living = tenant.users_and_purger().filter(|user| user.phase != Phase::Deleted);
    for user in living.filter(is_staying) {
        let mut user = user.clone();
        if user.grant != Grant::Purge {
            user.wanted = wanted;
        }
        user.requested_by.clone_from(&cause.request);
        clear_problem(&mut user);
        write_user(connection, &mut user, now).await?;
    }
    touch(connection, tenant.id, now).await
}

/// Writes what callers may change in a tenant. To be followed by [`touch`].
pub(super) async fn write_description(
    connection: &mut SqliteConnection,
    tenant: TenantId,
    labels: &Labels,
    rotate_every: Option<RotationInterval>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE tenants SET labels = $1, rotate_every_seconds = $2 WHERE id = $3")
        .bind(labels_to_sql(labels))
        .bind(rotate_every.map(RotationInterval::seconds))
        .bind(tenant.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// The cause of a problem is gone, or about to be tried again.
pub(super) fn clear_problem(user: &mut CacheUser) {
    user.problem = None;
    user.attempts = 0;
}

fn seconds_to_sql(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

fn labels_to_sql(labels: &Labels) -> String {
    serde_json::Value::from_iter(labels.as_map().clone()).to_string()
}

fn profile_to_sql(grant: &Grant) -> Option<&str> {
    match grant {
        Grant::Profile(profile) => Some(profile.as_str()),
        Grant::Everything => None,
        Grant::Purge => Some(PURGE),
    }
}
