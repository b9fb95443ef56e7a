//! What tenants need that is paid for.

use super::{Store, StoreError};
use crate::domain::{CacheName, RotationInterval, TenantName, TenantNeed};

/// One row for each living user, those of a tenant together; of one with a secret, with the time after
/// which its password is replaced, if it is.
pub(super) const NEEDS: &str = "SELECT tenants.name, tenants.cache, users.auth = 'password',
       COALESCE(tenants.rotate_every_seconds, of_profile.seconds, of_all.seconds)
     FROM tenants INDEXED BY tenants_by_name
     CROSS JOIN users ON users.tenant_id = tenants.id AND users.phase <> 'deleted'
     LEFT JOIN rotation_intervals AS of_profile ON of_profile.profile = users.profile
     LEFT JOIN rotation_intervals AS of_all ON of_all.profile = '*'
     WHERE tenants.status <> 'deleted' AND tenants.tier <> 'break-glass'
     ORDER BY tenants.name";

/// Name, cache, whether there is a secret, and the interval in seconds.
type Row = (String, String, bool, Option<u32>);

impl Store {
    /// What each living tenant and service needs, in the order of their names.
    pub async fn cost_needs(&self) -> Result<Vec<TenantNeed>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(NEEDS).fetch_all(&self.reader).await?;
        let mut needs: Vec<TenantNeed> = Vec::new();
        for row in rows {
            let id = row.0.clone();
            add(&mut needs, row).map_err(|why| StoreError::Inconsistent {
                table: "tenants",
                id,
                why,
            })?;
        }
        Ok(needs)
    }
}

fn add(needs: &mut Vec<TenantNeed>, (name, cache, has_secret, every): Row) -> Result<(), String> {
    if needs.last().is_none_or(|last| last.name.as_str() != name) {
        let name = TenantName::parse(&name).map_err(|error| format!("name: {error}"))?;
        let cache = CacheName::parse(&cache).map_err(|error| format!("cache: {error}"))?;
        needs.push(TenantNeed { name, cache, secrets: Vec::new() });
    }
    if let Some(last) = needs.last_mut().filter(|_| has_secret) {
        let every = every.map(RotationInterval::from_seconds).transpose();
        last.secrets.push(every.map_err(|error| format!("interval: {error}"))?);
    }
    Ok(())
}
