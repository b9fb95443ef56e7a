//! Rows of drift become domain values here, or are refused.

use sqlx::FromRow;
use uuid::Uuid;

use super::{
    StoreError,
    columns::{parsed, time},
};
use crate::domain::{
    CacheName, CacheUserId, Difference, DriftItem, DriftItemId, DriftOwner, FoundDrift,
    LocalUserName, TenantId, TenantName,
};

/// A row of `drift_items` as SQLite gives it, with what its repairs add up to.
#[derive(FromRow)]
pub(super) struct DriftRow {
    id: String,
    cache: String,
    kind: String,
    subject: String,
    tenant_id: Option<String>,
    tenant_name: Option<String>,
    user: Option<String>,
    user_name: Option<String>,
    found: String,
    expected: String,
    policy: String,
    since: i64,
    seen_at: i64,
    asked_at: Option<i64>,
    repairs: i64,
    repaired_at: Option<i64>,
}

impl TryFrom<DriftRow> for DriftItem {
    type Error = StoreError;

    fn try_from(row: DriftRow) -> Result<Self, StoreError> {
        let id = row.id.clone();
        read(row).map_err(|why| StoreError::Inconsistent { table: "drift_items", id, why })
    }
}

fn read(row: DriftRow) -> Result<DriftItem, String> {
    let owner = owner(&row)?;
    Ok(DriftItem {
        id: DriftItemId::new(row.id),
        found: FoundDrift {
            cache: CacheName::parse(&row.cache).map_err(|error| format!("cache: {error}"))?,
            owner,
            subject: row.subject,
            difference: Difference {
                kind: parsed("kind", &row.kind)?,
                found: row.found,
                expected: row.expected,
            },
            policy: parsed("policy", &row.policy)?,
        },
        since: time("since", row.since)?,
        seen_at: time("seen_at", row.seen_at)?,
        repair_is_asked: row.asked_at.is_some(),
        repairs: u32::try_from(row.repairs).map_err(|error| format!("repairs: {error}"))?,
        repaired_at: row.repaired_at.map(|at| time("repaired_at", at)).transpose()?,
    })
}

fn owner(row: &DriftRow) -> Result<Option<DriftOwner>, String> {
    let (Some(tenant), Some(tenant_name), Some(user), Some(user_name)) =
        (&row.tenant_id, &row.tenant_name, &row.user, &row.user_name)
    else {
        return Ok(None);
    };
    let uuid =
        |column: &str, text: &str| Uuid::parse_str(text).map_err(|e| format!("{column}: {e}"));
    Ok(Some(DriftOwner {
        tenant: TenantId(uuid("tenant_id", tenant)?),
        tenant_name: TenantName::parse(tenant_name).map_err(|e| format!("tenant_name: {e}"))?,
        user: CacheUserId(uuid("user", user)?),
        user_name: LocalUserName::parse(user_name).map_err(|e| format!("user_name: {e}"))?,
    }))
}
