//! `DeleteUser`

use crate::elasticache::names::UserId;
use crate::elasticache::refusal::Refusal;
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache};

/// A deleted user [leaves its groups][api] by itself, when the deletion is done.
///
/// [api]: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteUser.html
pub(super) fn handle(
    state: &mut ElastiCache,
    call: &mut Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    let id = UserId::parse(call.parameters.required("UserId")?)?;
    let user = state.user(&id)?;
    if id == UserId::stock_default() {
        return Err(Refusal::value("The user default cannot be deleted."));
    }
    user.require_active()?;
    if user.is_default() && state.groups_of(&id).next().is_some() {
        return Err(Refusal::new(
            "DefaultUserAssociatedToUserGroup",
            format!("Default user {id} is associated to a user group."),
        ));
    }
    let until = call.done_after(call.settings.latencies.user_delete);
    state.user_mut(&id)?.life.delete(until);
    if call.settings.behaviour.user_change_locks_groups {
        state.lock_groups_of(&id, until);
    }
    Ok(state.user_element(state.user(&id)?).into_children())
}
