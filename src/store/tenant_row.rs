//! Rows of tenants become domain values here, or are refused.

use std::collections::BTreeMap;

use sqlx::FromRow;
use uuid::Uuid;

use super::{
    StoreError,
    columns::{parsed, revision, time},
};
use crate::domain::{
    BreakGlassSession, CacheName, CacheUser, Grant, KeyPattern, Labels, Purge, PurgeProgress,
    Reason, RotationInterval, Tenant, TenantId, TenantName, Tier, TierKind,
};

/// A row of `tenants` as SQLite gives it.
#[derive(FromRow)]
pub(super) struct TenantRow {
    pub(super) id: String,
    tier: String,
    name: String,
    cache: String,
    labels: String,
    rotate_every_seconds: Option<i64>,
    key_pattern: String,
    reason: Option<String>,
    expires_at: Option<i64>,
    pub(super) wanted: String,
    activated_at: Option<i64>,
    revision: i64,
    created_at: i64,
    updated_at: i64,
    keys_purged_at: Option<i64>,
}

impl TenantRow {
    /// The tenant with its users, of which one is its main user and others may be the one that it
    /// replaces and the one that removes its keys.
    pub(super) fn with_users(
        self,
        users: Vec<CacheUser>,
        purge: Option<PurgeProgress>,
    ) -> Result<Tenant, StoreError> {
        let id = self.id.clone();
        read(self, users, purge).map_err(|why| StoreError::Inconsistent {
            table: "tenants",
            id,
            why,
        })
    }
}

fn read(
    row: TenantRow,
    mut further: Vec<CacheUser>,
    purge: Option<PurgeProgress>,
) -> Result<Tenant, String> {
    let purger = further.iter().position(|user| user.grant == Grant::Purge);
    let purger = purger.map(|index| further.remove(index));
    let proved_at = row.keys_purged_at.map(|at| time("keys_purged_at", at)).transpose()?;
    let outgoing = further.iter().position(|user| user.outgoing.is_some());
    let outgoing = outgoing.map(|index| further.remove(index));
    let main = further.iter().position(|user| user.name.is_main()).ok_or("has no main user")?;
    let main = further.remove(main);
    let labels: BTreeMap<String, String> =
        serde_json::from_str(&row.labels).map_err(|error| format!("labels: {error}"))?;
    Ok(Tenant {
        id: TenantId(Uuid::parse_str(&row.id).map_err(|error| format!("id: {error}"))?),
        tier: tier(parsed("tier", &row.tier)?, row.reason, row.expires_at)?,
        name: TenantName::parse(&row.name).map_err(|error| format!("name: {error}"))?,
        cache: CacheName::parse(&row.cache).map_err(|error| format!("cache: {error}"))?,
        labels: Labels::try_from(labels).map_err(|error| format!("labels: {error}"))?,
        rotate_every: row.rotate_every_seconds.map(interval).transpose()?,
        key_pattern: KeyPattern::from_stored(&row.key_pattern)
            .ok_or_else(|| format!("key_pattern: {:?}", row.key_pattern))?,
        wanted: parsed("wanted", &row.wanted)?,
        activated_at: row.activated_at.map(|at| time("activated_at", at)).transpose()?,
        revision: revision(row.revision)?,
        created_at: time("created_at", row.created_at)?,
        updated_at: time("updated_at", row.updated_at)?,
        main,
        outgoing,
        further,
        purge: purge.map(|progress| Purge { user: purger, progress, proved_at }),
    })
}

fn interval(seconds: i64) -> Result<RotationInterval, String> {
    let told = |error: &dyn std::fmt::Display| format!("rotate_every_seconds: {seconds} {error}");
    let seconds = u32::try_from(seconds).map_err(|error| told(&error))?;
    RotationInterval::from_seconds(seconds).map_err(|error| told(&error))
}

fn tier(kind: TierKind, reason: Option<String>, expires_at: Option<i64>) -> Result<Tier, String> {
    match (kind, reason, expires_at) {
        (TierKind::Tenant, None, None) => Ok(Tier::Tenant),
        (TierKind::Service, None, None) => Ok(Tier::Service),
        (TierKind::BreakGlass, Some(reason), Some(expires_at)) => {
            Ok(Tier::BreakGlass(BreakGlassSession {
                reason: Reason::parse(&reason).map_err(|error| format!("reason: {error}"))?,
                expires_at: time("expires_at", expires_at)?,
            }))
        }
        (kind, ..) => Err(format!("tier: {kind} with reason or expires_at")),
    }
}
