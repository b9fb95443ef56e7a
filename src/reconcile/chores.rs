//! What comes due by itself, whatever becomes of single users.

use jiff::Timestamp;

use super::{
    caches::Cache, fleet_rotations, observation::Observation, rollout, schedule, step::Tools,
};
use crate::store::StoreError;

/// What has to be remembered from one time to the next.
#[derive(Debug, Default)]
pub(super) struct Chores {
    /// Whether users may have rights of an older revision than their profile's.
    pub(super) may_be_outdated: bool,
}

impl Chores {
    /// Does what is due, and answers when there is more.
    pub(super) async fn run(
        &mut self,
        tools: &Tools,
        cache: &Cache,
        seen: Option<&Observation>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let (name, now) = (&cache.config().name, tools.clock.now());
        // Before anything that can fail or take long: a session must not outlive its time.
        let next_expiry = tools.store.expire_sessions(name, now).await?;
        let next_end = tools.store.end_outgoing(name, now).await?;
        if let Some(seen) = seen.filter(|_| self.may_be_outdated) {
            self.may_be_outdated = rollout::advance(tools, name, &seen.facts.ground).await?;
        }
        fleet_rotations::start_members(tools, cache).await?;
        let next_begin = schedule::begin_due(tools, cache.config(), now).await?;
        Ok([next_expiry, next_end, next_begin].into_iter().flatten().min())
    }
}
