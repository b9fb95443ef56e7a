//! `ModifyReplicationGroup`

use super::attach;
use crate::elasticache::events::Source;
use crate::elasticache::names::{ReplicationGroupId, UserGroupId};
use crate::elasticache::refusal::Refusal;
use crate::elasticache::replication_group::{CacheChange, ReplicationGroup};
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache};

/// Enough of the operation to attach a user group, to swap it and to detach it.
pub(super) fn handle(
    state: &mut ElastiCache,
    call: &mut Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    let id = ReplicationGroupId::parse(call.parameters.required("ReplicationGroupId")?)?;
    let cache = state.caches.get(&id).ok_or_else(|| Refusal::cache_not_found(&id))?;
    cache.require_available()?;
    let user_group = user_group_after(cache, call)?;
    let encryption = call.parameters.boolean("TransitEncryptionEnabled")?;
    if user_group.is_some() && encryption == Some(false) {
        return Err(Refusal::combination(
            "Modification of transit encryption is not supported for access control enabled \
             clusters.",
        ));
    }
    if user_group.is_some() && user_group != cache.user_group {
        // Encryption that is only asked for in the same call comes too late.
        let is =
            attach::Cache { engine: cache.engine, transit_encryption: cache.transit_encryption };
        user_group.iter().try_for_each(|group| attach::check(state, group, &is))?;
    }
    let change = CacheChange {
        user_group,
        transit_encryption: encryption.unwrap_or(cache.transit_encryption),
        fail_over: None,
    };
    let until = call.done_after(call.settings.latencies.cache_modify);
    let cache = state.cache_mut(&id)?;
    cache.life.modify(until, change);
    let answer = cache.element();
    state.events.note(
        call.now,
        Source::ReplicationGroup,
        id.as_str(),
        "Replication group modified",
    );
    Ok(vec![answer])
}

fn user_group_after(
    cache: &ReplicationGroup,
    call: &Call<'_>,
) -> Result<Option<UserGroupId>, Refusal> {
    let parameters = call.parameters;
    let add = attach::single(&parameters.list("UserGroupIdsToAdd.member"))?;
    let remove = attach::single(&parameters.list("UserGroupIdsToRemove.member"))?;
    let clear = parameters.boolean("RemoveUserGroups")?.unwrap_or(false);
    if let Some(stranger) = remove.as_ref().filter(|group| cache.user_group.as_ref() != Some(group))
    {
        return Err(Refusal::value(format!(
            "User group {stranger} is not associated with replication group {}.",
            cache.id
        )));
    }
    let kept = cache.user_group.clone().filter(|_| remove.is_none() && !clear);
    match (add, kept) {
        (Some(_), Some(kept)) => Err(Refusal::value(format!(
            "Replication group {} already has user group {kept}.",
            cache.id
        ))),
        (add, kept) => Ok(add.or(kept)),
    }
}
