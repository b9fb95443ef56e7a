//! Removing events that have become too old, now and then, and what only serves to link traces.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    clock::Clock,
    store::{Store, StoreError},
};

/// How often it is looked for events that are too old.
const PERIOD: Duration = Duration::from_hours(1);

/// Who removes old events.
#[derive(Clone)]
pub struct Retention {
    /// Where they are.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How old they become.
    pub keep: Duration,
}

impl std::fmt::Debug for Retention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Retention").field("keep", &self.keep).finish_non_exhaustive()
    }
}

impl Retention {
    /// Removes what is too old, at once and then every hour, until `stop` is cancelled. What cannot be
    /// removed now is removed the next time.
    pub async fn run(self, stop: CancellationToken) {
        let mut looks = interval(PERIOD);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(looks.tick()).await.is_some() {
            if let Err(error) = self.remove_old(&stop).await {
                let error = &error as &dyn std::error::Error;
                warn!(error, "old events cannot be removed");
            }
        }
    }

    /// A little at a time: others write too.
    async fn remove_old(&self, stop: &CancellationToken) -> Result<(), StoreError> {
        let now = self.clock.now();
        let keep = SignedDuration::try_from(self.keep).unwrap_or(SignedDuration::MAX);
        let limit = now.saturating_sub(keep).unwrap_or(Timestamp::MIN);
        let mut n_batches = 0_u32;
        while !stop.is_cancelled() {
            n_batches += 1;
            if !self.store.remove_old_events(limit, now).await? {
                break;
            }
        }
        self.store.forget_old_request_traces(now).await?;
        if n_batches > 1 {
            info!(%limit, "events from before were removed");
        }
        Ok(())
    }
}
