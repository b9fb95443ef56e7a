//! Who sends what is due.

use std::{collections::HashSet, sync::Arc, time::Duration};

use jiff::SignedDuration;
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::Sender;
use crate::{
    clock::{Clock, Entropy},
    domain::{WebhookId, next_try},
    store::{DueDelivery, Store, StoreError},
};

/// To how many webhooks messages are sent at once.
const AT_ONCE: usize = 16;
/// How often it is looked for messages whose next try has come.
const PERIOD: Duration = Duration::from_secs(1);
/// Commits come in bursts: what they write is looked for together.
const GATHERING: Duration = Duration::from_millis(50);
/// How often it is looked for deliveries that are over for long.
const TIDYING: Duration = Duration::from_hours(1);
/// How long a delivery that is over is kept, to be looked at and sent again.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Sends what stands in the outbox.
#[derive(Clone)]
pub struct Courier {
    /// Where messages are written down.
    pub store: Store,
    /// How they are sent.
    pub sender: Sender,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance, so that many that fail together do not come back together.
    pub entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for Courier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Courier").field("sender", &self.sender).finish_non_exhaustive()
    }
}

impl Courier {
    /// Sends what is due until `stop` is cancelled. What is on its way then is sent again after the next
    /// start.
    pub async fn run(self, stop: CancellationToken) {
        stop.run_until_cancelled(self.send_for_ever()).await;
    }

    async fn send_for_ever(&self) {
        let mut commits = self.store.commits();
        let mut looks = interval(PERIOD);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tidying = interval(TIDYING);
        let (mut on_their_way, mut busy) = (JoinSet::new(), HashSet::new());
        loop {
            let not_before = Instant::now() + GATHERING;
            tokio::select! {
                _ = tidying.tick() => self.tidy().await,
                _ = looks.tick() => {}
                // Where there is no writer any more nothing new will come, and the service ends.
                Ok(()) = commits.changed() => sleep_until(not_before).await,
                Some(done) = on_their_way.join_next() => match done {
                    Ok(webhook) => {
                        busy.remove(&webhook);
                    }
                    Err(error) => {
                        warn!(%error, "a delivery ended without an outcome");
                        // Of which one is not known; what is sent twice does no harm.
                        busy.clear();
                    }
                },
            }
            if let Err(error) = self.begin(&mut on_their_way, &mut busy).await {
                let error = &error as &dyn std::error::Error;
                warn!(error, "messages to webhooks cannot be looked up");
            }
        }
    }

    async fn begin(
        &self,
        on_their_way: &mut JoinSet<WebhookId>,
        busy: &mut HashSet<WebhookId>,
    ) -> Result<(), StoreError> {
        let room = AT_ONCE.saturating_sub(busy.len());
        if room == 0 {
            return Ok(());
        }
        let except: Vec<WebhookId> = busy.iter().copied().collect();
        for due in self.store.due_deliveries(&except, room, self.clock.now()).await? {
            busy.insert(due.webhook);
            on_their_way.spawn(self.clone().deliver(due));
        }
        Ok(())
    }

    async fn deliver(self, due: DueDelivery) -> WebhookId {
        let webhook = due.webhook;
        let attempt = self.sender.send(&due, self.clock.now()).await;
        debug!(webhook.id = %webhook, message.id = %due.message, ?attempt, "message sent");
        let mut chance = [0];
        self.entropy.fill(&mut chance);
        let now = self.clock.now();
        let next = next_try(due.attempts + 1, chance[0], now);
        if let Err(error) = self.store.save_attempt(due, attempt, next, now).await {
            warn!(
                error = &error as &dyn std::error::Error,
                webhook.id = %webhook,
                "the outcome of a delivery is not written down"
            );
            // It is sent again, and not at once: the store has to come back first.
            tokio::time::sleep(PERIOD).await;
        }
        webhook
    }

    async fn tidy(&self) {
        let limit = self.clock.now().saturating_sub(KEPT).unwrap_or(jiff::Timestamp::MIN);
        if let Err(error) = self.store.forget_deliveries(limit).await {
            let error = &error as &dyn std::error::Error;
            warn!(error, "old deliveries cannot be removed");
        }
    }
}
