//! The change of a tenant that a request is about.

use crate::{
    api::{
        Api,
        extract::{EntityTag, Preconditions},
        problem::Problem,
    },
    domain::{Cause, Tenant},
    reconcile::Cache,
    store::Target,
};

/// Which tenant is to be changed, if it is in a state that the caller accepts.
pub(in crate::api) fn target(
    api: &Api,
    tenant: &Tenant,
    preconditions: &Preconditions,
    cause: Cause,
) -> Result<Target, Problem> {
    preconditions.allow_change(&EntityTag::of(tenant))?;
    Ok(Target {
        tenant: tenant.id,
        // The store checks again, because the tenant may have changed since it was read.
        expected: preconditions.demand_this_state().then_some(tenant.revision),
        limits: api.caches.get(&tenant.cache).map(Cache::limits),
        cause,
        now: api.clock.now(),
    })
}
