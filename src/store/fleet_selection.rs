//! Whom a selector selects.

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{Store, StoreError};
use crate::domain::{FleetRotation, FleetSelector, TenantName};

impl Store {
    /// How many users a selector selects now.
    pub async fn count_selected(&self, selector: &FleetSelector) -> Result<u64, StoreError> {
        let mut sql = QueryBuilder::new("SELECT COUNT(*)");
        push_selected(&mut sql, selector);
        let count: i64 = sql.build_query_scalar().fetch_one(&self.reader).await?;
        Ok(count.unsigned_abs())
    }

    /// Those of the names that no living tenant or service has.
    pub async fn unknown_among(&self, names: &[TenantName]) -> Result<Vec<TenantName>, StoreError> {
        let list: Vec<&str> = names.iter().map(TenantName::as_str).collect();
        let unknown: Vec<String> = sqlx::query_scalar(
            "SELECT value FROM json_each($1) WHERE NOT EXISTS (
               SELECT 1 FROM tenants
               WHERE name = value AND status <> 'deleted' AND tier <> 'break-glass')",
        )
        .bind(serde_json::Value::from(list).to_string())
        .fetch_all(&self.reader)
        .await?;
        let is_unknown = |name: &&TenantName| unknown.iter().any(|text| text == name.as_str());
        Ok(names.iter().filter(is_unknown).cloned().collect())
    }
}

/// Writes down the users that the fleet rotation's selector selects now as its members.
pub(super) async fn insert_members(
    connection: &mut SqliteConnection,
    fleet: &FleetRotation,
) -> Result<(), StoreError> {
    let mut sql = QueryBuilder::new("INSERT INTO fleet_members (fleet, position, user) SELECT ");
    sql.push_bind(fleet.id.to_string());
    sql.push(", ROW_NUMBER() OVER (ORDER BY users.id), users.id");
    push_selected(&mut sql, &fleet.selector);
    sql.build().execute(connection).await?;
    Ok(())
}

/// From where, and under which conditions. A user that has been active has a password in use, also
/// while it is being changed or is blocked. One that is suspended has one that will be in use, and is
/// told of as skipped.
fn push_selected(sql: &mut QueryBuilder<Sqlite>, selector: &FleetSelector) {
    sql.push(
        " FROM users JOIN tenants ON tenants.id = users.tenant_id
         WHERE users.wanted <> 'absent' AND users.activated_at IS NOT NULL
           AND users.auth = 'password' AND tenants.tier <> 'break-glass'",
    );
    if let Some(cache) = &selector.cache {
        sql.push(" AND users.cache = ").push_bind(cache.to_string());
    }
    if let Some(profile) = &selector.profile {
        sql.push(" AND users.profile = ").push_bind(profile.to_string());
    }
    for (key, value) in selector.labels.as_map() {
        sql.push(" AND EXISTS (SELECT 1 FROM json_each(labels) AS label WHERE label.key = ")
            .push_bind(key.clone())
            .push(" AND label.value = ")
            .push_bind(value.clone())
            .push(")");
    }
    if let Some(tenants) = &selector.tenants {
        let names: Vec<&str> = tenants.iter().map(TenantName::as_str).collect();
        sql.push(" AND tenants.name IN (SELECT value FROM json_each(")
            .push_bind(serde_json::Value::from(names).to_string())
            .push("))");
    }
    if let Some(before) = selector.rotated_before {
        // The first password is as old as its user.
        sql.push(
            " AND COALESCE((SELECT MAX(finished_step) FROM rotations
                 WHERE rotations.tenant_id = users.tenant_id AND rotations.user = users.id),
               users.created_at) < ",
        )
        .push_bind(before.as_millisecond());
    }
}
