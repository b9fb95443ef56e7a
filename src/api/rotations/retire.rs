//! `POST /tenants/{name}/rotations/{id}/retire`

use axum::{extract::State, response::Response};

use super::{answer::steer, path::RotationAtPath, view::RotationView};
use crate::{
    api::{
        Api,
        extract::Prefer,
        problem::{Problem, problem_responses},
    },
    domain::{Cause, RotationPhase},
    store::RotationChange,
};

problem_responses!(RetireRotationProblems:
    InvalidHeader,
    TenantNotFound,
    RotationNotFound,
    RotationTooFar,
    StoreUnavailable,
);

/// End the grace of an old password now.
///
/// The old password is taken from the user and proved dead as soon as the new one is `AWSCURRENT`,
/// whatever the grace and the gate say. Connections that logged in with it stay open.
#[utoipa::path(
    post,
    path = "/tenants/{name}/rotations/{id}/retire",
    operation_id = "retire_rotation",
    tag = "rotations",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        ("id" = String, Path, description = "The rotation's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the outcome (RFC 7240).", example = "wait=30"),
    ),
    responses(
        (status = 200, description = "The rotation is over.", body = RotationView,
            headers(("Location", description = "The rotation."), ("Preference-Applied", description = "The preferences that were followed.")),
            example = json!(RotationView::example(RotationPhase::Completed))),
        (status = 202, description = "The wish is written down; the work is under way.", body = RotationView,
            headers(("Location", description = "The rotation."), ("Preference-Applied", description = "The preferences that were followed.")),
            example = json!(RotationView::example(RotationPhase::Retiring))),
        RetireRotationProblems
    )
)]
pub(crate) async fn retire_rotation(
    State(api): State<Api>,
    cause: Cause,
    prefer: Prefer,
    rotation: RotationAtPath,
) -> Result<Response, Problem> {
    steer(&api, rotation, (RotationChange::RetireNow, cause), &prefer).await
}
