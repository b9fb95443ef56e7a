//! Rows become domain values here, or are refused.

use std::{collections::BTreeMap, str::FromStr};

use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::StoreError;
use crate::domain::{
    Attested, CacheName, KeyPattern, Labels, ProfileName, Remedy, RequestId, Revision, SecretName,
    Tenant, TenantId, TenantName, TenantProblem, UserId, UserName, Wanted,
};

/// A row of `tenants` as SQLite gives it.
#[derive(FromRow)]
pub(super) struct TenantRow {
    id: String,
    name: String,
    cache: String,
    profile: String,
    labels: String,
    key_pattern: String,
    user_id: String,
    user_name: String,
    secret_name: String,
    request_id: Option<String>,
    wanted: String,
    phase: String,
    phase_since: i64,
    problem_code: Option<String>,
    problem_detail: Option<String>,
    retry_at: Option<i64>,
    attempts: i64,
    revision: i64,
    created_at: i64,
    updated_at: i64,
    attested_at: Option<i64>,
    attested_verdict: Option<String>,
}

impl TryFrom<TenantRow> for Tenant {
    type Error = StoreError;

    fn try_from(row: TenantRow) -> Result<Self, StoreError> {
        let id = row.id.clone();
        read(row).map_err(|why| StoreError::Inconsistent { table: "tenants", id, why })
    }
}

fn read(row: TenantRow) -> Result<Tenant, String> {
    let problem = problem(row.problem_code, row.problem_detail, row.retry_at)?;
    let attested = attested(row.attested_at, row.attested_verdict)?;
    let labels: BTreeMap<String, String> =
        serde_json::from_str(&row.labels).map_err(|error| format!("labels: {error}"))?;
    Ok(Tenant {
        id: TenantId(Uuid::parse_str(&row.id).map_err(|error| format!("id: {error}"))?),
        name: TenantName::parse(&row.name).map_err(|error| format!("name: {error}"))?,
        cache: CacheName::parse(&row.cache).map_err(|error| format!("cache: {error}"))?,
        profile: ProfileName::parse(&row.profile).map_err(|error| format!("profile: {error}"))?,
        labels: Labels::try_from(labels).map_err(|error| format!("labels: {error}"))?,
        key_pattern: KeyPattern::from_stored(&row.key_pattern)
            .ok_or_else(|| format!("key_pattern: {:?}", row.key_pattern))?,
        user_id: UserId::new(&row.user_id),
        user_name: UserName::new(row.user_name),
        secret_name: SecretName::new(row.secret_name),
        requested_by: row.request_id.map(RequestId),
        wanted: match row.wanted.as_str() {
            "present" => Wanted::Present,
            "absent" => Wanted::Absent,
            other => return Err(format!("wanted: {other:?}")),
        },
        phase: parsed("phase", &row.phase)?,
        phase_since: time("phase_since", row.phase_since)?,
        problem,
        attested,
        attempts: u32::try_from(row.attempts).map_err(|error| format!("attempts: {error}"))?,
        revision: revision(row.revision)?,
        created_at: time("created_at", row.created_at)?,
        updated_at: time("updated_at", row.updated_at)?,
    })
}

fn problem(
    code: Option<String>,
    detail: Option<String>,
    retry_at: Option<i64>,
) -> Result<Option<TenantProblem>, String> {
    let (code, detail) = match (code, detail) {
        (None, None) => return Ok(None),
        (Some(code), Some(detail)) => (code, detail),
        (code, _) => return Err(format!("problem_code: {code:?} and problem_detail disagree")),
    };
    let remedy = match retry_at {
        Some(at) => Remedy::Retry { at: time("retry_at", at)? },
        None => Remedy::Person,
    };
    Ok(Some(TenantProblem { code: parsed("problem_code", &code)?, detail, remedy }))
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

fn parsed<T: FromStr<Err: std::fmt::Display>>(column: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("{column}: {text:?} {error}"))
}

fn revision(value: i64) -> Result<Revision, String> {
    u64::try_from(value).map(Revision).map_err(|error| format!("revision: {error}"))
}

fn time(column: &str, millisecond: i64) -> Result<Timestamp, String> {
    Timestamp::from_millisecond(millisecond).map_err(|error| format!("{column}: {error}"))
}

/// The revision as SQLite keeps it.
pub(super) fn revision_to_sql(revision: Revision) -> i64 {
    i64::try_from(revision.0).unwrap_or(i64::MAX)
}
