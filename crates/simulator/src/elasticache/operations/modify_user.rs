//! `ModifyUser`

use super::create_user::check_authentication;
use crate::elasticache::authentication::Authentication;
use crate::elasticache::engine_type::EngineType;
use crate::elasticache::events::Source;
use crate::elasticache::names::UserId;
use crate::elasticache::refusal::Refusal;
use crate::elasticache::user::{Rights, User};
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache, access_string, membership};

pub(super) fn handle(
    state: &mut ElastiCache,
    call: &mut Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    let id = UserId::parse(call.parameters.required("UserId")?)?;
    let user = state.user(&id)?;
    if id == UserId::stock_default() {
        return Err(Refusal::value("The user default cannot be modified."));
    }
    user.require_active()?;
    let changed = changed(user, call)?;
    check_groups(state, &changed, call)?;

    let until = call.done_after(call.settings.latencies.user_modify);
    let user = state.user_mut(&id)?;
    *user = changed;
    user.life.modify(until, ());
    if call.settings.behaviour.user_change_locks_groups {
        state.lock_groups_of(&id, until);
    }
    state.events.note(call.now, Source::User, id.as_str(), "User modified");
    Ok(state.user_element(state.user(&id)?).into_children())
}

/// The user as it would be. What a request does not name stays as it is; what it names is
/// replaced whole, passwords too.
fn changed(user: &User, call: &Call<'_>) -> Result<User, Refusal> {
    let parameters = call.parameters;
    let engine = parameters.get("Engine").map(EngineType::parse).transpose()?;
    let authentication = Authentication::requested(parameters, &call.settings.behaviour)?;
    let access_string = match (parameters.get("AccessString"), parameters.get("AppendAccessString"))
    {
        (Some(_), Some(_)) => {
            return Err(Refusal::combination(
                "AccessString and AppendAccessString cannot be used together.",
            ));
        }
        (Some(text), None) => Some(access_string::canonical(text, call.engine)?),
        (None, Some(more)) => {
            let all = format!("{} {more}", user.wanted.access_string);
            Some(access_string::canonical(&all, call.engine)?)
        }
        (None, None) => None,
    };
    if engine.is_none() && authentication.is_none() && access_string.is_none() {
        return Err(Refusal::combination("No modifications were requested."));
    }
    let mut changed = user.clone();
    changed.engine = engine.unwrap_or(user.engine);
    changed.wanted = Rights {
        access_string: access_string.unwrap_or_else(|| user.wanted.access_string.clone()),
        authentication: authentication.unwrap_or_else(|| user.wanted.authentication.clone()),
    };
    check_authentication(&user.id, &user.name, changed.engine, &changed.wanted.authentication)?;
    Ok(changed)
}

/// A user cannot become what one of its groups would not take.
fn check_groups(state: &ElastiCache, changed: &User, call: &Call<'_>) -> Result<(), Refusal> {
    for group in state.groups_of(&changed.id) {
        let members: Vec<_> = group
            .members
            .iter()
            .filter_map(|id| if *id == changed.id { Some(changed) } else { state.users.get(id) })
            .collect();
        membership::check(group.engine, &members, &call.settings.quotas)?;
    }
    Ok(())
}
