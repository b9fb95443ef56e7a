//! Rows of users become domain values here, or are refused.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    StoreError,
    columns::{parsed, problem, revision, time},
};
use crate::domain::{
    AccessRevision, Attested, CacheName, CacheUser, CacheUserId, Grant, KeyPattern, LocalUserName,
    Outgoing, ProfileName, Remedy, RequestId, SecretName, TenantId, TenantName, TenantProblem,
    UserId, UserName,
};

/// What a [`UserRow`] is read from: users, and the names and tiers of their tenants.
macro_rules! user_columns {
    () => {
        "users.*, tenants.name AS tenant_name, tenants.tier AS tier"
    };
}

/// Reads [`UserRow`]s.
macro_rules! select_users {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            $crate::store::user_row::user_columns!(),
            " FROM users JOIN tenants ",
            "ON tenants.id = users.tenant_id WHERE ",
            $condition
        )
    };
}

pub(super) use {select_users, user_columns};

/// What stands in `profile` of a user that removes the keys of its tenant. No profile can be called so.
pub(super) const PURGE: &str = "(purge)";

/// A row of `users` as SQLite gives it, with its tenant's name.
#[derive(FromRow)]
pub(super) struct UserRow {
    id: String,
    pub(super) tenant_id: String,
    tenant_name: String,
    tier: String,
    cache: String,
    name: String,
    profile: Option<String>,
    key_pattern: String,
    user_id: String,
    user_name: String,
    auth: String,
    secret_name: String,
    outgoing_since: Option<i64>,
    outgoing_grace_seconds: Option<i64>,
    request_id: Option<String>,
    wanted: String,
    phase: String,
    phase_since: i64,
    activated_at: Option<i64>,
    access_revision: Option<String>,
    rotation_due_at: Option<i64>,
    problem_code: Option<String>,
    problem_detail: Option<String>,
    retry_at: Option<i64>,
    attempts: i64,
    attested_at: Option<i64>,
    attested_verdict: Option<String>,
    revision: i64,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<UserRow> for CacheUser {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let id = row.id.clone();
        read(row).map_err(|why| StoreError::Inconsistent { table: "users", id, why })
    }
}

/// All rows, or the first that is refused.
pub(super) fn users(rows: Vec<UserRow>) -> Result<Vec<CacheUser>, StoreError> {
    rows.into_iter().map(CacheUser::try_from).collect()
}

fn read(row: UserRow) -> Result<CacheUser, String> {
    let problem = problem(row.problem_code, row.problem_detail, row.retry_at)?;
    let attested = attested(row.attested_at, row.attested_verdict)?;
    Ok(CacheUser {
        id: CacheUserId(uuid("id", &row.id)?),
        tenant: TenantId(uuid("tenant_id", &row.tenant_id)?),
        tenant_name: TenantName::parse(&row.tenant_name)
            .map_err(|error| format!("tenant_name: {error}"))?,
        tier: parsed("tier", &row.tier)?,
        cache: CacheName::parse(&row.cache).map_err(|error| format!("cache: {error}"))?,
        name: LocalUserName::parse(&row.name).map_err(|error| format!("name: {error}"))?,
        grant: match row.profile.as_deref() {
            None => Grant::Everything,
            Some(PURGE) => Grant::Purge,
            Some(profile) => Grant::Profile(
                ProfileName::parse(profile).map_err(|error| format!("profile: {error}"))?,
            ),
        },
        key_pattern: KeyPattern::from_stored(&row.key_pattern)
            .ok_or_else(|| format!("key_pattern: {:?}", row.key_pattern))?,
        user_id: UserId::new(&row.user_id),
        user_name: UserName::new(row.user_name),
        auth: parsed("auth", &row.auth)?,
        secret_name: SecretName::new(row.secret_name),
        outgoing: outgoing(row.outgoing_since, row.outgoing_grace_seconds)?,
        requested_by: row.request_id.map(RequestId),
        wanted: parsed("wanted", &row.wanted)?,
        phase: parsed("phase", &row.phase)?,
        phase_since: time("phase_since", row.phase_since)?,
        activated_at: row.activated_at.map(|at| time("activated_at", at)).transpose()?,
        access: match &row.access_revision {
            Some(text) => Some(AccessRevision(uuid("access_revision", text)?)),
            None => None,
        },
        rotation_due_at: row.rotation_due_at.map(|at| time("rotation_due_at", at)).transpose()?,
        problem,
        attested,
        attempts: u32::try_from(row.attempts).map_err(|error| format!("attempts: {error}"))?,
        revision: revision(row.revision)?,
        created_at: time("created_at", row.created_at)?,
        updated_at: time("updated_at", row.updated_at)?,
    })
}

fn uuid(column: &str, text: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text).map_err(|error| format!("{column}: {error}"))
}

fn attested(at: Option<i64>, verdict: Option<String>) -> Result<Option<Attested>, String> {
    match (at, verdict) {
        (None, None) => Ok(None),
        (Some(at), Some(verdict)) => Ok(Some(Attested {
            at: time("attested_at", at)?,
            verdict: parsed("attested_verdict", &verdict)?,
        })),
        (at, _) => Err(format!("attested_at: {at:?} and attested_verdict disagree")),
    }
}

fn outgoing(since: Option<i64>, grace: Option<i64>) -> Result<Option<Outgoing>, String> {
    match (since, grace) {
        (None, None) => Ok(None),
        (Some(since), Some(grace)) => Ok(Some(Outgoing {
            since: time("outgoing_since", since)?,
            grace: Duration::from_secs(grace.unsigned_abs()),
        })),
        (since, _) => Err(format!("outgoing_since: {since:?} without its grace, or the reverse")),
    }
}

/// A time of the problem's next try, as SQLite keeps it.
pub(super) fn retry_at(problem: Option<&TenantProblem>) -> Option<i64> {
    match problem?.remedy {
        Remedy::Retry { at } => Some(Timestamp::as_millisecond(at)),
        Remedy::Person => None,
    }
}
