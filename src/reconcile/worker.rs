//! The workers' loop: when the next pass is due.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument as _, error, info_span, warn};

use super::{
    caches::{Cache, Caches},
    pass::{Memory, PassEnd},
    profiles::report_missing,
    step::Tools,
};
use crate::{
    attestation::Attestor,
    clock::{Clock, Entropy},
    cloud::Clouds,
    config::{CacheConfig, ReconcilerConfig, RotationConfig},
    domain::{CacheName, Profiles, Remedy, TenantProblem, TenantProblemCode},
    store::{Store, StoreError},
};

/// How often a cache without work is looked at, so that what is told of it is not too old.
const IDLE_LOOK_PERIOD: Duration = Duration::from_mins(5);

/// What the workers need.
#[derive(Clone)]
pub struct Workshop {
    /// AWS, as it is reached for each cache.
    pub clouds: Clouds,
    /// The store.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance, for passwords and jitter.
    pub entropy: Arc<dyn Entropy>,
    /// What tenants may be allowed.
    pub profiles: Profiles,
    /// Pace and limits.
    pub settings: ReconcilerConfig,
    /// How passwords are replaced by themselves.
    pub rotation: RotationConfig,
    /// How long a deleted tenant's secret can be restored, in days.
    pub recovery_days: u8,
}

impl fmt::Debug for Workshop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workshop").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Workshop {
    /// Starts one worker for each cache. They stop between two passes when `stop` is cancelled.
    pub async fn open(
        self,
        configs: &[CacheConfig],
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<Caches, StoreError> {
        let caches = Caches::new(configs);
        let now = self.clock.now();
        report_homeless(&self.store, configs, now).await?;
        report_missing(&self.store, &self.profiles).await?;
        let rotation = &self.rotation;
        self.store.set_rotation_intervals(rotation.every, &rotation.profiles, now).await?;
        for config in configs {
            self.store.retry_refused_rights(&config.name, now).await?;
        }
        for config in configs {
            let span = info_span!("reconcile", cache = %config.name);
            let Some(cloud) = self.clouds.for_cache(&config.name) else {
                error!(parent: &span, "no clients were made for the cache: nobody works on it");
                continue;
            };
            let tools = Tools {
                caches: caches.clone(),
                cloud: cloud.clone(),
                store: self.store.clone(),
                clock: Arc::clone(&self.clock),
                entropy: Arc::clone(&self.entropy),
                attestor: Attestor::default(),
                profiles: self.profiles.clone(),
                settings: self.settings.clone(),
                rotation: self.rotation.clone(),
                recovery_days: self.recovery_days,
            };
            let worker = Worker { name: config.name.clone(), caches: caches.clone(), tools };
            tasks.spawn(worker.keep_running(stop.clone()).instrument(span));
        }
        Ok(caches)
    }
}

/// Users of a cache that is not configured any more have no worker. They say so; when the cache
/// is configured again, its worker goes on with them.
async fn report_homeless(
    store: &Store,
    configs: &[CacheConfig],
    now: Timestamp,
) -> Result<(), StoreError> {
    let names: Vec<&CacheName> = configs.iter().map(|config| &config.name).collect();
    for user in store.unsettled_outside(&names).await? {
        warn!(user.name = %user.user_name, cache = %user.cache, "the cache is not configured");
        let problem = TenantProblem {
            code: TenantProblemCode::CacheNotConfigured,
            detail: format!("the cache {} is not in the configuration", user.cache),
            remedy: Remedy::Retry { at: now },
        };
        store.save_problem(&user, problem, None, now).await?;
    }
    Ok(())
}

struct Worker {
    name: CacheName,
    caches: Caches,
    tools: Tools,
}

impl Worker {
    /// Runs, and starts over after a panic: a mistake in this program must not leave a cache
    /// without a worker while the service goes on answering.
    async fn keep_running(self, stop: CancellationToken) {
        while AssertUnwindSafe(self.run(&stop)).catch_unwind().await.is_err() {
            error!("the worker panicked and starts over");
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(self.tools.settings.period) => {}
            }
        }
    }

    async fn run(&self, stop: &CancellationToken) {
        let Some(cache) = self.caches.get(&self.name) else { return };
        let mut memory = Memory::default();
        let mut pause = self.tools.settings.poll_min;
        let mut idle_look_due = Instant::now();
        while !stop.is_cancelled() {
            if idle_look_due <= Instant::now() {
                // A failure is published and logged where it is seen; the pass meets it again.
                let _published = memory.look_now(&self.tools, cache).await;
                idle_look_due = Instant::now() + IDLE_LOOK_PERIOD;
            }
            let end = self.pass(&mut memory, cache).await;
            let rest = match end {
                PassEnd::Again => {
                    pause = self.tools.settings.poll_min;
                    continue;
                }
                PassEnd::Poll => {
                    let this = pause;
                    pause = (pause * 3 / 2).min(self.tools.settings.poll_max);
                    this
                }
                PassEnd::Rest { until } => {
                    pause = self.tools.settings.poll_min;
                    self.rest(until)
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = cache.nudged() => pause = self.tools.settings.poll_min,
                () = tokio::time::sleep(rest) => {}
            }
        }
    }

    /// A store that fails stops nobody for good: the pass comes again.
    async fn pass(&self, memory: &mut Memory, cache: &Cache) -> PassEnd {
        match memory.pass(&self.tools, cache).await {
            Ok(end) => end,
            Err(StoreError::Stale) => PassEnd::Again,
            Err(error) => {
                error!(error = &error as &dyn std::error::Error, "the store failed in a pass");
                PassEnd::Rest { until: None }
            }
        }
    }

    /// Until the next user is due, and no longer than a period.
    fn rest(&self, until: Option<Timestamp>) -> Duration {
        let period = self.tools.settings.period;
        let Some(until) = until else { return period };
        let wait = until.duration_since(self.tools.clock.now());
        Duration::try_from(wait).unwrap_or(Duration::ZERO).min(period)
    }
}
