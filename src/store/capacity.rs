//! Places in the user groups of the caches. They are counted in the transaction that takes them: of
//! many that ask at once so many get one as there are.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::StoreError;
use crate::domain::{CacheName, CacheWish, Considered, GroupLimits, NewTenant, NoRoom, WhyNot};

/// The cache that the tenant is put into.
pub(super) async fn choose_cache(
    connection: &mut SqliteConnection,
    new: &NewTenant,
) -> Result<CacheName, StoreError> {
    let ours = users_of(connection, &new.cache).await?;
    let count = |cache: &CacheName| ours.get(cache.as_str()).copied().unwrap_or(0);
    let chosen = new.cache.choose(new.users.len() as u64, count).map_err(StoreError::NoRoom)?;
    match &chosen.reserved_name {
        None => Ok(chosen.cache.clone()),
        Some(name) => {
            Err(StoreError::NameReserved { cache: chosen.cache.clone(), name: name.clone() })
        }
    }
}

/// The caches that do not take the tenant.
pub(super) async fn refusals(
    connection: &mut SqliteConnection,
    new: &NewTenant,
) -> Result<Vec<Considered>, StoreError> {
    let ours = users_of(connection, &new.cache).await?;
    let count = |cache: &CacheName| ours.get(cache.as_str()).copied().unwrap_or(0);
    Ok(new.cache.refusals(new.users.len() as u64, count))
}

/// Refuses another user of a tenant that lives in this cache, if there is no place for it. Of a cache
/// that is not configured any more no limits are known.
pub(super) async fn refuse_overfilling(
    connection: &mut SqliteConnection,
    cache: &CacheName,
    limits: Option<GroupLimits>,
) -> Result<(), StoreError> {
    let Some(limits) = limits else { return Ok(()) };
    let places = limits.with(users_in(connection, cache).await?);
    if places.free() > 0 {
        return Ok(());
    }
    let why_not = WhyNot::Full { places, needed: 1 };
    Err(StoreError::NoRoom(NoRoom::InThis(Considered { cache: cache.clone(), why_not })))
}

/// How many living users the caches have that are wished for.
async fn users_of(
    connection: &mut SqliteConnection,
    wish: &CacheWish,
) -> Result<HashMap<String, u64>, StoreError> {
    match wish {
        CacheWish::This(candidate) => {
            let n_users = users_in(connection, &candidate.cache).await?;
            Ok(HashMap::from([(candidate.cache.to_string(), n_users)]))
        }
        CacheWish::Any { .. } => users_everywhere(connection).await,
    }
}

async fn users_in(connection: &mut SqliteConnection, cache: &CacheName) -> Result<u64, StoreError> {
    let count: Option<i64> = sqlx::query_scalar("SELECT users FROM cache_counts WHERE cache = $1")
        .bind(cache.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(count.map_or(0, i64::unsigned_abs))
}

/// In one row, because a thousand would take several times as long to fetch.
async fn users_everywhere(
    connection: &mut SqliteConnection,
) -> Result<HashMap<String, u64>, StoreError> {
    let counts: String =
        sqlx::query_scalar("SELECT json_group_object(cache, users) FROM cache_counts")
            .fetch_one(connection)
            .await?;
    serde_json::from_str(&counts).map_err(|error| StoreError::Inconsistent {
        table: "cache_counts",
        id: "all".to_owned(),
        why: error.to_string(),
    })
}
