//! `DeleteUserGroup`

use crate::elasticache::names::UserGroupId;
use crate::elasticache::refusal::Refusal;
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache};

pub(super) fn handle(
    state: &mut ElastiCache,
    call: &mut Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    let id = UserGroupId::parse(call.parameters.required("UserGroupId")?)?;
    state.group(&id)?.require_active()?;
    if let Some(cache) = state.caches.values().find(|cache| cache.uses(&id)) {
        return Err(Refusal::new(
            "InvalidUserGroupState",
            format!("User group {id} is associated with replication group {}.", cache.id),
        ));
    }
    let until = call.done_after(call.settings.latencies.group_delete);
    state.group_mut(&id)?.life.delete(until);
    Ok(state.group_element(state.group(&id)?).into_children())
}
