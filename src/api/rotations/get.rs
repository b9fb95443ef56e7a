//! `GET /tenants/{name}/rotations/{id}`

use axum::Json;

use super::{path::RotationAtPath, view::RotationView};
use crate::{api::problem::problem_responses, domain::RotationPhase};

problem_responses!(GetRotationProblems: TenantNotFound, RotationNotFound, StoreUnavailable);

/// Show a rotation.
///
/// With when each step was done, and who has acknowledged the new password.
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
    RotationAtPath { tenant, rotation }: RotationAtPath,
) -> Json<RotationView> {
    Json(RotationView::of(&tenant, &rotation))
}
