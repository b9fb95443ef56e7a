//! The engines of all caches, brought to what the state says.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use super::admin::Admin;
use super::binary::EngineBinary;
use super::process::{Launch, Process};
use crate::elasticache::{Accounts, ElastiCache, ReplicationGroupId};
use crate::knobs::PubsubDefault;

/// How often, and how far apart, a new engine is asked whether it is up: ten seconds in all.
const ATTEMPTS: u32 = 200;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(50);

/// How many ports are tried when nobody asked for a certain one: another program may take a port
/// in the moment between finding it free and listening on it.
const PORTS_TRIED: u32 = 5;

/// Every engine that runs.
#[derive(Debug)]
pub(crate) struct Engines {
    binary: EngineBinary,
    directory: PathBuf,
    running: BTreeMap<ReplicationGroupId, Running>,
    ended: Arc<Notify>,
    tasks: TaskTracker,
}

#[derive(Debug)]
struct Running {
    process: Process,
    admin: Admin,
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
}

impl Engines {
    /// None runs yet. `ended` is told whenever one stops, wanted or not.
    pub(crate) fn new(binary: EngineBinary, data_dir: &Path, ended: Arc<Notify>) -> Self {
        Self {
            binary,
            directory: data_dir.join("engines"),
            running: BTreeMap::new(),
            ended,
            tasks: TaskTracker::new(),
        }
    }

    /// Whether one has stopped by itself.
    pub(crate) fn lost_one(&self) -> bool {
        self.running.values().any(|running| !running.process.is_running())
    }

    /// Makes it so: an engine for each cache that has one, each with the users it should know.
    /// Says whether the state has learned something that must not be forgotten.
    pub(crate) async fn follow(
        &mut self,
        state: &mut ElastiCache,
        pubsub: PubsubDefault,
    ) -> Result<bool, EngineError> {
        let mut news = false;
        let wanted: Vec<_> = state.running().map(|(id, port)| (id.clone(), port)).collect();
        self.stop_others(&wanted.iter().map(|(id, _)| id).collect()).await;
        for (cache, port) in wanted {
            let running = match self.running.remove(&cache) {
                Some(running) if running.process.is_running() => running,
                _ => match self.start(&cache, port).await {
                    Ok(running) => running,
                    Err(error) if port.is_none() || self.is_new(&cache) => {
                        tracing::error!(%error, "a new cache has no engine");
                        state.failed(&cache);
                        news = true;
                        continue;
                    }
                    Err(error) => return Err(error),
                },
            };
            news |= state.listens(&cache, running.process.address.port());
            let running = self.running.entry(cache.clone()).or_insert(running);
            running
                .obey(&state.accounts(&cache, pubsub))
                .await
                .map_err(|source| EngineError::Unreachable { cache: cache.to_string(), source })?;
        }
        Ok(news)
    }

    /// Ends all engines and waits until they have saved their data.
    pub(crate) async fn stop(&mut self) {
        let mut running = std::mem::take(&mut self.running);
        for running in running.values_mut() {
            running.process.release();
        }
        for running in running.into_values() {
            running.process.stop().await;
        }
    }

    /// Stops the engines of caches that are no more, and drops what they held.
    async fn stop_others(&mut self, wanted: &BTreeSet<&ReplicationGroupId>) {
        let gone: Vec<_> =
            self.running.extract_if(.., |cache, _| !wanted.contains(cache)).collect();
        for (cache, running) in gone {
            running.process.stop().await;
            if let Err(error) = std::fs::remove_dir_all(self.directory.join(cache.as_str())) {
                tracing::debug!(%error, cache = cache.as_str(), "data of a deleted cache stays");
            }
        }
    }

    /// Whether a cache never had an engine.
    fn is_new(&self, cache: &ReplicationGroupId) -> bool {
        !self.directory.join(cache.as_str()).join("appendonlydir").exists()
    }

    async fn start(
        &self,
        cache: &ReplicationGroupId,
        port: Option<u16>,
    ) -> Result<Running, EngineError> {
        if let Some(port) = port {
            if !self.is_new(cache) {
                self.wait_for(port).await;
            }
            return self.start_on(cache, port).await;
        }
        let mut attempt = 1;
        loop {
            let port = free_port().map_err(|source| not_started(cache, source))?;
            match self.start_on(cache, port).await {
                Err(EngineError::NotUp { .. }) if attempt < PORTS_TRIED => attempt += 1,
                result => return result,
            }
        }
    }

    /// Waits until nobody listens on a port, but not for ever: when a simulator was killed, its
    /// engine is still saving its data while the next simulator starts.
    async fn wait_for(&self, port: u16) {
        for _ in 0..ATTEMPTS {
            if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return;
            }
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        }
    }

    async fn start_on(
        &self,
        cache: &ReplicationGroupId,
        port: u16,
    ) -> Result<Running, EngineError> {
        let process = Process::start(Launch {
            program: &self.binary.path,
            directory: self.directory.join(cache.as_str()),
            port,
            ended: Arc::clone(&self.ended),
            tasks: &self.tasks,
        })
        .map_err(|source| not_started(cache, source))?;
        let address = process.address;
        for _ in 0..ATTEMPTS {
            if !process.is_running() {
                break;
            }
            // Another program on the port, also another of our engines, has another password.
            if let Ok(admin) = process.log_in().await {
                tracing::info!(cache = cache.as_str(), %address, "engine is up");
                return Ok(Running { process, admin });
            }
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        }
        let last_words = process.last_words();
        Err(EngineError::NotUp { cache: cache.to_string(), address, last_words })
    }
}

impl Running {
    /// A connection may have died with nobody to blame: one more is tried.
    async fn obey(&mut self, accounts: &Accounts) -> redis::RedisResult<()> {
        if self.admin.apply(accounts).await.is_ok() {
            return Ok(());
        }
        self.admin = self.process.log_in().await?;
        self.admin.apply(accounts).await
    }
}

fn not_started(cache: &ReplicationGroupId, source: std::io::Error) -> EngineError {
    EngineError::NotStarted { cache: cache.to_string(), source }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
