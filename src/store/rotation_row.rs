//! Rows of rotations become domain values here, or are refused.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    StoreError,
    columns::{parsed, problem, revision, time},
};
use crate::domain::{
    Acknowledgement, CacheName, CacheUserId, ConsumerName, FleetRotationId, Milestones, Reason,
    RequestId, RetirementGate, Rotation, RotationId, RotationMode, RotationOrigin, SecretVersion,
    TenantId,
};

/// A row of `rotations` as SQLite gives it.
#[derive(FromRow)]
pub(super) struct RotationRow {
    id: String,
    tenant_id: String,
    user: String,
    cache: String,
    mode: String,
    grace_seconds: Option<i64>,
    gate: Option<String>,
    expected: String,
    scheduled: bool,
    reason: Option<String>,
    wish: String,
    phase: String,
    phase_since: i64,
    from_version: Option<String>,
    created_step: Option<i64>,
    set_step: Option<i64>,
    tested_step: Option<i64>,
    finished_step: Option<i64>,
    retired_step: Option<i64>,
    acknowledged: String,
    problem_code: Option<String>,
    problem_detail: Option<String>,
    retry_at: Option<i64>,
    attempts: i64,
    request_id: Option<String>,
    revision: i64,
    created_at: i64,
    updated_at: i64,
    fleet: Option<String>,
}

impl TryFrom<RotationRow> for Rotation {
    type Error = StoreError;

    fn try_from(row: RotationRow) -> Result<Self, StoreError> {
        let id = row.id.clone();
        read(row).map_err(|why| StoreError::Inconsistent { table: "rotations", id, why })
    }
}

fn read(row: RotationRow) -> Result<Rotation, String> {
    let uuid = |text: &str| Uuid::parse_str(text).map_err(|error| format!("{text:?}: {error}"));
    let mode = mode(&row.mode, row.grace_seconds, row.gate.as_deref(), &row.expected)?;
    let at = |column: &str, at: Option<i64>| at.map(|at| time(column, at)).transpose();
    Ok(Rotation {
        id: RotationId(uuid(&row.id)?),
        tenant: TenantId(uuid(&row.tenant_id)?),
        user: CacheUserId(uuid(&row.user)?),
        cache: CacheName::parse(&row.cache).map_err(|error| format!("cache: {error}"))?,
        fleet: row.fleet.as_deref().map(uuid).transpose()?.map(FleetRotationId),
        mode,
        origin: if row.scheduled { RotationOrigin::Schedule } else { RotationOrigin::Request },
        reason: match row.reason {
            Some(text) => Some(Reason::parse(&text).map_err(|error| format!("reason: {error}"))?),
            None => None,
        },
        wish: parsed("wish", &row.wish)?,
        phase: parsed("phase", &row.phase)?,
        phase_since: time("phase_since", row.phase_since)?,
        from: row.from_version.map(SecretVersion::new),
        done: Milestones {
            created_at: at("created_step", row.created_step)?,
            set_at: at("set_step", row.set_step)?,
            tested_at: at("tested_step", row.tested_step)?,
            finished_at: at("finished_step", row.finished_step)?,
            retired_at: at("retired_step", row.retired_step)?,
        },
        acknowledged: acknowledged(&row.acknowledged)?,
        problem: problem(row.problem_code, row.problem_detail, row.retry_at)?,
        attempts: u32::try_from(row.attempts).map_err(|error| format!("attempts: {error}"))?,
        requested_by: row.request_id.map(RequestId),
        revision: revision(row.revision)?,
        created_at: time("created_at", row.created_at)?,
        updated_at: time("updated_at", row.updated_at)?,
    })
}

/// A mode from its columns.
pub(super) fn mode(
    mode: &str,
    grace: Option<i64>,
    gate: Option<&str>,
    expected: &str,
) -> Result<RotationMode, String> {
    match (mode, grace, gate) {
        ("overlap", Some(seconds), Some(gate)) => {
            let expected: Vec<String> =
                serde_json::from_str(expected).map_err(|error| format!("expected: {error}"))?;
            let expected = expected.iter().map(|name| parsed("expected", name));
            let expected = expected.collect::<Result<Vec<ConsumerName>, _>>()?;
            let gate = RetirementGate::new(Some(parsed("gate", gate)?), expected)
                .map_err(|error| format!("gate: {error}"))?;
            Ok(RotationMode::Overlap { grace: Duration::from_secs(seconds.unsigned_abs()), gate })
        }
        ("emergency", None, None) => Ok(RotationMode::Emergency),
        (mode, grace, gate) => Err(format!("mode: {mode:?} with {grace:?} and {gate:?}")),
    }
}

/// The columns `mode`, `grace_seconds`, `gate` and `expected`.
pub(super) struct ModeColumns {
    pub(super) mode: &'static str,
    pub(super) grace_seconds: Option<i64>,
    pub(super) gate: Option<&'static str>,
    pub(super) expected: String,
}

impl From<&RotationMode> for ModeColumns {
    fn from(mode: &RotationMode) -> Self {
        let RotationMode::Overlap { grace, gate } = mode else {
            let expected = "[]".to_owned();
            return Self { mode: "emergency", grace_seconds: None, gate: None, expected };
        };
        let expected = gate.expected().iter().map(ConsumerName::as_str);
        Self {
            mode: "overlap",
            grace_seconds: Some(i64::try_from(grace.as_secs()).unwrap_or(i64::MAX)),
            gate: Some(gate.kind().as_str()),
            expected: expected.collect::<serde_json::Value>().to_string(),
        }
    }
}

/// An acknowledgement as it stands in the column `acknowledged`.
#[derive(Serialize, Deserialize)]
struct StoredAcknowledgement {
    consumer: String,
    at: Timestamp,
}

fn acknowledged(text: &str) -> Result<Vec<Acknowledgement>, String> {
    let stored: Vec<StoredAcknowledgement> =
        serde_json::from_str(text).map_err(|error| format!("acknowledged: {error}"))?;
    let acknowledgement = |ack: StoredAcknowledgement| {
        Ok(Acknowledgement { consumer: parsed("acknowledged", &ack.consumer)?, at: ack.at })
    };
    stored.into_iter().map(acknowledgement).collect()
}

/// The acknowledgements as SQLite keeps them.
pub(super) fn acknowledged_to_sql(acknowledged: &[Acknowledgement]) -> String {
    let stored: Vec<StoredAcknowledgement> = acknowledged
        .iter()
        .map(|ack| StoredAcknowledgement { consumer: ack.consumer.to_string(), at: ack.at })
        .collect();
    serde_json::to_string(&stored).expect("names and times have a JSON form")
}
