//! Somebody who undoes what is done, and losses that no sweep sees.
//!
//! A sweep compares users at rest. Whoever sets the members of the group faster than a user is
//! attested keeps it from ever coming to rest: it joins and is lost, again and again. Each loss counts
//! as a repair does, and so they add up to the same fight.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;
use tracing::warn;

use super::step::Tools;
use crate::{
    config::CacheConfig,
    domain::{
        CacheUser, Difference, DriftKind, DriftOwner, DriftPolicy, FIGHT_SPAN, FoundDrift,
        who_fights,
    },
    store::StoreError,
};

/// When somebody was last seen to undo the work on a cache, so that it is told of once, and counted
/// each time.
#[derive(Debug)]
pub(super) struct FightWatch {
    last_ms: AtomicI64,
    undone: Counter,
}

impl FightWatch {
    /// For a cache about which nobody fights.
    pub(super) fn new(undone: Counter) -> Self {
        Self { last_ms: AtomicI64::new(i64::MIN), undone }
    }

    /// Tells of it, unless it was told of and has gone on since.
    pub(super) fn tell(&self, who: &str, now: Timestamp) {
        self.undone.inc();
        if self.is_news(now) {
            warn!(who, "repairs are undone again and again");
        }
    }

    /// It goes on for as long as repairs are counted together.
    fn is_news(&self, now: Timestamp) -> bool {
        let now = now.as_millisecond();
        let pause = now.saturating_sub(self.last_ms.swap(now, Ordering::Relaxed));
        u128::from(pause.unsigned_abs()) > FIGHT_SPAN.as_millis()
    }
}

/// Counts that a user has lost its membership before it came to rest.
pub(super) async fn count_loss(
    tools: &Tools,
    config: &CacheConfig,
    user: &CacheUser,
) -> Result<(), StoreError> {
    let (kind, now) = (DriftKind::NotInGroup, tools.clock.now());
    let policy = tools.drift_policy.under(&config.drift_policy).of(kind);
    if policy == DriftPolicy::Ignore {
        return Ok(());
    }
    let found = FoundDrift {
        cache: user.cache.clone(),
        owner: Some(DriftOwner::from(user)),
        subject: user.user_id.to_string(),
        difference: Difference::membership_lost(),
        policy,
    };
    let losses = tools.store.count_drift_loss(found, now).await?;
    if let (Some(who), Some(cache)) = (who_fights(kind, losses), tools.caches.get(&user.cache)) {
        cache.fights().tell(&who, now);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_fight_is_news_again_only_after_it_has_ended() {
        let watch = FightWatch::new(Counter::default());
        let begin: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let told = [0, 1, 40, 99, 159, 219, 280]
            .map(|minutes| watch.is_news(begin + SignedDuration::from_mins(minutes)));
        assert_eq!(told, [true, false, false, false, false, false, true]);
    }
}
