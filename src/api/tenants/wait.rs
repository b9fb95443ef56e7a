//! Waiting for the reconciler, for callers that asked to.

use std::time::Duration;

use crate::{
    api::{Api, problem::Problem},
    domain::{Status, Tenant},
};

/// Waits until the tenant's status is one that `is_end` accepts, for at most `limit`, and answers
/// with the tenant as it is then.
pub(super) async fn wait_for(
    api: &Api,
    tenant: Tenant,
    is_end: fn(Status) -> bool,
    limit: Duration,
) -> Result<Tenant, Problem> {
    wait_until(api, tenant, |tenant| is_end(tenant.status()), limit).await
}

/// Waits until `is_end` accepts the tenant, for at most `limit`, and answers with the tenant as it
/// is then.
pub(in crate::api) async fn wait_until(
    api: &Api,
    tenant: Tenant,
    is_end: impl Fn(&Tenant) -> bool,
    limit: Duration,
) -> Result<Tenant, Problem> {
    if limit.is_zero() {
        return Ok(tenant);
    }
    let deadline = tokio::time::sleep(limit);
    tokio::pin!(deadline);
    // Subscribed before the row is read, so that no change falls between reading and waiting.
    let mut changes = api.store.changes(tenant.id);
    let mut is_over = false;
    loop {
        let tenant = api.store.tenant_by_id(tenant.id).await?.unwrap_or_else(|| tenant.clone());
        if is_over || is_end(&tenant) {
            return Ok(tenant);
        }
        is_over = tokio::select! {
            told = changes.changed() => told.is_err(),
            () = &mut deadline => true,
            () = api.stopping.cancelled() => true,
        };
    }
}
