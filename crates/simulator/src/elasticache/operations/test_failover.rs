//! `TestFailover`

use crate::elasticache::events::Source;
use crate::elasticache::names::ReplicationGroupId;
use crate::elasticache::refusal::Refusal;
use crate::elasticache::replication_group::CacheChange;
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache};

/// A replica takes over when the change is done. The old primary becomes a replica at once, where
/// AWS replaces it first.
pub(super) fn handle(
    state: &mut ElastiCache,
    call: &mut Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    let id = ReplicationGroupId::parse(call.parameters.required("ReplicationGroupId")?)?;
    let node_group = call.parameters.required("NodeGroupId")?;
    let until = call.done_after(call.settings.latencies.cache_modify);
    let cache = state.cache_mut(&id)?;
    cache.require_available()?;
    let number = node_group.parse().map_err(|_| Refusal::node_group_not_found(node_group))?;
    let shard = cache.shard_with_replica(number)?;
    if !cache.automatic_failover {
        return Err(Refusal::new(
            "InvalidReplicationGroupState",
            format!("Automatic failover is not enabled for replication group {id}."),
        ));
    }
    let change = CacheChange {
        user_group: cache.user_group.clone(),
        transit_encryption: cache.transit_encryption,
        fail_over: Some(shard),
    };
    cache.life.modify(until, change);
    let answer = cache.element();
    let message = format!("Test Failover API called for node group {node_group}");
    state.events.note(call.now, Source::ReplicationGroup, id.as_str(), &message);
    Ok(vec![answer])
}
