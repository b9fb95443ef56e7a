//! What is there from the first start.

use super::names::{ReplicationGroupId, UserGroupId};
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::{Call, ElastiCache, EngineType, Place};
use crate::config::SeedCache;
use crate::knobs::Settings;

/// The account as it looks to whoever seeds it: no waiting, nothing to run into.
pub(crate) struct Ground<'a> {
    pub(crate) place: &'a Place,
    pub(crate) now: jiff::Timestamp,
    pub(crate) engine: ringfence_acl::Engine,
}

impl ElastiCache {
    /// Makes the cache and its user group, as far as they are not there, by the same calls a
    /// client would make.
    pub(crate) fn seed(&mut self, cache: &SeedCache, ground: &Ground<'_>) -> Result<(), Refusal> {
        let group = UserGroupId::parse(&cache.user_group)?;
        let id = ReplicationGroupId::parse(&cache.replication_group)?;
        if !self.groups.contains_key(&group) {
            self.seed_group(&cache.user_group, ground)?;
        }
        if self.caches.contains_key(&id) {
            return Ok(());
        }
        let engine = EngineType::from(ground.engine.kind).to_string();
        let is_cluster = cache.shards > 1;
        let can_fail_over = is_cluster || cache.replicas > 0;
        let parameters = Parameters::of([
            ("ReplicationGroupId", &cache.replication_group),
            ("ReplicationGroupDescription", "There from the start"),
            ("Engine", &engine),
            ("Port", &cache.port.to_string()),
            ("ClusterMode", if is_cluster { "enabled" } else { "disabled" }),
            ("NumNodeGroups", &cache.shards.to_string()),
            ("ReplicasPerNodeGroup", &cache.replicas.to_string()),
            ("AutomaticFailoverEnabled", &can_fail_over.to_string()),
            ("TransitEncryptionEnabled", "true"),
            ("UserGroupIds.member.1", &cache.user_group),
        ]);
        self.call("CreateReplicationGroup", &parameters, ground)
    }

    /// A group of the Redis engine needs a user named `default`. Ours cannot log in.
    fn seed_group(&mut self, group: &str, ground: &Ground<'_>) -> Result<(), Refusal> {
        let engine = EngineType::from(ground.engine.kind);
        let engine_word = engine.to_string();
        let default_id = format!("{group}-default");
        let mut parameters = Parameters::of([("UserGroupId", group), ("Engine", &engine_word)]);
        if engine == EngineType::Redis {
            let user = Parameters::of([
                ("UserId", &default_id),
                ("UserName", "default"),
                ("Engine", &engine_word),
                ("AccessString", "off -@all"),
                ("NoPasswordRequired", "true"),
            ]);
            self.call("CreateUser", &user, ground)?;
            parameters = Parameters::of([
                ("UserGroupId", group),
                ("Engine", &engine_word),
                ("UserIds.member.1", &default_id),
            ]);
        }
        self.call("CreateUserGroup", &parameters, ground)
    }

    fn call(
        &mut self,
        operation: &str,
        parameters: &Parameters,
        ground: &Ground<'_>,
    ) -> Result<(), Refusal> {
        let mut call = Call {
            parameters,
            place: ground.place,
            now: ground.now,
            settings: &Settings::default(),
            engine: ground.engine,
            jitter: &mut fastrand::Rng::with_seed(0),
        };
        self.handle(operation, &mut call)?;
        // Not the last one: a cache is not there before it has an engine.
        if operation != "CreateReplicationGroup" {
            self.settle(ground.now);
        }
        Ok(())
    }
}
