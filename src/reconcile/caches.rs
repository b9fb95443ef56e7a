//! The configured caches, as handlers see them.

use std::{collections::BTreeMap, sync::Arc};

use ringfence_acl::Engine;
use tokio::sync::{Notify, watch};

use super::CacheView;
use crate::{
    config::CacheConfig,
    domain::{CacheName, Endpoint, Ground, GroupLimits, UserName},
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
    learned_quota: watch::Sender<Option<u32>>,
}

impl Caches {
    pub(super) fn new(configs: &[CacheConfig]) -> Self {
        let cache = |config: &CacheConfig| Cache {
            config: config.clone(),
            nudge: Notify::new(),
            view: watch::Sender::new(CacheView::default()),
            learned_quota: watch::Sender::new(None),
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
