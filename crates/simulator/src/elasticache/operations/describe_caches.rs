//! `DescribeReplicationGroups` and `DescribeServerlessCaches`

use crate::elasticache::names::ReplicationGroupId;
use crate::elasticache::page::Page;
use crate::elasticache::refusal::Refusal;
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache};

pub(super) fn replication_groups(
    state: &ElastiCache,
    call: &Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    let page = Page::requested(call.parameters)?;
    let only =
        call.parameters.get("ReplicationGroupId").map(ReplicationGroupId::parse).transpose()?;
    if let Some(id) = only.as_ref().filter(|id| !state.caches.contains_key(*id)) {
        return Err(Refusal::cache_not_found(id));
    }
    let caches = page
        .rest_of(&state.caches)
        .filter(|cache| only.as_ref().is_none_or(|id| cache.id == *id))
        .map(|cache| (cache.id.to_string(), cache.element()));
    Ok(page.of("ReplicationGroups", caches))
}

/// There are none: nothing here can make one.
pub(super) fn serverless(call: &Call<'_>) -> Result<Vec<Element>, Refusal> {
    match call.parameters.get("ServerlessCacheName") {
        Some(name) => Err(Refusal::serverless_cache_not_found(name)),
        None => Ok(vec![Element::parent("ServerlessCaches", Vec::new())]),
    }
}
