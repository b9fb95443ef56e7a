//! What the operations that steer a fleet rotation share.

use axum::Json;

use super::view::FleetRotationView;
use crate::{
    api::{Api, problem::Problem},
    domain::{Cause, FleetReport},
    store::FleetChange,
};

/// Writes the wish down, tells the workers, and shows what the fleet rotation is now.
pub(super) async fn steer(
    api: &Api,
    report: FleetReport,
    change: FleetChange,
    cause: Cause,
) -> Result<Json<FleetRotationView>, Problem> {
    let now = api.clock.now();
    let report = api.store.change_fleet_rotation(report.fleet.id, change, cause, now).await?;
    api.caches.nudge_all();
    Ok(Json(FleetRotationView::from(&report)))
}
