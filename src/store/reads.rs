//! Looking things up. Nothing here changes a row.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::{QueryBuilder, Sqlite};

use super::{
    Store, StoreError,
    load::{by_id, living, with_users},
    tenant_row::TenantRow,
    user_row::{UserRow, select_users, users},
};
use crate::domain::{
    CacheName, CacheUser, CacheUserId, Status, Tenant, TenantId, TenantName, TierKind, UserId,
};

/// Which tenants to list, in the order in which they were asked for.
#[derive(Clone, Debug, Default)]
pub struct TenantQuery {
    /// Only those of this kind.
    pub tier: Option<TierKind>,
    /// Only those in this state.
    pub status: Option<Status>,
    /// Only those in this cache.
    pub cache: Option<CacheName>,
    /// Only those that carry all of these labels.
    pub labels: Vec<(String, String)>,
    /// Only those with a user whose password the schedule replaces before this time.
    pub rotation_due_before: Option<Timestamp>,
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

    /// The living tenant, service or break-glass session of this name.
    pub async fn tenant(&self, name: &TenantName) -> Result<Option<Tenant>, StoreError> {
        let mut snapshot = self.reader.begin().await?;
        living(&mut snapshot, name).await
    }

    /// One life of a tenant, living or deleted.
    pub async fn tenant_by_id(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let mut snapshot = self.reader.begin().await?;
        by_id(&mut snapshot, id).await
    }

    /// A page of living tenants.
    pub async fn tenants(&self, query: &TenantQuery) -> Result<Vec<Tenant>, StoreError> {
        let mut sql =
            QueryBuilder::<Sqlite>::new("SELECT * FROM tenants WHERE status <> 'deleted'");
        if let Some(tier) = query.tier {
            sql.push(" AND tier = ").push_bind(tier.as_str());
        }
        if let Some(status) = query.status {
            sql.push(" AND status = ").push_bind(status.as_str());
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
        if let Some(before) = query.rotation_due_before {
            sql.push(
                " AND EXISTS (SELECT 1 FROM users WHERE users.tenant_id = tenants.id
                    AND users.rotation_due_at < ",
            )
            .push_bind(before.as_millisecond())
            .push(")");
        }
        if let Some(after) = query.after {
            sql.push(" AND id > ").push_bind(after.to_string());
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(query.limit);
        let mut snapshot = self.reader.begin().await?;
        let rows: Vec<TenantRow> = sql.build_query_as().fetch_all(&mut *snapshot).await?;
        with_users(&mut snapshot, rows).await
    }

    /// One life of a user, living or deleted.
    pub async fn user_by_id(&self, id: CacheUserId) -> Result<Option<CacheUser>, StoreError> {
        let row: Option<UserRow> = sqlx::query_as(select_users!("users.id = $1"))
            .bind(id.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.map(CacheUser::try_from).transpose()
    }

    /// The users of one cache on which there is work, longest waiting first.
    pub async fn unsettled(&self, cache: &CacheName) -> Result<Vec<CacheUser>, StoreError> {
        let rows: Vec<UserRow> = sqlx::query_as(select_users!(
            "users.cache = $1
               AND (phase NOT IN ('active', 'deleted')
                 OR (phase = 'active' AND (users.wanted = 'absent' OR access_revision IS NULL)))
             ORDER BY users.id"
        ))
        .bind(cache.as_str())
        .fetch_all(&self.reader)
        .await?;
        users(rows)
    }

    /// The users on which there is work, in caches other than these; those of open break-glass
    /// sessions too, which are to end by themselves.
    pub async fn unsettled_outside(
        &self,
        caches: &[&CacheName],
    ) -> Result<Vec<CacheUser>, StoreError> {
        let names: Vec<&str> = caches.iter().map(|cache| cache.as_str()).collect();
        let rows: Vec<UserRow> = sqlx::query_as(select_users!(
            "users.cache NOT IN (SELECT value FROM json_each($1))
               AND phase <> 'deleted'
               AND (phase <> 'active' OR users.wanted = 'absent' OR access_revision IS NULL
                 OR tier = 'break-glass')
             ORDER BY users.id"
        ))
        .bind(serde_json::Value::from(names).to_string())
        .fetch_all(&self.reader)
        .await?;
        users(rows)
    }

    /// The `UserId`s of a cache's living users.
    pub async fn user_ids(&self, cache: &CacheName) -> Result<BTreeSet<UserId>, StoreError> {
        let ids: Vec<String> =
            sqlx::query_scalar("SELECT user_id FROM users WHERE cache = $1 AND phase <> 'deleted'")
                .bind(cache.as_str())
                .fetch_all(&self.reader)
                .await?;
        Ok(ids.iter().map(|id| UserId::new(id)).collect())
    }
}
