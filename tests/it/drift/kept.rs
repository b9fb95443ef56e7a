//! What the store keeps of sweeps.

use ringfence::{
    clock::{SystemClock, SystemEntropy},
    domain::{
        CacheName, Difference, DriftItem, DriftKind, DriftPolicy, FoundDrift, KnownSurroundings,
    },
    store::{DriftQuery, RepairBegin, Store},
};

use jiff::Timestamp;

async fn empty_store() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("r.db");
    let store = Store::open(&path, None, &SystemClock, &SystemEntropy::default()).await.unwrap();
    (directory, store)
}

fn cache(name: &str) -> CacheName {
    CacheName::parse(name).unwrap()
}

fn group_changed(name: &str) -> FoundDrift {
    let (found, expected) = ("valkey".to_owned(), "redis".to_owned());
    FoundDrift {
        cache: cache(name),
        owner: None,
        subject: "ringfence".to_owned(),
        difference: Difference { kind: DriftKind::GroupChanged, found, expected },
        policy: DriftPolicy::Report,
    }
}

async fn listed(store: &Store) -> Vec<DriftItem> {
    let query = DriftQuery { limit: 10, ..DriftQuery::default() };
    store.drift_items(&query, Timestamp::UNIX_EPOCH).await.unwrap()
}

/// The process may end before the sweep does.
#[tokio::test]
async fn what_was_accepted_is_known_from_the_moment_that_this_is_recorded() {
    let (_directory, store) = empty_store().await;
    let (found, now) = (group_changed("main"), Timestamp::UNIX_EPOCH);
    store.note_drift(vec![found.clone()], now).await.unwrap();
    let known = KnownSurroundings { group_engine: Some("valkey".to_owned()), endpoint: None };
    let begin = RepairBegin::Accepted(known.clone());
    store.begin_drift_repair(found, begin, now).await.unwrap();
    assert_eq!(store.known_surroundings(&cache("main")).await.unwrap(), known);
}

#[tokio::test]
async fn what_differs_in_a_cache_that_is_not_configured_any_more_is_forgotten() {
    let (_directory, store) = empty_store().await;
    let found = ["main", "former"].map(group_changed);
    store.note_drift(found.to_vec(), Timestamp::UNIX_EPOCH).await.unwrap();
    store.forget_drift_elsewhere(vec![cache("main")]).await.unwrap();
    let left: Vec<_> = listed(&store).await.into_iter().map(|item| item.found.cache).collect();
    assert_eq!(left, [cache("main")]);
}
