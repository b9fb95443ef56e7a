//! `GET /tenants/{name}`

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    path::TenantAtPath,
    view::{StatusView, TenantView},
};
use crate::{
    api::{
        extract::{EntityTag, Preconditions},
        problem::problem_responses,
    },
    domain::Tenant,
};

problem_responses!(GetTenantProblems: InvalidHeader, TenantNotFound, StoreUnavailable);

/// Show a tenant.
///
/// With `If-None-Match` and the `ETag` of the last answer, `304` says that nothing has changed.
#[utoipa::path(
    get,
    path = "/tenants/{name}",
    operation_id = "get_tenant",
    tag = "tenants",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Entity tags that the caller has."),
    ),
    responses(
        (status = 200, description = "The tenant.", body = TenantView,
            headers(("ETag", description = "The tenant's state.")),
            example = json!(TenantView::example(StatusView::Active))),
        (status = 304, description = "The tenant is as the caller knows it."),
        GetTenantProblems
    )
)]
pub(crate) async fn get_tenant(
    preconditions: Preconditions,
    TenantAtPath(tenant): TenantAtPath,
) -> Response {
    show_unless_known(&tenant, &preconditions)
}

/// Shows a tenant or service to a caller who does not have it yet.
pub(in crate::api) fn show_unless_known(
    tenant: &Tenant,
    preconditions: &Preconditions,
) -> Response {
    let tag = EntityTag::of(tenant);
    let headers = [(header::ETAG, tag.as_str().to_owned())];
    if preconditions.know(&tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, axum::Json(TenantView::from(tenant))).into_response()
}
