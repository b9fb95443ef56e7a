//! Sweeps: comparing AWS with what the store says, and setting repairs going.
//!
//! The workers look at what they work on. What nobody works on is compared here: every user at rest,
//! its secret, the user group and the cache. AWS lists what a whole account and Region has, so there is
//! one sweeper for all caches that are reached in the same way; it lists once and goes through them
//! one by one, as a task beside the workers that none of them waits for.
//!
//! * **Little is kept.** Users and groups come from the listings that the workers share. Of secrets, of
//!   which there is one for each user, only a fingerprint of what a page showed is kept. Rows are read
//!   in pages.
//! * **What looks different is looked at again**: a secret that does not match its fingerprint is
//!   described before it is called different, because lists are minutes behind.
//! * **A repair is a step back.** It puts the user's row into the phase whose work was undone, in
//!   one transaction with the record of it, and nudges the worker. From there on it is work like any
//!   other: it survives a crash, shares the change of the group, and ends with an attestation.
//! * **Nothing is deleted**, and nothing is touched that the row or its tags do not prove ours.

mod cache_sweep;
mod counters;
mod mending;
mod pacing;
mod place;
mod secret_prints;
mod sight;
mod strangers;
mod surroundings;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use self::{cache_sweep::CacheSweep, place::Depth, sight::Sight};
use super::caches::Caches;
use crate::{
    clock::{Clock, Entropy},
    cloud::{Cloud, CloudError},
    config::DriftConfig,
    domain::{CacheName, NamingScheme, Profiles},
    store::{Store, StoreError},
};

pub use self::counters::SweepMetrics;
pub(super) use self::place::places;

/// The first sweep comes within this time of the start, and not before half of it.
const FIRST_WITHIN: Duration = Duration::from_mins(5);

/// What sweeps need.
#[derive(Clone)]
pub(super) struct SweepTools {
    pub(super) store: Store,
    pub(super) caches: Caches,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) profiles: Profiles,
    pub(super) naming: NamingScheme,
    pub(super) settings: DriftConfig,
    pub(super) consistency_window: Duration,
    pub(super) metrics: SweepMetrics,
}

/// Why a sweep of a cache did not come to its end. The next one begins anew.
#[derive(Debug, thiserror::Error)]
enum SweepError {
    #[error("AWS cannot be looked at")]
    Cloud(#[from] CloudError),
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Sweeps the caches that are reached in one way.
pub(super) struct Sweeper {
    tools: SweepTools,
    cloud: Cloud,
    caches: Vec<CacheSweep>,
    /// When all of them are swept next.
    due: Instant,
}

impl Sweeper {
    pub(super) fn new(tools: SweepTools, cloud: Cloud, caches: &[CacheName]) -> Self {
        let first = tools.settings.period.min(FIRST_WITHIN);
        let due = Instant::now() + first - part(&tools, first / 2);
        let sweep = |(place, name): (usize, &CacheName)| {
            CacheSweep::new(tools.clone(), name.clone(), place == 0)
        };
        let caches = caches.iter().enumerate().map(sweep).collect();
        Self { tools, cloud, caches, due }
    }

    /// Runs until `stop` is cancelled, and starts over after a panic, as workers do.
    pub(super) async fn keep_running(mut self, stop: CancellationToken) {
        while AssertUnwindSafe(self.run(&stop)).catch_unwind().await.is_err() {
            error!("the sweeper panicked and starts over");
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(self.tools.settings.recheck) => {}
            }
        }
    }

    /// Sweeps when it is time, and when somebody asks for it.
    async fn run(&mut self, stop: &CancellationToken) {
        let mut asked = self.tools.caches.sweeps_wanted();
        loop {
            let next = self.caches.iter().filter_map(|cache| cache.pacing.next());
            let next = next.map(|(at, _)| at).min();
            let next = next.map_or(self.due, |next| next.min(self.due));
            asked.mark_unchanged();
            if !self.is_asked() {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep_until(next) => {}
                    told = asked.changed() => if told.is_err() { return },
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.round() => {}
            }
        }
    }

    fn is_asked(&self) -> bool {
        self.caches.iter().any(|cache| cache.tickets().is_some())
    }

    /// Sweeps the caches for which it is time.
    async fn round(&mut self) {
        let now = Instant::now();
        let is_full = self.due <= now;
        if is_full {
            self.due = now + self.tools.settings.period
                - part(&self.tools, self.tools.settings.period / 10);
        }
        let mut wanted: Vec<(usize, Depth)> = Vec::new();
        for (place, cache) in self.caches.iter().enumerate() {
            if is_full || cache.tickets().is_some() {
                wanted.push((place, Depth::Everything));
            } else if let Some((_, depth)) = cache.pacing.next().filter(|(at, _)| *at <= now) {
                wanted.push((place, depth));
            }
        }
        if wanted.is_empty() {
            return;
        }
        let depth = if wanted.iter().any(|(_, depth)| *depth == Depth::Everything) {
            Depth::Everything
        } else {
            Depth::Users
        };
        let tickets: Vec<_> = self.caches.iter().map(CacheSweep::tickets).collect();
        let seen = match Sight::take(&self.tools, &self.cloud, depth).await {
            Ok(seen) => Some(seen),
            Err(error) => {
                warn!(error = &error as &dyn std::error::Error, "nothing can be swept");
                None
            }
        };
        for (place, _) in wanted {
            let cache = &mut self.caches[place];
            match &seen {
                Some(seen) => cache.sweep_or_tell(&self.cloud, seen).await,
                None => cache.pacing.has_failed(Instant::now(), &self.tools.settings),
            }
            cache.answer(tickets[place]);
        }
    }
}

/// A part of a time, by chance.
fn part(tools: &SweepTools, of: Duration) -> Duration {
    let mut random = [0];
    tools.entropy.fill(&mut random);
    of * u32::from(random[0]) / u32::from(u8::MAX)
}
