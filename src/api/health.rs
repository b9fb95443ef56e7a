//! Liveness and readiness, for whatever keeps the service running.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Api,
    problem::{Problem, problem_responses},
};

/// The service's health.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`; what is not is a problem.
    #[schema(example = "ok")]
    status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

problem_responses!(LivezProblems:);

/// Tell whether the process lives.
///
/// Looks at nothing outside of the process: a restart would not mend what is wrong there.
#[utoipa::path(
    get,
    path = "/livez",
    operation_id = "get_liveness",
    tag = "health",
    responses((status = 200, description = "It lives.", body = Health, example = json!(Health { status: "ok" })), LivezProblems)
)]
pub(super) async fn get_liveness() -> Json<Health> {
    OK
}

problem_responses!(ReadyzProblems: StoreUnavailable);

/// Tell whether requests can be served.
///
/// Asks the store, which has to take writes too: after a failed commit, on a full disk say, the answer is
/// 503 until one succeeds. AWS is left out on purpose: without it tenants are still taken down and listed,
/// and the work on them goes on when it is back.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "get_readiness",
    tag = "health",
    responses((status = 200, description = "Requests can be served.", body = Health, example = json!(Health { status: "ok" })), ReadyzProblems)
)]
pub(super) async fn get_readiness(State(api): State<Api>) -> Result<Json<Health>, Problem> {
    api.store.ping().await?;
    Ok(OK)
}
