//! `DELETE /services/{name}`

use axum::{extract::State, response::Response};

use crate::{
    api::{
        Api,
        extract::{Preconditions, Prefer},
        problem::{Problem, problem_responses},
        tenants::{ServiceAtPath, StatusView, TenantView, remove, target},
    },
    domain::Cause,
    store::TenantChange,
};

problem_responses!(DeleteServiceProblems:
    InvalidHeader,
    ServiceNotFound,
    PreconditionFailed,
    StoreUnavailable,
);

/// Delete a service.
///
/// Everything is as with `DELETE /tenants/{name}`.
#[utoipa::path(
    delete,
    path = "/services/{name}",
    operation_id = "delete_service",
    tag = "services",
    params(
        ("name" = String, Path, description = "The service's name.", example = "billing"),
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the outcome (RFC 7240).", example = "wait=30"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Delete the service only if it is in the state that this entity tag names."),
    ),
    responses(
        (status = 202, description = "The wish is written down; the deletion is under way.", body = TenantView,
            headers(("ETag", description = "The service's state."), ("Location", description = "The service."), ("Preference-Applied", description = "The preferences that were followed.")),
            example = json!(TenantView::example(StatusView::Deleting))),
        (status = 204, description = "The service is gone."),
        DeleteServiceProblems
    )
)]
pub(crate) async fn delete_service(
    State(api): State<Api>,
    cause: Cause,
    (prefer, preconditions): (Prefer, Preconditions),
    ServiceAtPath(service): ServiceAtPath,
) -> Result<Response, Problem> {
    let target = target(&api, &service, &preconditions, cause)?;
    remove(&api, (target, TenantChange::Remove { purge: None }), &prefer).await
}
