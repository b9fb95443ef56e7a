//! `DeleteReplicationGroup`

use crate::elasticache::names::ReplicationGroupId;
use crate::elasticache::refusal::Refusal;
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache};

/// The engine ends, and its data with it, when the deletion is done.
pub(super) fn handle(
    state: &mut ElastiCache,
    call: &mut Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    let id = ReplicationGroupId::parse(call.parameters.required("ReplicationGroupId")?)?;
    let until = call.done_after(call.settings.latencies.cache_delete);
    let cache = state.cache_mut(&id)?;
    if !cache.failed {
        cache.require_available()?;
    }
    cache.failed = false;
    cache.life.delete(until);
    Ok(vec![cache.element()])
}
