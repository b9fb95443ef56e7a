//! A replica takes over from the primary of its shard.

use jiff::Timestamp;

use super::ElastiCache;
use super::events::{Events, Source};
use super::names::ReplicationGroupId;
use super::refusal::Refusal;
use super::replication_group::ReplicationGroup;

impl ElastiCache {
    /// Makes the next node of a shard, counted from 1, its primary. The engines have yet to be
    /// told.
    pub(crate) fn fail_over(
        &mut self,
        cache: &str,
        shard: usize,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let id = ReplicationGroupId::parse(cache)?;
        let cache = self.caches.get_mut(&id).ok_or_else(|| Refusal::cache_not_found(&id))?;
        if !cache.is_running() {
            cache.require_available()?;
        }
        let place = cache.shard_with_replica(shard)?;
        let before = cache.primaries();
        cache.layout.shards[place].promote_next();
        note_changes(&mut self.events, now, cache, &before);
        Ok(())
    }
}

/// Tells of each shard whose primary is another than before, in [AWS's words][events].
///
/// [events]: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_TestFailover.html
pub(super) fn note_changes(
    events: &mut Events,
    now: Timestamp,
    cache: &ReplicationGroup,
    before: &[String],
) {
    for (old, new) in before.iter().zip(cache.primaries()).filter(|(old, new)| *old != new) {
        let message = format!("Failover from primary node {old} to replica node {new} completed");
        events.note(now, Source::ReplicationGroup, cache.id.as_str(), &message);
    }
}
