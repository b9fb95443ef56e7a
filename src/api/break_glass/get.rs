//! `GET /break-glass/{name}`

use axum::{Json, http::header, response::IntoResponse};

use super::SessionView;
use crate::api::{
    extract::EntityTag,
    problem::{Problem, problem_responses},
    tenants::{SessionAtPath, StatusView},
};

problem_responses!(GetSessionProblems: SessionNotFound, StoreUnavailable);

/// Show a break-glass session.
///
/// With the reason that was given and the time at which it ends by itself.
#[utoipa::path(
    get,
    path = "/break-glass/{name}",
    operation_id = "get_session",
    tag = "break-glass",
    params(("name" = String, Path, description = "The session's name.", example = "break-glass-e2ad052b5067")),
    responses(
        (status = 200, description = "The session.", body = SessionView,
            headers(("ETag", description = "The session's state.")),
            example = json!(SessionView::example(StatusView::Active))),
        GetSessionProblems
    )
)]
pub(crate) async fn get_session(
    SessionAtPath(session): SessionAtPath,
) -> Result<impl IntoResponse, Problem> {
    let view = SessionView::of(&session)
        .ok_or_else(|| Problem::internal("what was found under a session's path is none"))?;
    Ok(([(header::ETAG, EntityTag::of(&session).as_str().to_owned())], Json(view)))
}
