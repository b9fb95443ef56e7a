//! Whole tenants, each with its users.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::{
    StoreError,
    purges::purges_of,
    tenant_row::TenantRow,
    user_row::{UserRow, select_users, users},
};
use crate::domain::{CacheUser, Tenant, TenantId, TenantName, Wanted};

/// The living tenant, service or session of this name.
pub(super) async fn living(
    connection: &mut SqliteConnection,
    name: &TenantName,
) -> Result<Option<Tenant>, StoreError> {
    let row: Option<TenantRow> =
        sqlx::query_as("SELECT * FROM tenants WHERE name = $1 AND status <> 'deleted'")
            .bind(name.as_str())
            .fetch_optional(&mut *connection)
            .await?;
    Ok(with_users(connection, Vec::from_iter(row)).await?.pop())
}

/// One life of a tenant, living or deleted.
pub(super) async fn by_id(
    connection: &mut SqliteConnection,
    id: TenantId,
) -> Result<Option<Tenant>, StoreError> {
    let row = row(connection, id).await?;
    Ok(with_users(connection, Vec::from_iter(row)).await?.pop())
}

/// Puts each tenant together with its main user and with its other users that are not deleted.
/// To be called in the transaction that read the rows: a tenant and its users change together.
///
/// The column `status` is for filters; what a tenant's status is follows from its users.
pub(super) async fn with_users(
    connection: &mut SqliteConnection,
    rows: Vec<TenantRow>,
) -> Result<Vec<Tenant>, StoreError> {
    let mut users = users_of(connection, &rows).await?;
    let leaving = rows.iter().filter(|row| row.wanted == Wanted::Absent.as_str());
    let leaving: Vec<&str> = leaving.map(|row| row.id.as_str()).collect();
    let mut purges = purges_of(connection, &leaving).await?;
    let put_together = |row: TenantRow| {
        let key = uuid::Uuid::parse_str(&row.id).ok().map(TenantId);
        let (users, purge) = (key.and_then(|id| users.remove(&id)), purges.remove(&row.id));
        row.with_users(users.unwrap_or_default(), purge)
    };
    rows.into_iter().map(put_together).collect()
}

async fn row(
    connection: &mut SqliteConnection,
    id: TenantId,
) -> Result<Option<TenantRow>, StoreError> {
    let row = sqlx::query_as("SELECT * FROM tenants WHERE id = $1").bind(id.to_string());
    Ok(row.fetch_optional(connection).await?)
}

async fn users_of(
    connection: &mut SqliteConnection,
    tenants: &[TenantRow],
) -> Result<HashMap<TenantId, Vec<CacheUser>>, StoreError> {
    if tenants.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<&str> = tenants.iter().map(|row| row.id.as_str()).collect();
    let rows: Vec<UserRow> = sqlx::query_as(select_users!(
        "tenant_id IN (SELECT value FROM json_each($1))
           AND (phase <> 'deleted' OR (users.name = 'main' AND outgoing_since IS NULL))
         ORDER BY users.name"
    ))
    .bind(serde_json::Value::from(ids).to_string())
    .fetch_all(connection)
    .await?;
    let mut by_tenant: HashMap<TenantId, Vec<CacheUser>> = HashMap::new();
    for user in users(rows)? {
        by_tenant.entry(user.tenant).or_default().push(user);
    }
    Ok(by_tenant)
}
