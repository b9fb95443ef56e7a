//! `DELETE /tenants/{name}`

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    answer::show,
    dry_run::rehearse_change,
    path::TenantAtPath,
    plan_view::PlanView,
    target::target,
    view::{StatusView, TenantView},
    wait::wait_for,
};
use crate::{
    api::{
        Api,
        extract::{Preconditions, Prefer, Query},
        idempotency::send,
        problem::{Problem, problem_responses},
    },
    domain::{Cause, Status},
    store::{Target, TenantChange},
};

/// What goes with the tenant, and whether to do it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteTenant {
    /// `true`: its keys are removed too.
    #[serde(default)]
    #[param(required = false, default = false)]
    purge_keys: bool,
    /// `true`: nothing is written; the answer says what would have been done, with the calls to AWS.
    #[serde(default)]
    #[param(required = false, default = false)]
    dry_run: bool,
}

problem_responses!(DeleteTenantProblems:
    InvalidQuery,
    InvalidHeader,
    TenantNotFound,
    PreconditionFailed,
    StoreUnavailable,
);

/// Delete a tenant.
///
/// Takes the tenant out of the user group first, which cuts its open connections, then deletes its
/// user, then schedules its secret for deletion. Its keys stay in the cache, so a tenant made again
/// under this name needs `inherit_keys`; with `purge_keys` they are removed when nobody can write them
/// any more, on every shard, and it is proved that none is left. `purge` of the tenant tells how far that
/// is, and the tenant is gone when it is done.
///
/// Answers `202` as soon as the wish is written down, and with `Prefer: wait=30` `204` when the
/// tenant is gone. Sent again while the deletion is under way it changes nothing, but for `purge_keys`,
/// which can be asked for until the tenant is gone.
#[utoipa::path(
    delete,
    path = "/tenants/{name}",
    operation_id = "delete_tenant",
    tag = "tenants",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        DeleteTenant,
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the outcome (RFC 7240).", example = "wait=30"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Delete the tenant only if it is in the state that this entity tag names."),
    ),
    responses(
        (status = 200, description = "The plan, with `dry_run`.", body = PlanView, example = json!(PlanView::example())),
        (status = 202, description = "The wish is written down; the deletion is under way.", body = TenantView,
            headers(
                ("ETag", description = "The tenant's state."),
                ("Location", description = "The tenant."),
                ("Preference-Applied", description = "The preferences that were followed."),
            ),
            example = json!(TenantView::example(StatusView::Deleting))),
        (status = 204, description = "The tenant is gone."),
        DeleteTenantProblems
    )
)]
pub(crate) async fn delete_tenant(
    State(api): State<Api>,
    cause: Cause,
    (prefer, preconditions, query): (Prefer, Preconditions, Query<DeleteTenant>),
    TenantAtPath(tenant): TenantAtPath,
) -> Result<Response, Problem> {
    let target = target(&api, &tenant, &preconditions, cause)?;
    let purge = query.0.purge_keys.then(|| api.placement.purge(&api, &tenant.name));
    let change = TenantChange::Remove { purge };
    if query.0.dry_run {
        return rehearse_change(&api, target, change).await;
    }
    remove(&api, (target, change), &prefer).await
}

/// Asks for the removal of a tenant, service or session, and answers when it was asked to be
/// answered.
pub(in crate::api) async fn remove(
    api: &Api,
    (target, change): (Target, TenantChange),
    prefer: &Prefer,
) -> Result<Response, Problem> {
    let (tenant, _) = api.store.change_tenant(target, change).await?;
    api.caches.nudge(&tenant.cache);
    let tenant = wait_for(api, tenant, is_settled, prefer.wait()).await?;
    match tenant.status() {
        Status::Deleted => Ok((StatusCode::NO_CONTENT, prefer.applied(), ()).into_response()),
        _ => Ok((prefer.applied(), send(show(StatusCode::ACCEPTED, &tenant))?).into_response()),
    }
}

/// The work has come to its end, or needs a person.
fn is_settled(status: Status) -> bool {
    matches!(status, Status::Deleted | Status::Blocked)
}
