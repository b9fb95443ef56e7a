//! `DELETE /break-glass/{name}`

use axum::{extract::State, response::Response};

use super::SessionView;
use crate::{
    api::{
        Api,
        extract::{Preconditions, Prefer},
        problem::{Problem, problem_responses},
        tenants::{SessionAtPath, StatusView, remove, target},
    },
    domain::Cause,
    store::TenantChange,
};

problem_responses!(DeleteSessionProblems:
    InvalidHeader,
    SessionNotFound,
    PreconditionFailed,
    StoreUnavailable,
);

/// Close a break-glass session before its time is over.
///
/// Cuts its connections and removes its user and its secret. Answers `202` at once, and with
/// `Prefer: wait=30` `204` when it is closed.
#[utoipa::path(
    delete,
    path = "/break-glass/{name}",
    operation_id = "delete_session",
    tag = "break-glass",
    params(
        ("name" = String, Path, description = "The session's name.", example = "break-glass-e2ad052b5067"),
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the outcome (RFC 7240).", example = "wait=30"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Close the session only if it is in the state that this entity tag names."),
    ),
    responses(
        (status = 202, description = "The wish is written down; the session is being closed.", body = SessionView,
            headers(("ETag", description = "The session's state."), ("Location", description = "The session."), ("Preference-Applied", description = "The preferences that were followed.")),
            example = json!(SessionView::example(StatusView::Deleting))),
        (status = 204, description = "The session is closed."),
        DeleteSessionProblems
    )
)]
pub(crate) async fn delete_session(
    State(api): State<Api>,
    cause: Cause,
    (prefer, preconditions): (Prefer, Preconditions),
    SessionAtPath(session): SessionAtPath,
) -> Result<Response, Problem> {
    let target = target(&api, &session, &preconditions, cause)?;
    remove(&api, (target, TenantChange::Remove { purge: None }), &prefer).await
}
