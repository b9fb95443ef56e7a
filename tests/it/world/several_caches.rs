//! A world with several caches, each with an engine of its own.

use std::num::NonZeroU32;

use ringfence::{
    config::{CacheConfig, Config},
    domain::{CacheName, CacheTarget},
};
use ringfence_acl::EngineKind;
use ringfence_simulator::{EngineBinary, SeedCache, Simulator, SimulatorConfig};
use serde_json::Value;
use tempfile::TempDir;

use super::{AdjustableClock, World, config};

impl World {
    /// A world with caches of these names in which nothing takes time. The service is not started.
    pub(crate) async fn with_caches(
        kind: EngineKind,
        names: &[&str],
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let directory = TempDir::new().unwrap();
        let binary = EngineBinary::find(Some(kind)).unwrap();
        let mut seeds = SimulatorConfig::new(directory.path().join("aws"), binary);
        for name in names {
            seeds = seeds.with_cache(SeedCache {
                replication_group: replication_group(name),
                user_group: user_group(name),
                port: 0,
                shards: 1,
                replicas: 0,
            });
        }
        let simulator = Simulator::start(seeds).await.unwrap();
        let address = |name: &str| simulator.cache_address(&replication_group(name)).unwrap();
        let mut config = config(kind, address(names[0]), &directory);
        let first = config.caches.remove(0);
        config.caches = names
            .iter()
            .map(|name| CacheConfig {
                name: CacheName::parse(name).unwrap(),
                user_group: user_group(name),
                target: CacheTarget::ReplicationGroup(replication_group(name)),
                port: Some(address(name).port()),
                ..first.clone()
            })
            .collect();
        change(&mut config);
        Self {
            simulator,
            config,
            clock: AdjustableClock::default(),
            service: None,
            client: reqwest::Client::new(),
            _directory: directory,
        }
    }

    /// Starts the service and waits until it has looked at every cache.
    pub(crate) async fn start_and_look(&mut self) {
        self.start_service().await;
        let is_seen = |cache: &Value| cache["observed"].is_object();
        let all_seen = |items: &Vec<Value>| items.iter().all(is_seen);
        self.until("/caches", |answer| answer.body["items"].as_array().is_some_and(all_seen)).await;
    }

    /// Puts members into the user group of a cache that are not ours.
    pub(crate) async fn add_foreign_members(&self, cache: &str, kind: EngineKind, n_users: u32) {
        let elasticache = self.elasticache();
        let mut ids = Vec::new();
        for i in 0..n_users {
            let id = format!("foreign-{cache}-{i}");
            let user = elasticache.create_user().user_id(&id).user_name(&id);
            let user =
                user.engine(kind.to_string()).access_string("on ~x:* resetchannels -@all +get");
            user.passwords("0123456789abcdef0123").send().await.unwrap();
            ids.push(id);
        }
        let change = elasticache.modify_user_group().user_group_id(user_group(cache));
        change.set_user_ids_to_add(Some(ids)).send().await.unwrap();
    }

    /// How many users each cache has, by its name.
    pub(crate) async fn users_by_cache(&self) -> Vec<(String, u64)> {
        let caches = self.get("/caches").await;
        let items = caches.body["items"].as_array().unwrap().clone();
        let count = |cache: Value| {
            (cache["name"].as_str().unwrap().to_owned(), cache["users"].as_u64().unwrap())
        };
        items.into_iter().map(count).collect()
    }
}

/// The user group of a cache.
pub(crate) fn user_group(cache: &str) -> String {
    format!("ringfence-{cache}")
}

fn replication_group(cache: &str) -> String {
    format!("cache-{cache}")
}

/// Sets how many users the group of a cache holds.
pub(crate) fn set_quota(cache: &mut CacheConfig, quota: u32) {
    cache.user_quota = NonZeroU32::new(quota).unwrap();
}
