//! What is left behind by somebody who could not say who they are.

use std::net::IpAddr;

use axum::http::request::Parts;
use tracing::warn;

use crate::{
    api::Api,
    domain::{Actor, Cause},
};

/// Writes a line in the log.
pub(super) fn log_failure(address: Option<IpAddr>, why: &'static str) {
    let told = address.map(tracing::field::display);
    warn!(client.address = told, reason = why, "authentication failed");
}

/// Records that a token was shown which is not valid. The token itself is not recorded, as it may be a
/// good one for somewhere else. That it cannot be recorded changes nothing about the answer.
pub(super) async fn record_failure(
    api: &Api,
    request: &Parts,
    (address, why): (Option<IpAddr>, &'static str),
) {
    let request = request.extensions.get().cloned();
    // No work follows from it that could be linked with a trace.
    let cause = Cause { actor: Actor::Anonymous, request, trace: None };
    let now = api.clock.now();
    if let Err(error) = api.store.record_failed_authentication(address, why, cause, now).await {
        warn!(%error, "a failed authentication cannot be recorded");
    }
}
