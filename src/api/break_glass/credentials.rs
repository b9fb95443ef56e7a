//! `GET /break-glass/{name}/credentials`

use axum::{Json, extract::State};
use jiff::Timestamp;

use crate::{
    api::{
        Api,
        problem::{Code, Problem, problem_responses},
        tenants::{
            SessionAtPath,
            credentials::{CredentialsView, hand_out},
        },
    },
    domain::{Cause, Tenant, Tier},
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
    cause: Cause,
    SessionAtPath(session): SessionAtPath,
) -> Result<Json<CredentialsView>, Problem> {
    refuse_expired(&session, api.clock.now())?;
    hand_out(&api, &session, &session.main, cause).await
}

/// Its time may be over before the worker has come to remove it.
fn refuse_expired(session: &Tenant, now: Timestamp) -> Result<(), Problem> {
    match &session.tier {
        Tier::BreakGlass(opened) if opened.expires_at <= now => {
            let detail = format!("the time of {} is over", session.name);
            Err(Problem::new(Code::TenantNotActive, detail).not_to_be_retried())
        }
        _ => Ok(()),
    }
}
