//! The workers' loop: when the next pass is due.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument as _, error, info_span, warn};

use super::{
    caches::{Cache, Caches},
    new_passwords::NewPasswords,
    pass::{Memory, Rest},
    profiles::report_missing,
    step::Tools,
    sweep::{SweepMetrics, SweepTools, Sweeper, places},
    tasks::Report,
    work_metrics::WorkMetrics,
};
use crate::{
    attestation::Attestor,
    clock::{Clock, Entropy},
    cloud::Clouds,
    config::{CacheConfig, DriftConfig, PurgeConfig, ReconcilerConfig, RotationConfig},
    domain::{CacheName, NamingScheme, Profiles, Remedy, TenantProblem, TenantProblemCode},
    store::{Store, StoreError},
};

/// Between two passes there is so many times the time that one takes: a pass over many rows must not
/// come again for each row that is added to them.
const BREATH: u32 = 3;
const BREATH_MAX: Duration = Duration::from_millis(250);
/// While all that may be under way is, news of more to do waits so long for a place to become free.
const FULL_PAUSE: Duration = Duration::from_secs(1);

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
    /// How the keys of deleted tenants are removed.
    pub purge: PurgeConfig,
    /// How long a deleted tenant's secret can be restored, in days.
    pub recovery_days: u8,
    /// How things in AWS are named.
    pub naming: NamingScheme,
    /// How AWS is compared with the store.
    pub drift: DriftConfig,
    /// What is counted of that.
    pub sweep_metrics: SweepMetrics,
    /// What is counted of all other work.
    pub work_metrics: WorkMetrics,
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
        let caches = Caches::new(configs, &self.work_metrics);
        let (opened_at, now) = (Instant::now(), self.clock.now());
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
            let tools = Arc::new(Tools {
                caches: caches.clone(),
                cloud: cloud.clone(),
                store: self.store.clone(),
                clock: Arc::clone(&self.clock),
                entropy: Arc::clone(&self.entropy),
                new_passwords: NewPasswords::default(),
                attestor: Attestor::default(),
                profiles: self.profiles.clone(),
                settings: self.settings.clone(),
                rotation: self.rotation.clone(),
                purge: self.purge.clone(),
                recovery_days: self.recovery_days,
                drift_policy: self.drift.policy.clone(),
                stop: stop.clone(),
            });
            let (name, caches) = (config.name.clone(), caches.clone());
            let worker = Worker { name, caches, tools, opened_at };
            tasks.spawn(worker.keep_running(stop.clone()).instrument(span));
        }
        for (cloud, names) in places(&self.clouds, configs) {
            let sweeper = Sweeper::new(self.sweep_tools(&caches), cloud, &names);
            tasks.spawn(sweeper.keep_running(stop.clone()));
        }
        Ok(caches)
    }

    fn sweep_tools(&self, caches: &Caches) -> SweepTools {
        SweepTools {
            store: self.store.clone(),
            caches: caches.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            profiles: self.profiles.clone(),
            naming: self.naming.clone(),
            settings: self.drift.clone(),
            consistency_window: self.settings.consistency_window,
            metrics: self.sweep_metrics.clone(),
        }
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
    tools: Arc<Tools>,
    opened_at: Instant,
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
        let mut memory = Memory::new(Arc::clone(&self.tools), cache, self.opened_at);
        while !stop.is_cancelled() {
            let begun = Instant::now();
            let rest = match memory.pass(cache).await {
                Ok(rest) => self.rest(rest),
                Err(error) => self.pause_after(&error),
            };
            let breath = (begun.elapsed() * BREATH).min(BREATH_MAX);
            let mut taken = true;
            let is_full = memory.is_full();
            tokio::select! {
                () = stop.cancelled() => break,
                () = cache.nudged(), if !is_full => memory.chores_due = true,
                () = tokio::time::sleep(FULL_PAUSE), if is_full => memory.chores_due = true,
                () = tokio::time::sleep_until(rest.until) => memory.chores_due |= rest.is_period,
                Some(report) = memory.tasks.next() => {
                    taken &= self.take(&mut memory, cache, report).await;
                }
            }
            while let Some(report) = memory.tasks.try_next() {
                taken &= self.take(&mut memory, cache, report).await;
            }
            // What was done and is not written down would be done again at once.
            let pause = if taken { breath } else { self.tools.settings.retry_base };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
        // What is under way comes to its end; nothing new is started.
        while let Some(report) = memory.tasks.next().await {
            self.take(&mut memory, cache, report).await;
        }
    }

    /// A store that fails stops nobody for good: the next pass finds the rows as they are. Answers
    /// whether it did not.
    async fn take(
        &self,
        memory: &mut Memory,
        cache: &Cache,
        report: Result<Report, StoreError>,
    ) -> bool {
        let taken = match report {
            Ok(report) => memory.take(cache, report).await,
            Err(error) => Err(error),
        };
        match taken {
            Ok(()) | Err(StoreError::Stale) => true,
            Err(error) => {
                error!(error = &error as &dyn std::error::Error, "the store failed in a step");
                false
            }
        }
    }

    fn pause_after(&self, error: &StoreError) -> Pause {
        let period = self.tools.settings.period;
        let pause = if matches!(error, StoreError::Stale) {
            Duration::ZERO
        } else {
            error!(error = error as &dyn std::error::Error, "the store failed in a pass");
            period
        };
        Pause { until: Instant::now() + pause, is_period: true }
    }

    /// Until the next row is due or AWS may have come further, and no longer than a period.
    fn rest(&self, rest: Rest) -> Pause {
        let period = self.tools.settings.period;
        let due = rest.until.map_or(period, |until| {
            let wait = until.duration_since(self.tools.clock.now());
            Duration::try_from(wait).unwrap_or(Duration::ZERO).min(period)
        });
        let due = Instant::now() + due;
        Pause { until: due.min(rest.poll), is_period: due <= rest.poll }
    }
}

/// How long a worker rests if nothing happens.
struct Pause {
    until: Instant,
    /// Whether chores may be due then.
    is_period: bool,
}
