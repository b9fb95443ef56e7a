//! `GET /services/{name}/credentials`

use axum::{Json, extract::State};

use crate::{
    api::{
        Api,
        problem::{Problem, problem_responses},
        tenants::{
            ServiceAtPath,
            credentials::{CredentialsView, hand_out},
        },
    },
    domain::Cause,
};

problem_responses!(GetServiceCredentialsProblems:
    ServiceNotFound,
    TenantNotActive,
    StoreUnavailable,
    CloudUnavailable,
);

/// Hand out a service's credentials.
///
/// A password is read from Secrets Manager at this moment and kept nowhere else. That they were read is
/// recorded.
#[utoipa::path(
    get,
    path = "/services/{name}/credentials",
    operation_id = "get_service_credentials",
    tag = "services",
    params(("name" = String, Path, description = "The service's name.", example = "billing")),
    responses(
        (status = 200, description = "The credentials.", body = CredentialsView,
            headers(("Cache-Control", description = "Always `no-store`.")),
            example = json!(CredentialsView::example())),
        GetServiceCredentialsProblems
    )
)]
pub(crate) async fn get_service_credentials(
    State(api): State<Api>,
    cause: Cause,
    ServiceAtPath(service): ServiceAtPath,
) -> Result<Json<CredentialsView>, Problem> {
    hand_out(&api, &service, service.login(), cause).await
}
