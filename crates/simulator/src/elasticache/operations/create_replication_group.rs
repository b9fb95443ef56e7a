//! `CreateReplicationGroup`

use super::attach;
use crate::elasticache::engine_type::EngineType;
use crate::elasticache::events::Source;
use crate::elasticache::life::Life;
use crate::elasticache::names::ReplicationGroupId;
use crate::elasticache::refusal::Refusal;
use crate::elasticache::replication_group::ReplicationGroup;
use crate::elasticache::tags::Tags;
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache, size};

/// Enough of the operation to have a cache with a user group. Each node is an engine process.
pub(super) fn handle(
    state: &mut ElastiCache,
    call: &mut Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    let parameters = call.parameters;
    let id = ReplicationGroupId::parse(parameters.required("ReplicationGroupId")?)?;
    let description = parameters.required("ReplicationGroupDescription")?.to_owned();
    let transit_encryption = parameters.boolean("TransitEncryptionEnabled")?.unwrap_or(false);
    let engine = EngineType::parse(parameters.get("Engine").unwrap_or("redis"))?;
    let ours = EngineType::from(call.engine.kind);
    if engine != ours {
        return Err(Refusal::combination(format!(
            "This simulator runs {ours} and cannot run {engine}.",
        )));
    }
    let layout = size::requested(parameters)?;
    let automatic_failover = size::automatic_failover(parameters, &layout)?;
    let port = size::first_port(parameters, &layout)?;
    let user_group = attach::single(&parameters.list("UserGroupIds.member"))?;
    if let Some(group) = &user_group {
        attach::check(state, group, &attach::Cache { engine, transit_encryption })?;
    }
    let tags = Tags::requested(parameters, &call.settings.quotas)?;
    if state.caches.contains_key(&id) {
        return Err(Refusal::new(
            "ReplicationGroupAlreadyExists",
            format!("Replication group {id} already exists."),
        ));
    }
    let cache = ReplicationGroup {
        arn: call.place.elasticache_arn("replicationgroup", id.as_str()),
        id: id.clone(),
        description,
        engine,
        transit_encryption,
        automatic_failover,
        port,
        layout,
        user_group,
        life: Life::creating(call.done_after(call.settings.latencies.cache_create)),
        failed: false,
        tags,
        created_at: call.now,
    };
    let answer = cache.element();
    state.caches.insert(id.clone(), cache);
    state.events.note(call.now, Source::ReplicationGroup, id.as_str(), "Replication group created");
    Ok(vec![answer])
}
