//! A second cache, for what must hold over all caches.

use std::time::Duration;

use ringfence::domain::{CacheName, CacheTarget};

use super::World;

const NAME: &str = "spare";
const USER_GROUP: &str = "ringfence-spare";
const REPLICATION_GROUP: &str = "cache-spare";

impl World {
    /// Makes a second Valkey cache, named `spare`, and starts the service anew with both.
    pub(crate) async fn add_spare_cache(&mut self) {
        let elasticache = self.elasticache();
        let group = elasticache.create_user_group().user_group_id(USER_GROUP).engine("valkey");
        group.send().await.unwrap();
        self.control().advance_clock(Duration::from_secs(1)).await.unwrap();
        let cache = elasticache.create_replication_group().replication_group_id(REPLICATION_GROUP);
        let cache = cache.replication_group_description("Spare").engine("valkey");
        let cache = cache.transit_encryption_enabled(true).user_group_ids(USER_GROUP);
        cache.send().await.unwrap();
        self.control().advance_clock(Duration::from_secs(1)).await.unwrap();
        let seen = elasticache.describe_replication_groups();
        let seen = seen.replication_group_id(REPLICATION_GROUP).send().await.unwrap();
        let endpoint = seen.replication_groups()[0].node_groups()[0].primary_endpoint().unwrap();

        self.stop_service().await;
        let mut config = self.config.caches[0].clone();
        config.name = CacheName::parse(NAME).unwrap();
        USER_GROUP.clone_into(&mut config.user_group);
        config.target = CacheTarget::ReplicationGroup(REPLICATION_GROUP.to_owned());
        config.port = Some(endpoint.port().unwrap().try_into().unwrap());
        self.config.caches.push(config);
        self.start_service().await;
    }
}
