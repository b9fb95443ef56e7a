//! `GET /tenants/{name}/users/{user}/credentials`

use axum::{Json, extract::State};

use crate::{
    api::{
        Api,
        problem::{Problem, problem_responses},
        tenants::{
            UserAtPath,
            credentials::{CredentialsView, hand_out},
        },
    },
    domain::Cause,
};

problem_responses!(GetUserCredentialsProblems:
    TenantNotFound,
    UserNotFound,
    TenantNotActive,
    StoreUnavailable,
    CloudUnavailable,
);

/// Hand out the credentials of a user of a tenant.
///
/// They are read from Secrets Manager at this moment and kept nowhere else. That they were read is
/// recorded.
#[utoipa::path(
    get,
    path = "/tenants/{name}/users/{user}/credentials",
    operation_id = "get_user_credentials",
    tag = "users",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        ("user" = String, Path, description = "The user's name within the tenant.", example = "sessions"),
    ),
    responses(
        (status = 200, description = "The credentials.", body = CredentialsView,
            headers(("Cache-Control", description = "Always `no-store`.")),
            example = json!(CredentialsView::example())),
        GetUserCredentialsProblems
    )
)]
pub(crate) async fn get_user_credentials(
    State(api): State<Api>,
    cause: Cause,
    UserAtPath { tenant, user }: UserAtPath,
) -> Result<Json<CredentialsView>, Problem> {
    hand_out(&api, &tenant, &user, cause).await
}
