//! `GET /tenants/{name}/users/{user}`

use axum::{http::StatusCode, response::Response};

use super::answer::show;
use crate::api::{
    problem::problem_responses,
    tenants::{UserAtPath, UserView},
};

problem_responses!(GetUserProblems: TenantNotFound, UserNotFound, StoreUnavailable);

/// Show a user of a tenant.
///
/// Its password is not part of it: `GET /tenants/{name}/users/{user}/credentials` hands it out.
#[utoipa::path(
    get,
    path = "/tenants/{name}/users/{user}",
    operation_id = "get_user",
    tag = "users",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        ("user" = String, Path, description = "The user's name within the tenant.", example = "sessions"),
    ),
    responses(
        (status = 200, description = "The user.", body = UserView,
            headers(("ETag", description = "The tenant's state."), ("Location", description = "The user.")),
            example = json!(UserView::example(false))),
        GetUserProblems
    )
)]
pub(crate) async fn get_user(UserAtPath { tenant, user }: UserAtPath) -> Response {
    show(StatusCode::OK, &tenant, &user)
}
