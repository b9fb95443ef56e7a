//! `POST /rotations/{id}/cancel`

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

problem_responses!(CancelFleetRotationProblems:
    FleetRotationNotFound,
    FleetRotationOver,
    StoreUnavailable,
);

/// Start no more members, and go back where that is possible.
///
/// Members whose turn has not come are `cancelled`, and keep their password. Rotations that are on their
/// way are cancelled if their new password is not about to become `AWSCURRENT`; the others go on to their
/// end, grace included.
#[utoipa::path(
    post,
    path = "/rotations/{id}/cancel",
    operation_id = "cancel_fleet_rotation",
    tag = "fleet rotations",
    params(
        ("id" = String, Path, description = "The fleet rotation's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    responses(
        (status = 200, description = "The fleet rotation as it is now.", body = FleetRotationView,
            example = json!(FleetRotationView::example(FleetState::Cancelled))),
        CancelFleetRotationProblems
    )
)]
pub(crate) async fn cancel_fleet_rotation(
    State(api): State<Api>,
    cause: Cause,
    FleetRotationAtPath(report): FleetRotationAtPath,
) -> Result<Json<FleetRotationView>, Problem> {
    steer(&api, report, FleetChange::Cancel, cause).await
}
