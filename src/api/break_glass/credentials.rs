//! `GET /break-glass/{name}/credentials`

use axum::{Extension, Json, extract::State};

use crate::{
    api::{
        Api,
        problem::{Problem, problem_responses},
        tenants::{
            SessionAtPath,
            credentials::{CredentialsView, hand_out},
        },
    },
    domain::RequestId,
};

problem_responses!(GetSessionCredentialsProblems:
    SessionNotFound,
    TenantNotActive,
    StoreUnavailable,
    CloudUnavailable,
);

/// Hand out a break-glass session's credentials.
///
/// They are read from Secrets Manager at this moment and kept nowhere else. That they were read is
/// recorded.
#[utoipa::path(
    get,
    path = "/break-glass/{name}/credentials",
    operation_id = "get_session_credentials",
    tag = "break-glass",
    params(("name" = String, Path, description = "The session's name.", example = "break-glass-e2ad052b5067")),
    responses(
        (status = 200, description = "The credentials.", body = CredentialsView,
            headers(("Cache-Control", description = "Always `no-store`.")),
            example = json!(CredentialsView::example())),
        GetSessionCredentialsProblems
    )
)]
pub(crate) async fn get_session_credentials(
    State(api): State<Api>,
    Extension(request): Extension<RequestId>,
    SessionAtPath(session): SessionAtPath,
) -> Result<Json<CredentialsView>, Problem> {
    hand_out(&api, &session.main, request).await
}
