//! `POST /rotations/{id}/retire`

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

problem_responses!(RetireFleetRotationProblems:
    FleetRotationNotFound,
    StoreUnavailable,
);

/// End the grace of all members that are in it now.
///
/// Their old passwords are taken away and proved dead, whatever the grace and the gate say. Members that
/// come to their grace later are not affected. Also possible when the fleet rotation was cancelled.
#[utoipa::path(
    post,
    path = "/rotations/{id}/retire",
    operation_id = "retire_fleet_rotation",
    tag = "fleet rotations",
    params(
        ("id" = String, Path, description = "The fleet rotation's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    responses(
        (status = 200, description = "The fleet rotation as it is now.", body = FleetRotationView,
            example = json!(FleetRotationView::example(FleetState::Running))),
        RetireFleetRotationProblems
    )
)]
pub(crate) async fn retire_fleet_rotation(
    State(api): State<Api>,
    cause: Cause,
    FleetRotationAtPath(report): FleetRotationAtPath,
) -> Result<Json<FleetRotationView>, Problem> {
    steer(&api, report, FleetChange::RetireNow, cause).await
}
