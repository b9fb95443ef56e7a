//! What is there from the first start.

use super::names::{ReplicationGroupId, UserGroupId};
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::{Call, ElastiCache, EngineType, Place};
use crate::config::{SeedCache, SeedGroup, SeedUser};
use crate::knobs::Settings;

/// The account as it looks to whoever seeds it.
pub(crate) struct Ground<'a> {
    pub(crate) place: &'a Place,
    pub(crate) now: jiff::Timestamp,
    pub(crate) engine: ringfence_acl::Engine,
    /// Seeds keep to the quotas. Nothing takes time.
    pub(crate) settings: Settings,
}

impl ElastiCache {
    /// Makes the cache and its user group, as far as they are not there, by the same calls a
    /// client would make.
    pub(crate) fn seed(&mut self, cache: &SeedCache, ground: &Ground<'_>) -> Result<(), Refusal> {
        let group = UserGroupId::parse(&cache.user_group)?;
        let id = ReplicationGroupId::parse(&cache.replication_group)?;
        if !self.groups.contains_key(&group) {
            self.seed_group(&cache.user_group, &[], ground)?;
            // The cache itself is not settled: it is not there before it has an engine.
            self.settle(ground.now);
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

    /// Makes user groups with all their members, as far as they are not there.
    pub(crate) fn seed_groups(
        &mut self,
        groups: &[SeedGroup],
        ground: &Ground<'_>,
    ) -> Result<(), Refusal> {
        let mut missing = Vec::new();
        for group in groups {
            if !self.groups.contains_key(&UserGroupId::parse(&group.user_group)?) {
                missing.push(group);
            }
        }
        for user in missing.iter().flat_map(|group| &group.members) {
            self.seed_user(user, ground)?;
        }
        // Once for all: it looks at every user there is.
        self.settle(ground.now);
        for group in missing {
            let members: Vec<&str> = group.members.iter().map(|user| user.id.as_str()).collect();
            self.seed_group(&group.user_group, &members, ground)?;
        }
        self.settle(ground.now);
        Ok(())
    }

    fn seed_user(&mut self, user: &SeedUser, ground: &Ground<'_>) -> Result<(), Refusal> {
        let engine = EngineType::from(ground.engine.kind).to_string();
        let mut parameters = Parameters::of([
            ("UserId", &user.id),
            ("UserName", &user.name),
            ("Engine", &engine),
            ("AccessString", &user.access_string),
            ("Passwords.member.1", &user.password),
        ]);
        for (number, (key, value)) in (1..).zip(&user.tags) {
            parameters = parameters
                .and(format!("Tags.Tag.{number}.Key"), key)
                .and(format!("Tags.Tag.{number}.Value"), value);
        }
        self.call("CreateUser", &parameters, ground)
    }

    /// A group of the Redis engine needs a user named `default`. Ours cannot log in.
    fn seed_group(
        &mut self,
        group: &str,
        members: &[&str],
        ground: &Ground<'_>,
    ) -> Result<(), Refusal> {
        let engine = EngineType::from(ground.engine.kind);
        let engine_word = engine.to_string();
        let mut parameters = Parameters::of([("UserGroupId", group), ("Engine", &engine_word)]);
        let default_id = format!("{group}-default");
        let mut members = members.to_vec();
        if engine == EngineType::Redis {
            let user = Parameters::of([
                ("UserId", &default_id),
                ("UserName", "default"),
                ("Engine", &engine_word),
                ("AccessString", "off -@all"),
                ("NoPasswordRequired", "true"),
            ]);
            self.call("CreateUser", &user, ground)?;
            self.settle(ground.now);
            members.push(&default_id);
        }
        for (number, member) in (1..).zip(members) {
            parameters = parameters.and(format!("UserIds.member.{number}"), member);
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
            settings: &ground.settings,
            engine: ground.engine,
            jitter: &mut fastrand::Rng::with_seed(0),
        };
        self.handle(operation, &mut call)?;
        Ok(())
    }
}
