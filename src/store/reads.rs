//! Looking things up. Nothing here changes a row.

use std::collections::BTreeSet;

use bytes::Bytes;
use sqlx::SqliteConnection;

use super::{
    KeptView, Store, StoreError,
    load::{by_id, living},
    user_row::{UserRow, select_users, users},
};
use crate::domain::{CacheName, CacheUser, CacheUserId, Tenant, TenantId, TenantName, UserId};

impl Store {
    /// Whether the store can be read, and written to if the last commit failed: once that is so,
    /// somebody has to try whether it is over.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT id FROM installation").fetch_one(&self.reader).await?;
        if self.writer.has_failed() {
            self.write(|connection| Box::pin(write_something(connection))).await?;
            self.writer.has_recovered();
        }
        Ok(())
    }

    /// The living tenant, service or break-glass session of this name.
    pub async fn tenant(&self, name: &TenantName) -> Result<Option<Tenant>, StoreError> {
        let _reading = self.metrics.reading("tenant");
        let mut snapshot = self.reader.begin().await?;
        living(&mut snapshot, name).await
    }

    /// The living tenant, service or break-glass session of this name, as `render` shows it: the
    /// same until it changes, and without a look into the file while it is kept in memory. `render`
    /// must be given the same for the same tenant always.
    pub async fn tenant_view(
        &self,
        name: &TenantName,
        render: impl FnOnce(&Tenant) -> Bytes + Send,
    ) -> Result<Option<KeptView>, StoreError> {
        let load = async {
            let view = |tenant: Tenant| KeptView {
                kind: tenant.kind(),
                id: tenant.id,
                revision: tenant.revision,
                body: render(&tenant),
            };
            Ok(self.tenant(name).await?.map(view))
        };
        self.news.views.get_or_load(name, load).await
    }

    /// One life of a tenant, living or deleted.
    pub async fn tenant_by_id(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let mut snapshot = self.reader.begin().await?;
        by_id(&mut snapshot, id).await
    }

    /// One life of a user, living or deleted.
    pub async fn user_by_id(&self, id: CacheUserId) -> Result<Option<CacheUser>, StoreError> {
        let row: Option<UserRow> = sqlx::query_as(select_users!("users.id = $1"))
            .bind(id.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.map(CacheUser::try_from).transpose()
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
               AND (phase NOT IN ('active', 'suspended')
                 OR (phase = 'active' AND (users.wanted <> 'present' OR access_revision IS NULL))
                 OR (phase = 'suspended' AND users.wanted <> 'suspended')
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

/// Changes a number in the file's header that is for the application to use and means nothing here.
async fn write_something(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let number: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    let change = if number == 0 { "PRAGMA user_version = 1" } else { "PRAGMA user_version = 0" };
    sqlx::query(change).execute(connection).await?;
    Ok(())
}
