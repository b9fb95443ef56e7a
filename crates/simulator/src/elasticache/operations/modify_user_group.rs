//! `ModifyUserGroup`

use std::collections::BTreeSet;

use super::create_user_group::ids;
use crate::elasticache::engine_type::EngineType;
use crate::elasticache::events::Source;
use crate::elasticache::names::{UserGroupId, UserId};
use crate::elasticache::refusal::Refusal;
use crate::elasticache::user_group::{GroupChange, UserGroup};
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache, membership};

/// All or nothing: one id that cannot be added or removed [refuses the whole call][whole], and
/// then the group never becomes `modifying`.
///
/// While the change is pending, the group [shows its old members][pending].
///
/// [whole]: https://github.com/hashicorp/terraform-provider-aws/issues/49945
/// [pending]: https://github.com/hashicorp/terraform-provider-aws/issues/28688
pub(super) fn handle(
    state: &mut ElastiCache,
    call: &mut Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    let parameters = call.parameters;
    let id = UserGroupId::parse(parameters.required("UserGroupId")?)?;
    let group = state.group(&id)?;
    group.require_active()?;
    let change = GroupChange {
        add: ids(&parameters.list("UserIdsToAdd.member"))?,
        remove: ids(&parameters.list("UserIdsToRemove.member"))?,
        engine: parameters.get("Engine").map_or(Ok(group.engine), EngineType::parse)?,
    };
    check_lists(group, &change, call)?;
    check_result(state, group, &change, call)?;

    let until = call.done_after(call.settings.latencies.group_modify);
    // The change touches the other members as well, and for a while nobody can modify them.
    let touched = group.members.union(&change.add).cloned().collect();
    state.lock_users(&touched, call, until);
    state.group_mut(&id)?.life.modify(until, change);
    state.events.note(call.now, Source::UserGroup, id.as_str(), "User group modified");
    Ok(state.group_element(state.group(&id)?).into_children())
}

fn check_lists(group: &UserGroup, change: &GroupChange, call: &Call<'_>) -> Result<(), Refusal> {
    let GroupChange { add, remove, engine } = change;
    if add.is_empty() && remove.is_empty() && *engine == group.engine {
        return Err(Refusal::combination("No modifications were requested."));
    }
    if let Some(both) = add.intersection(remove).next() {
        return Err(Refusal::combination(format!(
            "User {both} cannot be added and removed in the same request."
        )));
    }
    if let Some(stranger) = remove.difference(&group.members).next() {
        return Err(Refusal::value(format!(
            "User {stranger} is not a member of user group {}.",
            group.id
        )));
    }
    let mut present = add.intersection(&group.members);
    match present.next() {
        Some(member) if call.settings.behaviour.refuse_existing_members => Err(Refusal::value(
            format!("User {member} is already a member of user group {}.", group.id),
        )),
        _ => Ok(()),
    }
}

fn check_result(
    state: &ElastiCache,
    group: &UserGroup,
    change: &GroupChange,
    call: &Call<'_>,
) -> Result<(), Refusal> {
    for listed in change.add.union(&change.remove) {
        let user = state.user(listed)?;
        if call.settings.behaviour.refuse_busy_users {
            user.require_active()?;
        }
    }
    // Judged as a whole, so that one call can swap one `default` user for another.
    let after: BTreeSet<&UserId> =
        group.members.union(&change.add).filter(|id| !change.remove.contains(*id)).collect();
    let members: Vec<_> = after.into_iter().filter_map(|id| state.users.get(id)).collect();
    membership::check(change.engine, &members, &call.settings.quotas)
}
