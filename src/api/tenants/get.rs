//! `GET /tenants/{name}`

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    path::TenantViewAtPath,
    view::{StatusView, TenantView},
};
use crate::{
    api::{
        extract::{EntityTag, Preconditions},
        problem::problem_responses,
    },
    store::KeptView,
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
    TenantViewAtPath(view): TenantViewAtPath,
) -> Response {
    show_unless_known(view, &preconditions)
}

/// Shows a tenant or service to a caller who does not have it yet.
pub(in crate::api) fn show_unless_known(view: KeptView, preconditions: &Preconditions) -> Response {
    let tag = EntityTag::at(view.id, view.revision);
    let is_known = preconditions.know(&tag);
    let tag = [(header::ETAG, tag.into_text())];
    if is_known {
        return (StatusCode::NOT_MODIFIED, tag).into_response();
    }
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (tag, json, view.body).into_response()
}
