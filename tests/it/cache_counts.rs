//! What lives in the caches, counted by the store itself.

use std::time::Duration;

use jiff::Timestamp;
use ringfence::{
    clock::{Clock as _, SystemClock},
    domain::{CacheName, CacheWish, Cause, Growth, NewTenant, Phase, Tenant},
    store::{CacheCount, Progress, Store, Target, TenantChange},
};
use tempfile::TempDir;

use crate::store::{new, open, roomy};

fn new_in(cache: &str, name: &str, now: Timestamp) -> NewTenant {
    NewTenant { cache: CacheWish::This(roomy(cache)), now, ..new(name) }
}

async fn reserve(store: &Store, new: NewTenant) -> Tenant {
    store.reserve_tenant(new, None, Cause::SERVICE).await.unwrap().tenant().clone()
}

/// Removes a tenant, as the reconciler does when AWS has nothing of it any more.
async fn remove(store: &Store, tenant: &Tenant, now: Timestamp) {
    let target =
        Target { tenant: tenant.id, expected: None, limits: None, cause: Cause::SERVICE, now };
    let (tenant, _) =
        store.change_tenant(target, TenantChange::Remove { purge: None }).await.unwrap();
    let gone = Progress {
        phase: Phase::Deleted,
        access: None,
        attestation: None,
        password_is_new: false,
        shown: None,
    };
    store.save_progress(&tenant.main, gone, now).await.unwrap();
}

async fn count(store: &Store, cache: &str, now: Timestamp) -> CacheCount {
    let cache = CacheName::parse(cache).unwrap();
    let one = store.cache_counts(Some(&cache), now).await.unwrap();
    assert_eq!(store.cache_counts(None, now).await.unwrap().get(&cache), one.get(&cache));
    one.get(&cache).copied().unwrap_or(CacheCount::NONE)
}

#[tokio::test]
async fn tenants_and_users_are_counted_from_when_they_are_asked_for_until_they_are_gone() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory.path().join("r.db")).await.unwrap();
    let now = SystemClock.now();
    assert_eq!(count(&store, "a", now).await, CacheCount::NONE);
    let acme = reserve(&store, new_in("a", "acme", now)).await;
    reserve(&store, new_in("a", "globex", now)).await;
    reserve(&store, new_in("b", "initech", now)).await;
    let both = count(&store, "a", now).await;
    assert_eq!((both.tenants, both.users, both.unsettled), (2, 2, 2));
    remove(&store, &acme, now).await;
    let one = count(&store, "a", now).await;
    assert_eq!((one.tenants, one.users, one.unsettled), (1, 1, 1));
    assert_eq!((one.growth.added, one.growth.gone), (2, 1));
    assert_eq!(count(&store, "b", now).await.users, 1);
}

#[tokio::test]
async fn growth_is_what_came_and_went_in_the_last_four_weeks() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory.path().join("r.db")).await.unwrap();
    let now = SystemClock.now();
    let days_ago = |days: u64| now - Duration::from_hours(24 * days);
    let old = reserve(&store, new_in("a", "old", days_ago(60))).await;
    let older = reserve(&store, new_in("a", "older", days_ago(70))).await;
    remove(&store, &older, days_ago(40)).await;
    for (name, days) in [("x", 27), ("y", 14), ("z", 0)] {
        reserve(&store, new_in("a", name, days_ago(days))).await;
    }
    remove(&store, &old, days_ago(3)).await;
    let found = count(&store, "a", now).await.growth;
    assert_eq!(found, Growth { added: 3, gone: 1, over: Growth::WINDOW });
    let young = reserve(&store, new_in("b", "young", days_ago(10))).await;
    assert_eq!(count(&store, "b", now).await.growth.over, Duration::from_hours(240), "{young:?}");
}
