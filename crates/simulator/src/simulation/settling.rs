//! What is due is done before anybody looks, and when its time has come.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::MutexGuard;

use super::{Simulation, Stage};
use crate::chain::Chain;
use crate::engine::EngineError;
use crate::state::StateError;

/// After an engine has failed, it is left alone for so long.
const ENGINE_RETRY: Duration = Duration::from_secs(1);

/// Longer than anybody waits: a change wakes the sleeper anyway.
const NOTHING_DUE: Duration = Duration::from_hours(1);

impl Simulation {
    /// The world with everything done that is due.
    pub(crate) async fn settled(&self) -> MutexGuard<'_, Stage> {
        let mut stage = self.stage.lock().await;
        if let Err(error) = self.settle(&mut stage).await {
            tracing::warn!(error = %Chain(&error), "changes wait for an engine");
        }
        stage
    }

    /// Does what is due whenever it is due, so that the engines follow when nobody asks.
    pub(crate) async fn keep_settling(&self) {
        loop {
            let pause = {
                let mut stage = self.stage.lock().await;
                match self.settle(&mut stage).await {
                    Ok(()) => self.pause(&stage),
                    Err(error) => {
                        tracing::warn!(error = %Chain(&error), "changes wait for an engine");
                        ENGINE_RETRY
                    }
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = self.changed.notified() => {}
                () = self.engine_ended.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    pub(crate) async fn advance_clock(&self, by: Duration) -> Result<Timestamp, StateError> {
        self.clock.advance(by);
        let mut stage = self.settled().await;
        let ahead_ms = self.clock.ahead().as_millis();
        stage.world.clock_ahead_ms = u64::try_from(ahead_ms).unwrap_or(u64::MAX);
        stage.save()?;
        self.changed.notify_one();
        Ok(self.clock.now())
    }

    /// Applies what is due to a copy, brings the engines there, and only then lets the copy be
    /// seen. The lock is held all the while: an answer never says `active` before the engine has
    /// changed, and the engine never changes before an answer could say `active`.
    ///
    /// When an engine fails, nothing has happened: the next attempt begins again.
    async fn settle(&self, stage: &mut Stage) -> Result<(), EngineError> {
        // Engines that are told to stop must not be started again by somebody who still looks.
        if self.stop.is_cancelled() {
            return Ok(());
        }
        let now = self.clock.now();
        let due = stage.due.is_some_and(|due| due <= now);
        if !due && !stage.engines.lost_one() {
            return Ok(());
        }
        let mut next = stage.world.elasticache.clone();
        next.settle(now);
        let pubsub = self.settings().behaviour.acl_pubsub_default;
        let news = stage.engines.follow(&mut next, pubsub).await?;
        stage.world.elasticache = next;
        stage.look_for_what_is_due();
        // What was due is due again after a restart, and need not be saved before something else
        // is. A port that was picked must be kept.
        if news {
            stage.save().ok();
        }
        Ok(())
    }

    fn pause(&self, stage: &Stage) -> Duration {
        let Some(due) = stage.due else { return NOTHING_DUE };
        // Whatever is due in the past is done already: at least one tick of the clock is left.
        let left = due.duration_since(self.clock.now());
        Duration::try_from(left).unwrap_or_default().max(Duration::from_millis(1))
    }
}
