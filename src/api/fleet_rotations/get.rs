//! `GET /rotations/{id}`

use axum::Json;

use super::{path::FleetRotationAtPath, view::FleetRotationView};
use crate::{api::problem::problem_responses, domain::FleetState};

problem_responses!(GetFleetRotationProblems: FleetRotationNotFound, StoreUnavailable);

/// Show a fleet rotation.
///
/// With how many of its members have come how far.
#[utoipa::path(
    get,
    path = "/rotations/{id}",
    operation_id = "get_fleet_rotation",
    tag = "fleet rotations",
    params(
        ("id" = String, Path, description = "The fleet rotation's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    responses(
        (status = 200, description = "The fleet rotation.", body = FleetRotationView,
            example = json!(FleetRotationView::example(FleetState::Running))),
        GetFleetRotationProblems
    )
)]
pub(crate) async fn get_fleet_rotation(
    FleetRotationAtPath(report): FleetRotationAtPath,
) -> Json<FleetRotationView> {
    Json(FleetRotationView::from(&report))
}
