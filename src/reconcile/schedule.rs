//! Beginning the rotations that the schedule has come to.

use std::sync::Arc;

use jiff::Timestamp;
use tracing::info;

use super::step::Tools;
use crate::{
    config::CacheConfig,
    domain::{CacheUser, RetirementGate, Rotation, RotationId, RotationMode, Tenant, TierKind},
    store::{StartPace, StoreError},
};

/// Begins those that are due in a cache and for which there is room. Answers when there is more to
/// begin.
pub(super) async fn begin_due(
    tools: &Tools,
    cache: &CacheConfig,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let next = tools.store.next_rotation_due(&cache.name).await?;
    if next.is_none_or(|at| at > now) {
        return Ok(next);
    }
    let settings = &tools.rotation;
    let pace = StartPace {
        in_flight: settings.in_flight.get(),
        per_minute: settings.starts_per_minute.get(),
    };
    let (entropy, grace, gate) =
        (Arc::clone(&tools.entropy), settings.grace, cache.retirement.clone());
    let make = move |tenant: &Tenant, user: &CacheUser| {
        let gate = gate_of(tenant.kind(), &gate);
        let order = (RotationMode::Overlap { grace, gate }, None);
        Rotation::begin(RotationId(entropy.uuid(now)), user, order, None, now).on_schedule()
    };
    let begun = tools.store.begin_due_rotations(&cache.name, pace, now, make).await?;
    if begun.count > 0 {
        info!(rotations = begun.count, "the schedule has begun rotations");
    }
    Ok(begun.next)
}

/// The cache's, but a service waits for time alone: its rotations are not shown by the API, so that
/// nobody could acknowledge one or ask for its end.
fn gate_of(kind: TierKind, gate: &RetirementGate) -> RetirementGate {
    match kind {
        TierKind::Tenant => gate.clone(),
        TierKind::Service | TierKind::BreakGlass => RetirementGate::Time,
    }
}
