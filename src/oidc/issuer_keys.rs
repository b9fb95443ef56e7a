//! The keys of the issuer, kept and renewed.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use jiff::Timestamp;
use jsonwebtoken::DecodingKey;
use tokio::{
    sync::{Mutex, OwnedMutexGuard, Semaphore},
    task::JoinHandle,
};
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::{
    fetch_error::FetchError,
    key_set::{KeySet, WantedKey},
    key_source::{KeySource, ShownKeys},
    refused::Refused,
};
use crate::clock::Clock;

/// How long the issuer is left alone after it was asked, whatever came of it.
pub const PAUSE: Duration = Duration::from_secs(10);
/// How long keys are taken for new if the issuer does not say it.
const FRESH_FOR: Duration = Duration::from_mins(15);
/// How long at least and at most, whatever it says. Older keys count only while the issuer does not answer, so
/// one that it has withdrawn is of use to nobody for longer than that. The least is also how long it is taken
/// for silent after it has not answered: then it is asked again before an older key counts.
const FRESH_MIN: Duration = Duration::from_mins(1);
const FRESH_MAX: Duration = Duration::from_hours(1);
/// How long keys are used while the issuer does not answer. Tokens that people have are over by then.
const USABLE_FOR: Duration = Duration::from_hours(6);
/// How many callers may wait for the issuer. More would take the places of those who need not; fewer would be
/// told that it is silent when many come at once to a service that has just begun.
const WAITING_MAX: usize = 500;

/// The keys of the issuer, kept and renewed.
#[derive(Clone)]
pub(super) struct IssuerKeys(Arc<Shared>);

struct Shared {
    source: KeySource,
    clock: Arc<dyn Clock>,
    tasks: TaskTracker,
    known: RwLock<Known>,
    /// Held by whoever asks the issuer: when that was over the last time.
    turn: Arc<Mutex<Option<Timestamp>>>,
    waiting: Semaphore,
}

#[derive(Clone, Debug, Default)]
struct Known {
    kept: Option<Arc<Kept>>,
    /// When the issuer was asked last, if it did not answer then.
    silent_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Kept {
    keys: KeySet,
    at: Timestamp,
    fresh_for: Duration,
}

impl IssuerKeys {
    /// Knows none yet. Asking is a task among these, so that it goes on when the caller for whom it was begun
    /// goes away.
    pub(super) fn new(source: KeySource, clock: Arc<dyn Clock>, tasks: TaskTracker) -> Self {
        let (known, turn) = (RwLock::default(), Arc::default());
        let waiting = Semaphore::new(WAITING_MAX);
        Self(Arc::new(Shared { source, clock, tasks, known, turn, waiting }))
    }

    /// The key that a token is signed with.
    pub(super) async fn find(&self, wanted: &WantedKey) -> Result<DecodingKey, Refused> {
        let now = self.0.clock.now();
        if let Some(kept) = self.0.usable(now)
            && let Some(key) = kept.keys.find(wanted)
            && (is_within(FRESH_MAX, kept.at, now) || self.0.was_silent(now))
        {
            if !is_within(kept.fresh_for, kept.at, now) {
                self.renew_meanwhile();
            }
            return Ok(key.clone());
        }
        let place = self.0.waiting.try_acquire().map_err(|_| Refused::IssuerSilent)?;
        self.renew().await;
        drop(place);
        let kept = self.0.usable(now).ok_or(Refused::IssuerSilent)?;
        match kept.keys.find(wanted) {
            Some(key) => Ok(key.clone()),
            // It may be a new one.
            None if self.0.known().silent_at.is_some() => Err(Refused::IssuerSilent),
            None => Err(Refused::UnknownKey),
        }
    }

    /// Asks the issuer, unless that was done a moment ago; and waits for the answer, also if somebody else
    /// has asked.
    async fn renew(&self) {
        let turn = Arc::clone(&self.0.turn).lock_owned().await;
        if let Some(asking) = self.ask(turn) {
            let _asked_or_panicked = asking.await;
        }
    }

    /// The same for who can go on with the keys that there are.
    fn renew_meanwhile(&self) {
        if let Ok(turn) = Arc::clone(&self.0.turn).try_lock_owned() {
            let _goes_on = self.ask(turn);
        }
    }

    fn ask(&self, mut turn: OwnedMutexGuard<Option<Timestamp>>) -> Option<JoinHandle<()>> {
        let now = self.0.clock.now();
        if turn.is_some_and(|last| is_within(PAUSE, last, now)) {
            return None;
        }
        let shared = Arc::clone(&self.0);
        Some(self.0.tasks.spawn(async move {
            // Also if what follows never ends.
            *turn = Some(now);
            shared.fetch(now).await;
            *turn = Some(shared.clock.now());
        }))
    }
}

impl Shared {
    async fn fetch(&self, now: Timestamp) {
        let before = self.known().kept;
        let known = match self.source.fetch().await {
            Ok(ShownKeys { keys, max_age }) => {
                info!(keys = keys.len(), "the issuer's keys are renewed");
                let fresh_for = max_age.unwrap_or(FRESH_FOR).clamp(FRESH_MIN, FRESH_MAX);
                Known { kept: Some(Arc::new(Kept { keys, at: now, fresh_for })), silent_at: None }
            }
            Err(error) => {
                warn!(error = error.with_causes(), "the issuer's keys cannot be renewed");
                // An issuer that shows no key of use has answered: none of those before counts any more.
                let kept = before.filter(|_| !matches!(error, FetchError::NoKey));
                Known { kept, silent_at: Some(now) }
            }
        };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Whether the issuer did not answer when it was asked a moment ago. While there are callers it is asked
    /// again and again, so this goes on for as long as it is silent.
    fn was_silent(&self, now: Timestamp) -> bool {
        self.known().silent_at.is_some_and(|at| is_within(FRESH_MIN, at, now))
    }

    fn known(&self) -> Known {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys, if they are not too old for any use.
    fn usable(&self, now: Timestamp) -> Option<Arc<Kept>> {
        self.known().kept.filter(|kept| is_within(USABLE_FOR, kept.at, now))
    }
}

/// Whether so much time has not passed yet. A clock that was put back does not stop it for long.
fn is_within(span: Duration, since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since).unsigned_abs() < span
}
