//! Purges: tenants whose keys are removed with them.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use super::{
    Store, StoreError,
    events::{Entry, TenantEvent, record},
    load::by_id,
    write::{Birth, clear_problem, insert_user, touch, write_user},
};
use crate::domain::{
    CacheUser, CacheUserId, CacheUserNames, NewPurge, PrimaryLife, PurgeProgress, PurgeSlice,
    PurgedNode, RequestId, SecretName, Tenant, TenantId, UserId, UserName, Wanted,
};

/// A row of `purges` as SQLite gives it.
#[derive(FromRow)]
struct PurgeRow {
    tenant_id: String,
    user: String,
    user_id: String,
    user_name: String,
    secret_name: String,
    request_id: Option<String>,
    scanned: i64,
    removed: i64,
    nodes: String,
}

/// A node as it stands in the column `nodes`.
#[derive(Serialize, Deserialize)]
struct NodeEntry {
    node: String,
    life: String,
    cursor: Option<u64>,
    found: u64,
    removed: u64,
}

impl Store {
    /// How far the removal of a tenant's keys has come.
    pub async fn purge_progress(&self, tenant: TenantId) -> Result<PurgeProgress, StoreError> {
        let row: Option<PurgeRow> = sqlx::query_as("SELECT * FROM purges WHERE tenant_id = $1")
            .bind(tenant.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.ok_or(StoreError::NotFound)?.progress()
    }

    /// Writes down how far the removal of keys has come by a slice of the work, and by which user. When
    /// no key is left, nobody needs that user any more.
    pub async fn save_purge(
        &self,
        user: &CacheUser,
        (progress, end): (PurgeProgress, PurgeSlice),
        now: Timestamp,
    ) -> Result<CacheUser, StoreError> {
        let user = user.clone();
        self.write(move |connection| {
            Box::pin(async move { save(connection, user, (&progress, &end), now).await })
        })
        .await
    }
}

async fn save(
    connection: &mut SqliteConnection,
    mut user: CacheUser,
    (progress, end): (&PurgeProgress, &PurgeSlice),
    now: Timestamp,
) -> Result<CacheUser, StoreError> {
    let tenant = by_id(connection, user.tenant).await?.ok_or(StoreError::NotFound)?;
    write_progress(connection, user.tenant, progress).await?;
    let is_relieved = user.problem.is_some() && !matches!(end, PurgeSlice::Hindered { .. });
    if *end == PurgeSlice::Empty {
        note_emptiness(connection, &tenant, now).await?;
        user.wanted = Wanted::Absent;
        record(connection, Entry::of_tenant(&tenant, TenantEvent::KeysPurged), now).await?;
    }
    if is_relieved || *end == PurgeSlice::Empty {
        clear_problem(&mut user);
        write_user(connection, &mut user, now).await?;
    }
    touch(connection, user.tenant, now).await?;
    Ok(user)
}

async fn write_progress(
    connection: &mut SqliteConnection,
    tenant: TenantId,
    progress: &PurgeProgress,
) -> Result<(), StoreError> {
    let entry = |node: &PurgedNode| NodeEntry {
        node: node.primary.node.clone(),
        life: node.primary.life.clone(),
        cursor: node.cursor,
        found: node.found,
        removed: node.removed,
    };
    let nodes: Vec<NodeEntry> = progress.nodes.iter().map(entry).collect();
    let nodes = serde_json::to_string(&nodes).expect("text and numbers have a JSON form");
    sqlx::query("UPDATE purges SET scanned = $1, removed = $2, nodes = $3 WHERE tenant_id = $4")
        .bind(i64::try_from(progress.scanned).unwrap_or(i64::MAX))
        .bind(i64::try_from(progress.removed).unwrap_or(i64::MAX))
        .bind(nodes)
        .bind(tenant.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Whoever had the same keys before, and is gone, has left none either.
async fn note_emptiness(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE tenants SET keys_purged_at = $1
         WHERE cache = $2 AND key_prefix = $3 AND key_pattern = $4 AND tier <> 'break-glass'
           AND (id = $5 OR status = 'deleted')",
    )
    .bind(now.as_millisecond())
    .bind(tenant.cache.as_str())
    .bind(tenant.key_pattern.prefix())
    .bind(tenant.key_pattern.to_string())
    .bind(tenant.id.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down that a tenant's keys are to be removed. To be followed by [`touch`].
pub(super) async fn insert_purge(
    connection: &mut SqliteConnection,
    tenant: TenantId,
    new: &NewPurge,
    (request, now): (Option<&RequestId>, Timestamp),
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO purges (tenant_id, user, user_id, user_name, secret_name, request_id, requested_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tenant.to_string())
    .bind(new.user.to_string())
    .bind(new.names.user_id.as_str())
    .bind(new.names.user_name.as_str())
    .bind(new.names.secret_name.as_str())
    .bind(request.map(|request| request.0.as_str()))
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives the place that the last user of a tenant has left to the one that is to remove its keys.
pub(super) async fn insert_purger(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row: PurgeRow = sqlx::query_as("SELECT * FROM purges WHERE tenant_id = $1")
        .bind(tenant.id.to_string())
        .fetch_one(&mut *connection)
        .await?;
    let request = row.request_id.clone().map(RequestId);
    let purger = row.decided()?.purger(tenant);
    let birth = Birth {
        tenant: tenant.id,
        cache: tenant.cache.as_str(),
        wanted: Wanted::Present,
        request: request.as_ref(),
        now,
    };
    insert_user(connection, &purger, &birth).await
}

/// How far the removal of keys has come, of those of these tenants of which it was asked for.
pub(super) async fn purges_of(
    connection: &mut SqliteConnection,
    tenants: &[&str],
) -> Result<HashMap<String, PurgeProgress>, StoreError> {
    if tenants.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<PurgeRow> =
        sqlx::query_as("SELECT * FROM purges WHERE tenant_id IN (SELECT value FROM json_each($1))")
            .bind(serde_json::Value::from(tenants).to_string())
            .fetch_all(connection)
            .await?;
    rows.into_iter().map(|row| Ok((row.tenant_id.clone(), row.progress()?))).collect()
}

impl PurgeRow {
    fn progress(self) -> Result<PurgeProgress, StoreError> {
        let nodes: Vec<NodeEntry> = serde_json::from_str(&self.nodes)
            .map_err(|error| inconsistent(&self.tenant_id, format!("nodes: {error}")))?;
        let node = |entry: NodeEntry| PurgedNode {
            primary: PrimaryLife { node: entry.node, life: entry.life },
            cursor: entry.cursor,
            found: entry.found,
            removed: entry.removed,
        };
        Ok(PurgeProgress {
            scanned: self.scanned.unsigned_abs(),
            removed: self.removed.unsigned_abs(),
            nodes: nodes.into_iter().map(node).collect(),
        })
    }

    fn decided(self) -> Result<NewPurge, StoreError> {
        let user = Uuid::parse_str(&self.user)
            .map_err(|error| inconsistent(&self.tenant_id, format!("user: {error}")))?;
        let names = CacheUserNames {
            user_id: UserId::new(&self.user_id),
            user_name: UserName::new(self.user_name),
            secret_name: SecretName::new(self.secret_name),
        };
        Ok(NewPurge { user: CacheUserId(user), names })
    }
}

fn inconsistent(tenant: &str, why: String) -> StoreError {
    StoreError::Inconsistent { table: "purges", id: tenant.to_owned(), why }
}
