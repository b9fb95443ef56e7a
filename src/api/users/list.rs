//! `GET /tenants/{name}/users`

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    problem::problem_responses,
    tenants::{TenantAtPath, UserView},
};

/// The users of a tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserList {
    /// The main user first, the others in the order of their names.
    items: Vec<UserView>,
}

impl UserList {
    /// A list for the API document.
    fn example() -> Self {
        Self { items: vec![UserView::example(true), UserView::example(false)] }
    }
}

problem_responses!(ListUsersProblems: TenantNotFound, StoreUnavailable);

/// List the users of a tenant.
///
/// All of them: a tenant has 17 at most.
#[utoipa::path(
    get,
    path = "/tenants/{name}/users",
    operation_id = "list_users",
    tag = "users",
    params(("name" = String, Path, description = "The tenant's name.", example = "acme")),
    responses(
        (status = 200, description = "The users.", body = UserList, example = json!(UserList::example())),
        ListUsersProblems
    )
)]
pub(crate) async fn list_users(TenantAtPath(tenant): TenantAtPath) -> Json<UserList> {
    Json(UserList { items: tenant.users().map(UserView::from).collect() })
}
