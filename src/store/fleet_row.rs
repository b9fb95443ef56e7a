//! Rows of fleet rotations become domain values here, or are refused.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    StoreError,
    columns::{parsed, time},
    rotation_row::{ModeColumns, mode},
};
use crate::domain::{
    AskedMode, CacheName, FleetRotation, FleetRotationId, FleetSelector, Labels, MaxInFlight,
    ProfileName, Reason, RequestId, RetirementGate, TenantName,
};

/// A row of `fleet_rotations` as SQLite gives it.
#[derive(FromRow)]
pub(super) struct FleetRow {
    id: String,
    selector: String,
    mode: String,
    grace_seconds: Option<i64>,
    gate: Option<String>,
    expected: String,
    reason: String,
    max_in_flight: u32,
    state: String,
    request_id: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<FleetRow> for FleetRotation {
    type Error = StoreError;

    fn try_from(row: FleetRow) -> Result<Self, StoreError> {
        let id = row.id.clone();
        read(row).map_err(|why| StoreError::Inconsistent { table: "fleet_rotations", id, why })
    }
}

fn read(row: FleetRow) -> Result<FleetRotation, String> {
    let asked = match (row.mode.as_str(), row.grace_seconds, row.gate.as_deref()) {
        ("overlap", Some(seconds), None) => {
            AskedMode::Overlap { grace: Duration::from_secs(seconds.unsigned_abs()), gate: None }
        }
        (text, grace, gate) => mode(text, grace, gate, &row.expected)?.into(),
    };
    Ok(FleetRotation {
        id: fleet_id(&row.id)?,
        selector: selector(&row.selector)?,
        mode: asked,
        reason: Reason::parse(&row.reason).map_err(|error| format!("reason: {error}"))?,
        max_in_flight: MaxInFlight::try_from(row.max_in_flight)
            .map_err(|error| format!("max_in_flight: {error}"))?,
        state: parsed("state", &row.state)?,
        requested_by: row.request_id.map(RequestId),
        created_at: time("created_at", row.created_at)?,
        updated_at: time("updated_at", row.updated_at)?,
    })
}

/// The id of a fleet rotation.
pub(super) fn fleet_id(text: &str) -> Result<FleetRotationId, String> {
    Uuid::parse_str(text).map(FleetRotationId).map_err(|error| format!("{text:?}: {error}"))
}

/// The columns `mode`, `grace_seconds`, `gate` and `expected`.
pub(super) fn mode_columns(asked: &AskedMode) -> ModeColumns {
    let columns = ModeColumns::from(&asked.in_cache(&RetirementGate::Time));
    match asked {
        AskedMode::Overlap { gate: None, .. } => ModeColumns { gate: None, ..columns },
        AskedMode::Overlap { gate: Some(_), .. } | AskedMode::Emergency => columns,
    }
}

/// A selector as it stands in the column `selector`.
#[derive(Serialize, Deserialize)]
struct StoredSelector {
    cache: Option<String>,
    profile: Option<String>,
    labels: BTreeMap<String, String>,
    tenants: Option<Vec<String>>,
    rotated_before: Option<Timestamp>,
}

fn selector(text: &str) -> Result<FleetSelector, String> {
    let stored: StoredSelector =
        serde_json::from_str(text).map_err(|error| format!("selector: {error}"))?;
    let tenant = |text: String| TenantName::parse(&text);
    let tenants = stored.tenants.map(|names| names.into_iter().map(tenant).collect());
    Ok(FleetSelector {
        cache: stored
            .cache
            .map(|text| CacheName::parse(&text).map_err(|error| format!("cache: {error}")))
            .transpose()?,
        profile: stored
            .profile
            .map(|text| ProfileName::parse(&text).map_err(|error| format!("profile: {error}")))
            .transpose()?,
        labels: Labels::try_from(stored.labels).map_err(|error| format!("labels: {error}"))?,
        tenants: tenants.transpose().map_err(|error| format!("tenants: {error}"))?,
        rotated_before: stored.rotated_before,
    })
}

/// The selector as SQLite keeps it.
pub(super) fn selector_to_sql(selector: &FleetSelector) -> String {
    let names = |names: &Vec<TenantName>| names.iter().map(ToString::to_string).collect();
    let stored = StoredSelector {
        cache: selector.cache.as_ref().map(ToString::to_string),
        profile: selector.profile.as_ref().map(ToString::to_string),
        labels: selector.labels.as_map().clone(),
        tenants: selector.tenants.as_ref().map(names),
        rotated_before: selector.rotated_before,
    };
    serde_json::to_string(&stored).expect("names and times have a JSON form")
}
