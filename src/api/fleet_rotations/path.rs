//! The fleet rotation that a path names.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use uuid::Uuid;

use crate::{
    api::{
        Api,
        problem::{Code, Problem},
    },
    domain::{FleetReport, FleetRotationId},
};

/// The fleet rotation that the path names, as it was when the request came.
pub(crate) struct FleetRotationAtPath(pub(crate) FleetReport);

impl FromRequestParts<Api> for FleetRotationAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let not_found = || {
            let detail = "there is no fleet rotation with this id";
            Problem::new(Code::FleetRotationNotFound, detail)
        };
        // A text that is no id names no fleet rotation.
        let path = RawPathParams::from_request_parts(parts, api).await.map_err(|_| not_found())?;
        let id = path.iter().find(|(parameter, _)| *parameter == "id");
        let id = id.and_then(|(_, text)| Uuid::parse_str(text).ok()).ok_or_else(not_found)?;
        let report = api.store.fleet_rotation(FleetRotationId(id)).await?;
        report.map(Self).ok_or_else(not_found)
    }
}

/// Where a fleet rotation is found.
pub(in crate::api) fn fleet_path(id: FleetRotationId) -> String {
    format!("/rotations/{id}")
}
