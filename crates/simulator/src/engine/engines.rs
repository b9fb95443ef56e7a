//! The engines of all caches, brought to what the state says.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use super::binary::EngineBinary;
use super::fleet::{Fleet, Site};
use super::process::Launcher;
use crate::elasticache::{CacheKey, Layout, Regions};
use crate::gateway::Iam;
use crate::knobs::PubsubDefault;

/// Every engine that runs.
#[derive(Debug)]
pub(crate) struct Engines {
    launcher: Launcher,
    directory: PathBuf,
    running: BTreeMap<CacheKey, Fleet>,
}

/// An engine does not do as it is told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineError {
    #[error("the engine of {cache} cannot be started")]
    NotStarted { cache: String, source: std::io::Error },
    #[error("the engine of {cache} did not come up on {address}: {last_words}")]
    NotUp { cache: String, address: SocketAddr, last_words: String },
    #[error("the engine of {cache} does not answer")]
    Unreachable { cache: String, source: redis::RedisError },
    #[error("the engines of {cache} do not agree on who is primary")]
    Disordered { cache: String },
}

impl Engines {
    /// None runs yet. `ended` is told whenever one stops, wanted or not.
    pub(crate) fn new(
        binary: EngineBinary,
        directory: PathBuf,
        iam: Option<Iam>,
        ended: Arc<Notify>,
    ) -> Self {
        Self {
            launcher: Launcher { program: binary.path, iam, ended, tasks: TaskTracker::new() },
            directory,
            running: BTreeMap::new(),
        }
    }

    /// Whether one has stopped by itself.
    pub(crate) fn lost_one(&self) -> bool {
        self.running.values().any(|fleet| !fleet.is_whole())
    }

    /// Makes it so: engines for each cache that has some, each with its role and the users it
    /// should know. Says whether the state has learned something that must not be forgotten.
    pub(crate) async fn follow(
        &mut self,
        state: &mut Regions,
        pubsub: PubsubDefault,
    ) -> Result<bool, EngineError> {
        let mut news = false;
        let wanted = state.running();
        self.stop_others(&wanted.iter().map(|(key, _)| key).collect()).await;
        for (key, layout) in wanted {
            let (cache, state) = (&key.id, state.at(&key.place));
            let site = Site::new(&key, self.home(&key), &layout);
            let fleet = match self.up(&key, &site, &layout).await {
                Ok(fleet) => fleet,
                Err(error) if layout.ports().any(|port| port.is_none()) || site.is_new() => {
                    tracing::error!(%error, "a new cache has no engine");
                    state.failed(cache);
                    news = true;
                    continue;
                }
                Err(error) => return Err(error),
            };
            news |= state.listens(cache, &fleet.ports());
            fleet.obey(&layout, state.accounts(cache, pubsub)).await?;
        }
        Ok(news)
    }

    /// Gives a user of one node other rules, and of that node only. False if there is no such node.
    pub(crate) async fn meddle(
        &mut self,
        node: SocketAddr,
        name: &str,
        rules: &[&str],
    ) -> redis::RedisResult<bool> {
        let found = self.running.values_mut().find_map(|fleet| fleet.node_on(node.port()));
        let Some(node) = found else { return Ok(false) };
        node.admin.meddle(name, rules).await?;
        Ok(true)
    }

    /// The users of one node, as `ACL LIST` words them; nothing if there is no such node.
    pub(crate) async fn users_on(
        &mut self,
        node: SocketAddr,
    ) -> redis::RedisResult<Option<Vec<String>>> {
        let found = self.running.values_mut().find_map(|fleet| fleet.node_on(node.port()));
        let Some(node) = found else { return Ok(None) };
        node.admin.ask(&["ACL", "LIST"]).await.map(Some)
    }

    /// Ends all engines and waits until they have saved their data.
    pub(crate) async fn stop(&mut self) {
        let mut running = std::mem::take(&mut self.running);
        for fleet in running.values_mut() {
            fleet.release();
        }
        for fleet in running.into_values() {
            fleet.stop().await;
        }
    }

    /// Where the engines of a cache keep their data.
    fn home(&self, cache: &CacheKey) -> PathBuf {
        let CacheKey { place, id } = cache;
        self.directory.join(&place.account).join(&place.region).join(id.as_str())
    }

    /// The engines of a cache, all of them running.
    async fn up(
        &mut self,
        cache: &CacheKey,
        site: &Site,
        layout: &Layout,
    ) -> Result<&mut Fleet, EngineError> {
        if !self.running.contains_key(cache) {
            let fleet = Fleet::start(&self.launcher, site, layout).await?;
            self.running.insert(cache.clone(), fleet);
        }
        let fleet = self.running.get_mut(cache).expect("it is there or was just put there");
        fleet.repair(&self.launcher).await?;
        Ok(fleet)
    }

    /// Stops the engines of caches that are no more, and drops what they held.
    async fn stop_others(&mut self, wanted: &BTreeSet<&CacheKey>) {
        let gone: Vec<_> =
            self.running.extract_if(.., |cache, _| !wanted.contains(cache)).collect();
        for (cache, fleet) in gone {
            fleet.stop().await;
            if let Err(error) = std::fs::remove_dir_all(self.home(&cache)) {
                tracing::debug!(%error, cache = cache.id.as_str(), "data of a deleted cache stays");
            }
        }
    }
}
