//! `GET /services/{name}`

use axum::response::Response;

use crate::api::{
    extract::Preconditions,
    problem::problem_responses,
    tenants::{ServiceViewAtPath, StatusView, TenantView, show_unless_known},
};

problem_responses!(GetServiceProblems: InvalidHeader, ServiceNotFound, StoreUnavailable);

/// Show a service.
///
/// With `If-None-Match` and the `ETag` of the last answer, `304` says that nothing has changed.
#[utoipa::path(
    get,
    path = "/services/{name}",
    operation_id = "get_service",
    tag = "services",
    params(
        ("name" = String, Path, description = "The service's name.", example = "billing"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Entity tags that the caller has."),
    ),
    responses(
        (status = 200, description = "The service.", body = TenantView,
            headers(("ETag", description = "The service's state.")),
            example = json!(TenantView::example(StatusView::Active))),
        (status = 304, description = "The service is as the caller knows it."),
        GetServiceProblems
    )
)]
pub(crate) async fn get_service(
    preconditions: Preconditions,
    ServiceViewAtPath(view): ServiceViewAtPath,
) -> Response {
    show_unless_known(view, &preconditions)
}
