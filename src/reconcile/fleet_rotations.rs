//! Starting the members of fleet rotations.
//!
//! Which member's turn it is follows from the rows alone, so that a fleet rotation goes on after a
//! restart like any other work. Room is counted over all caches: a worker that finds more room than
//! its own cache can use tells the workers of the others.

use std::sync::Arc;

use tracing::info;

use super::{caches::Cache, step::Tools};
use crate::{domain::RotationId, store::StoreError};

/// Starts the members of this cache whose turn it is.
pub(super) async fn start_members(tools: &Tools, cache: &Cache) -> Result<(), StoreError> {
    let now = tools.clock.now();
    let entropy = Arc::clone(&tools.entropy);
    let new_id = move || RotationId(entropy.uuid(now));
    let config = cache.config();
    let starts =
        tools.store.start_fleet_members(&config.name, &config.retirement, new_id, now).await?;
    for id in &starts.started {
        info!(rotation.id = %id, "a member of a fleet rotation is started");
    }
    for name in &starts.more_in {
        tools.caches.nudge(name);
    }
    Ok(())
}
