//! What is known of the cache that a string is meant for.

use ringfence_acl::{AccessString, DefaultUser};

use crate::{
    api::{Api, problem::Problem},
    domain::{DefaultUserFinding, GroupMember, Tenant, TierKind},
    reconcile::{Cache, ObservedCache},
    store::TenantQuery,
};

/// The users that a string would live beside.
pub(super) struct Surroundings {
    /// By name.
    pub(super) neighbours: Vec<(String, AccessString)>,
    pub(super) default_user: DefaultUser,
}

impl Surroundings {
    /// Where no cache is named, nothing is known.
    pub(super) async fn of(api: &Api, cache: Option<&Cache>) -> Result<Self, Problem> {
        let Some(cache) = cache else {
            return Ok(Self { neighbours: Vec::new(), default_user: DefaultUser::Unknown });
        };
        let name = Some(cache.config().name.clone());
        let query = TenantQuery { cache: name, limit: u32::MAX, ..TenantQuery::default() };
        let tenants = api.store.tenants(&query).await?;
        let seen = cache.view().observed;
        let is_foreign = |user: &&GroupMember| {
            tenants.iter().flat_map(Tenant::users).all(|ours| ours.user_id != user.id)
        };
        let members = seen.iter().flat_map(|seen| seen.members.iter());
        let foreign = members.filter(is_foreign).filter_map(foreign_neighbour);
        let fenced = tenants.iter().filter(|tenant| tenant.kind() != TierKind::BreakGlass);
        let neighbours = fenced.filter_map(tenant_neighbour).chain(foreign).collect();
        Ok(Self { neighbours, default_user: seen.as_ref().map_or(DefaultUser::Unknown, default) })
    }
}

/// A tenant with the patterns that are reserved for it, whether or not its user is there yet.
fn tenant_neighbour(tenant: &Tenant) -> Option<(String, AccessString)> {
    let pattern = &tenant.key_pattern;
    let string = AccessString::parse(&format!("on ~{pattern} resetchannels &{pattern}")).ok()?;
    Some((tenant.name.to_string(), string))
}

/// A user that is not ours. One that cannot log in, or cannot be read, meets nobody.
fn foreign_neighbour(user: &GroupMember) -> Option<(String, AccessString)> {
    let string = AccessString::parse(&user.access_string).ok().filter(AccessString::is_on)?;
    Some((user.name.to_string(), string))
}

/// A group without a member of this name has no such user: AWS switches the engine's own one off.
fn default(seen: &ObservedCache) -> DefaultUser {
    let mut findings = seen.members.iter().filter_map(GroupMember::default_user_finding);
    if findings.any(|finding| finding == DefaultUserFinding::Open) {
        DefaultUser::Open
    } else {
        DefaultUser::Closed
    }
}
