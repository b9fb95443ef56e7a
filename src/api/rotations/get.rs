//! `GET /tenants/{name}/rotations/{id}`

use axum::{Json, extract::State};
use tracing::warn;

use super::{path::RotationAtPath, view::RotationView};
use crate::{
    api::{Api, problem::problem_responses},
    domain::RotationPhase,
};

problem_responses!(GetRotationProblems: TenantNotFound, RotationNotFound, StoreUnavailable);

/// Show a rotation.
///
/// With when each step was done, who has acknowledged the new password, and on which day the old one
/// was last read.
#[utoipa::path(
    get,
    path = "/tenants/{name}/rotations/{id}",
    operation_id = "get_rotation",
    tag = "rotations",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        ("id" = String, Path, description = "The rotation's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    responses(
        (status = 200, description = "The rotation.", body = RotationView,
            example = json!(RotationView::example(RotationPhase::Grace))),
        GetRotationProblems
    )
)]
pub(crate) async fn get_rotation(
    State(api): State<Api>,
    RotationAtPath { tenant, rotation }: RotationAtPath,
) -> Json<RotationView> {
    let view = RotationView::of(&tenant, &rotation);
    let user = tenant.users().find(|user| user.id == rotation.user);
    let (Some(user), Some(old), Some(_)) = (user, &rotation.from, rotation.done.finished_at) else {
        return Json(view);
    };
    match api.cloud.version_last_read(&user.secret_name, old).await {
        Ok(day) => Json(view.with_old_password_read(day)),
        // Evidence that is missing is no reason to hide the rest.
        Err(error) => {
            warn!(operation = error.operation, error = %error, "cannot tell when it was last read");
            Json(view)
        }
    }
}
