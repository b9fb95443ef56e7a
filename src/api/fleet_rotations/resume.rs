//! `POST /rotations/{id}/resume`

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

problem_responses!(ResumeFleetRotationProblems:
    FleetRotationNotFound,
    FleetRotationOver,
    StoreUnavailable,
);

/// Go on with starting members.
///
/// With those that wait, in their order. Said again, it changes nothing.
#[utoipa::path(
    post,
    path = "/rotations/{id}/resume",
    operation_id = "resume_fleet_rotation",
    tag = "fleet rotations",
    params(
        ("id" = String, Path, description = "The fleet rotation's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    responses(
        (status = 200, description = "The fleet rotation as it is now.", body = FleetRotationView,
            example = json!(FleetRotationView::example(FleetState::Running))),
        ResumeFleetRotationProblems
    )
)]
pub(crate) async fn resume_fleet_rotation(
    State(api): State<Api>,
    cause: Cause,
    FleetRotationAtPath(report): FleetRotationAtPath,
) -> Result<Json<FleetRotationView>, Problem> {
    steer(&api, report, FleetChange::Resume, cause).await
}
