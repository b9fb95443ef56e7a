//! What lives in the caches, counted.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Store, StoreError, columns::time};
use crate::domain::{CacheName, Growth};

/// What lives in a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheCount {
    /// Living tenants and services.
    pub tenants: u64,
    /// Living users.
    pub users: u64,
    /// Those of them on which there is work.
    pub unsettled: u64,
    /// How their number changed lately.
    pub growth: Growth,
}

#[derive(sqlx::FromRow)]
struct Row {
    cache: String,
    tenants: i64,
    users: i64,
    first_user_at: Option<i64>,
    unsettled: i64,
    added: i64,
    gone: i64,
}

impl Store {
    /// What lives in every cache that ever had a tenant, or in this one only.
    pub async fn cache_counts(
        &self,
        only: Option<&CacheName>,
        now: Timestamp,
    ) -> Result<BTreeMap<CacheName, CacheCount>, StoreError> {
        let since = now.saturating_sub(Growth::WINDOW).unwrap_or(Timestamp::MIN);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT cache, tenants, users, first_user_at,
               (SELECT COUNT(*) FROM users WHERE users.cache = cache_counts.cache
                  AND phase NOT IN ('active', 'suspended', 'deleted')) AS unsettled,
               (SELECT COUNT(*) FROM users WHERE users.cache = cache_counts.cache
                  AND created_at >= $1) AS added,
               (SELECT COUNT(*) FROM users WHERE users.cache = cache_counts.cache
                  AND phase = 'deleted' AND phase_since >= $1) AS gone
             FROM cache_counts WHERE $2 IS NULL OR cache = $2",
        )
        .bind(since.as_millisecond())
        .bind(only.map(CacheName::as_str))
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter().map(|row| row.read(now)).collect()
    }
}

impl CacheCount {
    /// A cache that never had a tenant.
    pub const NONE: Self = Self {
        tenants: 0,
        users: 0,
        unsettled: 0,
        growth: Growth { added: 0, gone: 0, over: std::time::Duration::ZERO },
    };
}

impl Row {
    fn read(self, now: Timestamp) -> Result<(CacheName, CacheCount), StoreError> {
        let inconsistent =
            |why| StoreError::Inconsistent { table: "cache_counts", id: self.cache.clone(), why };
        let cache =
            CacheName::parse(&self.cache).map_err(|error| inconsistent(error.to_string()))?;
        let first = self.first_user_at.map(|at| time("first_user_at", at)).transpose();
        let first = first.map_err(inconsistent)?.unwrap_or(now);
        let growth = Growth {
            added: self.added.unsigned_abs(),
            gone: self.gone.unsigned_abs(),
            over: Growth::look_back(first, now),
        };
        let count = CacheCount {
            tenants: self.tenants.unsigned_abs(),
            users: self.users.unsigned_abs(),
            unsettled: self.unsettled.unsigned_abs(),
            growth,
        };
        Ok((cache, count))
    }
}
