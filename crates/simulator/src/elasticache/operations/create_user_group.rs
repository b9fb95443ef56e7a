//! `CreateUserGroup`

use std::collections::BTreeSet;

use crate::elasticache::engine_type::EngineType;
use crate::elasticache::events::Source;
use crate::elasticache::life::Life;
use crate::elasticache::names::{UserGroupId, UserId};
use crate::elasticache::refusal::Refusal;
use crate::elasticache::tags::Tags;
use crate::elasticache::user_group::UserGroup;
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache, membership};

pub(super) fn handle(
    state: &mut ElastiCache,
    call: &mut Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    let parameters = call.parameters;
    let id = UserGroupId::parse(parameters.required("UserGroupId")?)?;
    let engine = EngineType::parse(parameters.required("Engine")?)?;
    let members = ids(&parameters.list("UserIds.member"))?;
    let tags = Tags::requested(parameters, &call.settings.quotas)?;
    if state.groups.contains_key(&id) {
        return Err(Refusal::new(
            "UserGroupAlreadyExists",
            format!("User group {id} already exists."),
        ));
    }
    if state.groups.len() >= call.settings.quotas.user_groups {
        return Err(Refusal::new(
            "UserGroupQuotaExceeded",
            "The maximum number of user groups has been exceeded.",
        ));
    }
    let users = members.iter().map(|id| state.user(id)).collect::<Result<Vec<_>, _>>()?;
    if call.settings.behaviour.refuse_busy_users {
        users.iter().try_for_each(|user| user.require_active())?;
    }
    membership::check(engine, &users, &call.settings.quotas)?;

    let latencies = &call.settings.latencies;
    let until = call.done_after(latencies.group_create);
    state.lock_users(&members, call, until);
    let group = UserGroup {
        arn: call.place.elasticache_arn("usergroup", id.as_str()),
        id: id.clone(),
        engine,
        members,
        life: Life::creating(until),
        tags,
        visible_from: call.done_after(latencies.read_after_write),
    };
    let answer = state.group_element(&group).into_children();
    state.groups.insert(id.clone(), group);
    state.memberships.forget();
    state.events.note(call.now, Source::UserGroup, id.as_str(), "User group created");
    Ok(answer)
}

pub(super) fn ids(texts: &[&str]) -> Result<BTreeSet<UserId>, Refusal> {
    texts.iter().map(|text| UserId::parse(text)).collect()
}
