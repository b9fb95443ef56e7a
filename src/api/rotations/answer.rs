//! Waiting for a rotation, and the answer that shows it.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{path::RotationAtPath, view::RotationView};
use crate::{
    api::{Api, extract::Prefer, idempotency::send, problem::Problem},
    domain::{Cause, Rotation, RotationId, RotationStatus, Tenant},
    store::{RotationChange, StoredAnswer},
};

/// Writes down what a caller wants of a rotation that was started, and waits for it if asked to.
pub(super) async fn steer(
    api: &Api,
    RotationAtPath { tenant, rotation }: RotationAtPath,
    (change, cause): (RotationChange, Cause),
    prefer: &Prefer,
) -> Result<Response, Problem> {
    let now = api.clock.now();
    let rotation = api.store.change_rotation(rotation.id, change, cause, now).await?;
    api.caches.nudge(&tenant.cache);
    let rotation = wait_for(api, &tenant, rotation, prefer).await?;
    Ok((prefer.applied(), send(show(&tenant, &rotation))?).into_response())
}

/// Waits, if it was asked to, until the rotation has come to its grace or to an end, or to an end if
/// it was in its grace already.
pub(super) async fn wait_for(
    api: &Api,
    tenant: &Tenant,
    rotation: Rotation,
    prefer: &Prefer,
) -> Result<Rotation, Problem> {
    let limit = prefer.wait();
    let deadline = tokio::time::sleep(limit);
    tokio::pin!(deadline);
    // Subscribed before the row is read, so that no change falls between reading and waiting.
    let mut changes = api.store.changes(tenant.id);
    let mut is_over = limit.is_zero();
    loop {
        let now = api.store.rotation(tenant.id, rotation.id).await?;
        let now = now.unwrap_or_else(|| rotation.clone());
        let rests = now.phase.status() == RotationStatus::Grace && !now.may_retire(api.clock.now());
        if is_over || now.phase.is_over() || rests {
            return Ok(now);
        }
        is_over = tokio::select! {
            told = changes.changed() => told.is_err(),
            () = &mut deadline => true,
            () = api.stopping.cancelled() => true,
        };
    }
}

/// Where a rotation is found.
pub(super) fn path_of(tenant: &Tenant, id: RotationId) -> String {
    format!("/tenants/{}/rotations/{id}", tenant.name)
}

/// An answer with the rotation in its body.
pub(super) fn show(tenant: &Tenant, rotation: &Rotation) -> StoredAnswer {
    let status = match rotation.phase.status() {
        RotationStatus::Running => StatusCode::ACCEPTED,
        _ => StatusCode::OK,
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::LOCATION, path_of(tenant, rotation.id)),
    ];
    StoredAnswer {
        status: status.as_u16(),
        headers: headers.map(|(name, value)| (name.to_string(), value)).into(),
        body: serde_json::to_string(&RotationView::of(tenant, rotation))
            .expect("a view is text, numbers and times"),
    }
}
