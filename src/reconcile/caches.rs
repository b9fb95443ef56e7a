//! The configured caches, as handlers see them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use ringfence_acl::Engine;
use tokio::sync::{Notify, watch};

use super::{CacheView, WorkMetrics, fights::FightWatch, work_metrics::CacheMetrics};
use crate::{
    config::CacheConfig,
    domain::{CacheName, Endpoint, Ground, GroupLimits, UserName},
};

/// All configured caches. Clones share them.
#[derive(Clone, Debug)]
pub struct Caches {
    all: Arc<BTreeMap<CacheName, Cache>>,
    /// Tells whoever sweeps that somebody has asked for it.
    sweep_wanted: watch::Sender<()>,
}

/// One configured cache.
#[derive(Debug)]
pub struct Cache {
    config: CacheConfig,
    nudge: Notify,
    view: watch::Sender<CacheView>,
    learned_quota: watch::Sender<Option<u32>>,
    sweeps_asked: AtomicU64,
    sweeps_answered: watch::Sender<u64>,
    fights: FightWatch,
    metrics: CacheMetrics,
}

/// Which of the sweeps that were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepTicket(u64);

impl Caches {
    pub(super) fn new(configs: &[CacheConfig], metrics: &WorkMetrics) -> Self {
        let cache = |config: &CacheConfig| {
            let metrics = metrics.of(&config.name);
            Cache {
                config: config.clone(),
                nudge: Notify::new(),
                view: watch::Sender::new(CacheView::default()),
                learned_quota: watch::Sender::new(None),
                sweeps_asked: AtomicU64::new(0),
                sweeps_answered: watch::Sender::new(0),
                fights: FightWatch::new(metrics.undone.clone()),
                metrics,
            }
        };
        let all = configs.iter().map(|config| (config.name.clone(), cache(config))).collect();
        Self { all: Arc::new(all), sweep_wanted: watch::Sender::new(()) }
    }

    /// A cache by its name.
    #[must_use]
    pub fn get(&self, name: &CacheName) -> Option<&Cache> {
        self.all.get(name)
    }

    /// All caches, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Cache> {
        self.all.values()
    }

    /// Tells the worker of a cache that there is work. A name that is not configured any more has
    /// no worker; its tenants wait.
    pub fn nudge(&self, name: &CacheName) {
        if let Some(cache) = self.get(name) {
            cache.nudge.notify_one();
        }
    }

    /// Asks for a sweep of a cache, if it is configured. One that has begun already does not count.
    #[must_use]
    pub fn ask_for_sweep(&self, name: &CacheName) -> Option<SweepTicket> {
        let ticket = self.get(name)?.sweeps_asked.fetch_add(1, Ordering::SeqCst) + 1;
        self.sweep_wanted.send_replace(());
        Some(SweepTicket(ticket))
    }

    /// Tells of every sweep that is asked for.
    pub(super) fn sweeps_wanted(&self) -> watch::Receiver<()> {
        self.sweep_wanted.subscribe()
    }

    /// Tells all workers that there is work.
    pub fn nudge_all(&self) {
        for cache in self.iter() {
            cache.nudge.notify_one();
        }
    }
}

impl Cache {
    /// How it is configured.
    #[must_use]
    pub fn config(&self) -> &CacheConfig {
        &self.config
    }

    /// What the last look at it showed.
    #[must_use]
    pub fn view(&self) -> CacheView {
        self.view.borrow().clone()
    }

    /// Where it takes connections: as last seen, or before the first look as configured.
    #[must_use]
    pub fn endpoint(&self) -> Option<Endpoint> {
        if let Some(seen) = &self.view.borrow().observed {
            return Some(seen.endpoint.clone());
        }
        let CacheConfig { host, port, tls, .. } = &self.config;
        Some(Endpoint { host: host.clone()?, port: (*port)?, tls: (*tls)? })
    }

    /// What it runs: as last seen, or before the first look as configured.
    #[must_use]
    pub fn ground(&self) -> Option<Ground> {
        if let Some(seen) = &self.view.borrow().observed {
            return Some(seen.ground);
        }
        let CacheConfig { target, engine, engine_version, cluster_mode, .. } = &self.config;
        let engine = Engine { kind: (*engine)?, version: (*engine_version)? };
        Some(Ground::of(target, engine, *cluster_mode == Some(true)))
    }

    /// How many users its group held when AWS refused another for that reason, if it did.
    #[must_use]
    pub fn learned_quota(&self) -> Option<u32> {
        *self.learned_quota.borrow()
    }

    /// What limits the users in its group.
    #[must_use]
    pub fn limits(&self) -> GroupLimits {
        let view = self.view.borrow();
        GroupLimits {
            configured: self.config.user_quota.get(),
            learned: self.learned_quota(),
            foreign: view.observed.as_ref().map(|seen| seen.foreign_members),
        }
    }

    /// The first of these names that a member of its group has that is not ours, going by the last
    /// look.
    pub fn reserved_name<'a>(
        &self,
        names: impl IntoIterator<Item = &'a UserName>,
    ) -> Option<&'a UserName> {
        let view = self.view.borrow();
        let seen = view.observed.as_ref()?;
        names.into_iter().find(|name| seen.foreign_user_names.contains(*name))
    }

    /// Waits until the sweep that was asked for is over.
    pub async fn swept(&self, ticket: SweepTicket) {
        let mut answered = self.sweeps_answered.subscribe();
        // It cannot be closed while the cache is there.
        let _answered = answered.wait_for(|answered| *answered >= ticket.0).await;
    }

    /// The last sweep that was asked for, if it is not over.
    pub(super) fn sweep_asked_for(&self) -> Option<SweepTicket> {
        let asked = self.sweeps_asked.load(Ordering::SeqCst);
        (asked > *self.sweeps_answered.borrow()).then_some(SweepTicket(asked))
    }

    pub(super) fn sweep_is_over(&self, ticket: SweepTicket) {
        self.sweeps_answered.send_replace(ticket.0);
    }

    /// Who undoes the work on it.
    pub(super) fn fights(&self) -> &FightWatch {
        &self.fights
    }

    /// What is counted of it.
    pub(super) fn metrics(&self) -> &CacheMetrics {
        &self.metrics
    }

    pub(super) async fn nudged(&self) {
        self.nudge.notified().await;
    }

    pub(super) fn publish(&self, view: CacheView) {
        self.view.send_replace(view);
    }

    /// Takes note of how many users AWS lets the group hold; `None`: as configured.
    pub(super) fn learn_quota(&self, quota: Option<u32>) {
        self.learned_quota.send_replace(quota);
    }
}
