//! The configured caches, as handlers see them.

use std::{collections::BTreeMap, sync::Arc};

use ringfence_acl::Engine;
use tokio::sync::{Notify, watch};

use super::CacheView;
use crate::{
    config::CacheConfig,
    domain::{CacheName, Endpoint, Ground},
};

/// All configured caches. Clones share them.
#[derive(Clone, Debug)]
pub struct Caches(Arc<BTreeMap<CacheName, Cache>>);

/// One configured cache.
#[derive(Debug)]
pub struct Cache {
    config: CacheConfig,
    nudge: Notify,
    view: watch::Sender<CacheView>,
}

impl Caches {
    pub(super) fn new(configs: &[CacheConfig]) -> Self {
        let cache = |config: &CacheConfig| Cache {
            config: config.clone(),
            nudge: Notify::new(),
            view: watch::Sender::new(CacheView::default()),
        };
        Self(Arc::new(configs.iter().map(|config| (config.name.clone(), cache(config))).collect()))
    }

    /// A cache by its name.
    #[must_use]
    pub fn get(&self, name: &CacheName) -> Option<&Cache> {
        self.0.get(name)
    }

    /// All caches, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Cache> {
        self.0.values()
    }

    /// Tells the worker of a cache that there is work. A name that is not configured any more has
    /// no worker; its tenants wait.
    pub fn nudge(&self, name: &CacheName) {
        if let Some(cache) = self.get(name) {
            cache.nudge.notify_one();
        }
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

    pub(super) async fn nudged(&self) {
        self.nudge.notified().await;
    }

    pub(super) fn publish(&self, view: CacheView) {
        self.view.send_replace(view);
    }
}
