//! `GET /tenants/{name}/rotations/{id}`

use std::time::Duration;

use axum::{Json, extract::State};
use tokio::time::timeout;

use super::{evidence::Evidence, path::RotationAtPath, view::RotationView};
use crate::{
    api::{Api, problem::problem_responses},
    domain::RotationPhase,
};

/// How long AWS and the engine may take to tell what only they know.
const EVIDENCE_TIME: Duration = Duration::from_secs(5);

problem_responses!(GetRotationProblems: TenantNotFound, RotationNotFound, StoreUnavailable);

/// Show a rotation.
///
/// With when each step was done, and what can be told of those who still use the old password: who has
/// acknowledged the new one, the day on which the old one was last read, and connections that are older
/// than the new one.
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
    match tenant.users().find(|user| user.id == rotation.user) {
        Some(user) => {
            let evidence = timeout(EVIDENCE_TIME, Evidence::gather(&api, user, &rotation)).await;
            Json(view.with_evidence(evidence.unwrap_or_else(|_| Evidence::late())))
        }
        None => Json(view),
    }
}
