//! `POST /rotations/{id}/pause`

use axum::{Json, extract::State};

use super::{path::FleetRotationAtPath, steer::steer, view::FleetRotationView};
use crate::{
    api::{
        Api,
        problem::{Problem, problem_responses},
    },
    domain::{Cause, FleetState},
    store::FleetChange,
};

problem_responses!(PauseFleetRotationProblems:
    FleetRotationNotFound,
    FleetRotationOver,
    StoreUnavailable,
);

/// Start no more members.
///
/// Rotations that are on their way go on, and graces end when their time has come. Said again, it
/// changes nothing.
#[utoipa::path(
    post,
    path = "/rotations/{id}/pause",
    operation_id = "pause_fleet_rotation",
    tag = "fleet rotations",
    params(
        ("id" = String, Path, description = "The fleet rotation's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    responses(
        (status = 200, description = "The fleet rotation as it is now.", body = FleetRotationView,
            example = json!(FleetRotationView::example(FleetState::Paused))),
        PauseFleetRotationProblems
    )
)]
pub(crate) async fn pause_fleet_rotation(
    State(api): State<Api>,
    cause: Cause,
    FleetRotationAtPath(report): FleetRotationAtPath,
) -> Result<Json<FleetRotationView>, Problem> {
    steer(&api, report, FleetChange::Pause, cause).await
}
