//! Looking things up. Nothing here changes a row.

use std::{collections::BTreeSet, str::FromStr as _};

use sqlx::{QueryBuilder, Sqlite};

use super::{PhaseCounts, Store, StoreError, row::TenantRow};
use crate::domain::{CacheName, Phase, Status, Tenant, TenantId, TenantName, UserId};

/// Which tenants to list, in the order in which they were asked for.
#[derive(Clone, Debug, Default)]
pub struct TenantQuery {
    /// Only those in this state.
    pub status: Option<Status>,
    /// Only those in this cache.
    pub cache: Option<CacheName>,
    /// Only those that carry all of these labels.
    pub labels: Vec<(String, String)>,
    /// Only those that come after this one.
    pub after: Option<TenantId>,
    /// At most so many.
    pub limit: u32,
}

impl Store {
    /// Whether the store answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.reader).await?;
        Ok(())
    }

    /// The living tenant of this name.
    pub async fn tenant(&self, name: &TenantName) -> Result<Option<Tenant>, StoreError> {
        let row: Option<TenantRow> =
            sqlx::query_as("SELECT * FROM tenants WHERE name = $1 AND phase <> 'deleted'")
                .bind(name.as_str())
                .fetch_optional(&self.reader)
                .await?;
        row.map(Tenant::try_from).transpose()
    }

    /// One life of a tenant, living or deleted.
    pub async fn tenant_by_id(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let row: Option<TenantRow> = sqlx::query_as("SELECT * FROM tenants WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.map(Tenant::try_from).transpose()
    }

    /// A page of living tenants.
    pub async fn tenants(&self, query: &TenantQuery) -> Result<Vec<Tenant>, StoreError> {
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT * FROM tenants WHERE phase <> 'deleted'");
        if let Some(status) = query.status {
            sql.push(" AND ").push(status_condition(status));
        }
        if let Some(cache) = &query.cache {
            sql.push(" AND cache = ").push_bind(cache.as_str());
        }
        for (key, value) in &query.labels {
            sql.push(" AND EXISTS (SELECT 1 FROM json_each(labels) AS label WHERE label.key = ")
                .push_bind(key)
                .push(" AND label.value = ")
                .push_bind(value)
                .push(")");
        }
        if let Some(after) = query.after {
            sql.push(" AND id > ").push_bind(after.to_string());
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(query.limit);
        let rows: Vec<TenantRow> = sql.build_query_as().fetch_all(&self.reader).await?;
        rows.into_iter().map(Tenant::try_from).collect()
    }

    /// The tenants of one cache on which there is work, longest waiting first.
    pub async fn unsettled(&self, cache: &CacheName) -> Result<Vec<Tenant>, StoreError> {
        let rows: Vec<TenantRow> = sqlx::query_as(
            "SELECT * FROM tenants
             WHERE cache = $1
               AND (phase NOT IN ('active', 'deleted') OR (phase = 'active' AND wanted = 'absent'))
             ORDER BY id",
        )
        .bind(cache.as_str())
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter().map(Tenant::try_from).collect()
    }

    /// The tenants on which there is work, in caches other than these.
    pub async fn unsettled_outside(
        &self,
        caches: &[&CacheName],
    ) -> Result<Vec<Tenant>, StoreError> {
        let names: Vec<&str> = caches.iter().map(|cache| cache.as_str()).collect();
        let rows: Vec<TenantRow> = sqlx::query_as(
            "SELECT * FROM tenants
             WHERE cache NOT IN (SELECT value FROM json_each($1))
               AND (phase NOT IN ('active', 'deleted') OR (phase = 'active' AND wanted = 'absent'))
             ORDER BY id",
        )
        .bind(serde_json::Value::from(names).to_string())
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter().map(Tenant::try_from).collect()
    }

    /// The `UserId`s of a cache's living tenants.
    pub async fn user_ids(&self, cache: &CacheName) -> Result<BTreeSet<UserId>, StoreError> {
        let ids: Vec<String> = sqlx::query_scalar(
            "SELECT user_id FROM tenants WHERE cache = $1 AND phase <> 'deleted'",
        )
        .bind(cache.as_str())
        .fetch_all(&self.reader)
        .await?;
        Ok(ids.iter().map(|id| UserId::new(id)).collect())
    }

    /// How many living tenants a cache has in each phase.
    pub async fn phase_counts(&self, cache: &CacheName) -> Result<PhaseCounts, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT phase, COUNT(*) FROM tenants
             WHERE cache = $1 AND phase <> 'deleted' GROUP BY phase",
        )
        .bind(cache.as_str())
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter()
            .map(|(phase, count)| {
                let inconsistent = |why| StoreError::Inconsistent {
                    table: "tenants",
                    id: format!("in phase {phase:?}"),
                    why,
                };
                let key = Phase::from_str(&phase).map_err(|e| inconsistent(e.to_string()))?;
                let count = u64::try_from(count).map_err(|e| inconsistent(e.to_string()))?;
                Ok((key, count))
            })
            .collect()
    }
}

/// The rows for which [`Tenant::status`] answers `status`.
fn status_condition(status: Status) -> &'static str {
    match status {
        Status::Provisioning => {
            "(wanted = 'present' AND phase <> 'active'
              AND (problem_code IS NULL OR retry_at IS NOT NULL))"
        }
        Status::Active => {
            "(wanted = 'present' AND phase = 'active'
              AND (problem_code IS NULL OR retry_at IS NOT NULL))"
        }
        Status::Deleting => {
            "(wanted = 'absent' AND (problem_code IS NULL OR retry_at IS NOT NULL))"
        }
        Status::Blocked => "(problem_code IS NOT NULL AND retry_at IS NULL)",
        Status::Deleted => "(phase = 'deleted')",
    }
}
