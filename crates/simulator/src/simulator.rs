//! A simulator that runs.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::SimulatorConfig;
use crate::control::Control;
use crate::elasticache::{EngineType, Ground};
use crate::engine::Engines;
use crate::gateway::Iam;
use crate::knobs::{Latencies, Settings};
use crate::place::Place;
use crate::server;
use crate::simulation::{Beginning, Simulation, Stage};
use crate::state::{StateError, StateFile, World};

/// A running simulator. Dropping it stops it; [`Simulator::shutdown`] also waits for its engines.
pub struct Simulator {
    simulation: Arc<Simulation>,
    address: SocketAddr,
    /// Where each cache from the start listens, known once and for all.
    caches: Vec<(String, SocketAddr)>,
}

impl Simulator {
    /// Starts the engines, then listens. What an earlier run has left in the data directory is
    /// there again.
    pub async fn start(config: SimulatorConfig) -> Result<Self, StartError> {
        if !config.listen.ip().is_loopback() {
            return Err(StartError::NotLoopback { address: config.listen });
        }
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|source| StartError::Listen { address: config.listen, source })?;
        let address = listener
            .local_addr()
            .map_err(|source| StartError::Listen { address: config.listen, source })?;

        let simulation = Arc::new(Simulation::new(begin(&config).await?));
        let caches = addresses(&simulation, &config).await;
        let settling = Arc::clone(&simulation);
        simulation.tasks.spawn(async move { settling.keep_settling().await });
        let serving = Arc::clone(&simulation);
        simulation.tasks.spawn(async move { server::serve(listener, serving).await });
        Ok(Self { simulation, address, caches })
    }

    /// The endpoint to give to AWS SDKs, for ElastiCache and Secrets Manager alike.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where clients of a cache from the start connect.
    #[must_use]
    pub fn cache_address(&self, replication_group: &str) -> Option<SocketAddr> {
        let known = self.caches.iter().find(|(name, _)| name == replication_group);
        known.map(|(_, address)| *address)
    }

    /// The knobs, for whoever is in the same process.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.simulation))
    }

    /// Stops listening, lets the requests in flight end, and stops the engines. Everything is
    /// kept for the next start.
    pub async fn shutdown(self) {
        self.simulation.stop.cancel();
        self.simulation.tasks.close();
        self.simulation.tasks.wait().await;
        let mut stage = self.simulation.settled().await;
        stage.save().ok();
        stage.engines.stop().await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.simulation.stop.cancel();
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("address", &self.address).finish_non_exhaustive()
    }
}

/// The simulator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It holds secrets in clear and checks no signature: it is for this machine only.
    #[error("the simulator listens on loopback only, not on {address}")]
    NotLoopback {
        /// The address it was to listen on.
        address: SocketAddr,
    },
    /// The address is taken, for example.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address it was to listen on.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// What an earlier run has left cannot be used.
    #[error("cannot use the data directory")]
    State(#[from] StateError),
    /// The data of one engine cannot be read by the other.
    #[error(
        "cache {cache} was made for another engine than {engine}; start afresh or use that one"
    )]
    OtherEngine {
        /// The cache.
        cache: String,
        /// The engine it is to run on now.
        engine: ringfence_acl::Engine,
    },
    /// A cache that should be there from the start cannot be made.
    #[error("cannot make the cache {cache}: {why}")]
    Seed {
        /// The cache.
        cache: String,
        /// What is wrong with it.
        why: String,
    },
    /// The user groups that should be there from the start cannot be made.
    #[error("cannot make the user groups: {why}")]
    SeedGroups {
        /// What is wrong with them.
        why: String,
    },
    /// An engine does not come up.
    #[error("an engine does not start")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Reads or makes the world, and starts its engines.
async fn begin(config: &SimulatorConfig) -> Result<Beginning, StartError> {
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|source| StateError::Io { path: config.data_dir.clone(), source })?;
    let file = StateFile::in_dir(&config.data_dir);
    let place = Place { region: config.region.clone(), account: config.account.clone() };
    let mut world = file.load()?.unwrap_or_else(World::new);
    let clock = Clock::ahead_by(Duration::from_millis(world.clock_ahead_ms));
    let engine = config.engine.engine;
    if let Some(cache) = world.elasticache.cache_of_another_engine(EngineType::from(engine.kind)) {
        return Err(StartError::OtherEngine { cache: cache.to_owned(), engine });
    }
    // There also before anybody looks.
    world.elasticache.at(&place);
    let settings = Settings { latencies: Latencies::none(), ..config.settings() };
    let ground = Ground { place: &place, now: clock.now(), engine, settings };
    for cache in &config.caches {
        world.elasticache.at(&place).seed(cache, &ground).map_err(|refusal| StartError::Seed {
            cache: cache.replication_group.clone(),
            why: refusal.message,
        })?;
    }
    world
        .elasticache
        .at(&place)
        .seed_groups(&config.user_groups, &ground)
        .map_err(|refusal| StartError::SeedGroups { why: refusal.message })?;
    world.elasticache.settle(clock.now());

    let engine_ended = Arc::new(Notify::new());
    let iam = config.iam_gateway.clone().map(|key| Iam { key, clock: clock.clone() });
    let directory = config.data_dir.join("engines");
    let mut engines =
        Engines::new(config.engine.clone(), directory, iam, Arc::clone(&engine_ended));
    engines
        .follow(&mut world.elasticache, config.behaviour.acl_pubsub_default)
        .await
        .map_err(|error| StartError::Engine(error.into()))?;
    for cache in &config.caches {
        if world.elasticache.at(&place).address_of(&cache.replication_group).is_none() {
            return Err(StartError::Seed {
                cache: cache.replication_group.clone(),
                why: format!("no engine on port {}", cache.port),
            });
        }
    }
    file.save(&world)?;
    Ok(Beginning {
        stage: Stage::new(world, file, engines),
        engine,
        engine_ended,
        settings: config.settings(),
        clock,
        account: config.account.clone(),
        seed: config.seed,
    })
}

async fn addresses(simulation: &Simulation, config: &SimulatorConfig) -> Vec<(String, SocketAddr)> {
    let mut stage = simulation.settled().await;
    let home = Place { region: config.region.clone(), account: config.account.clone() };
    let names = config.caches.iter().map(|cache| cache.replication_group.clone());
    let known = |name: String| {
        let address = stage.world.elasticache.at(&home).address_of(&name)?;
        Some((name, address))
    };
    names.filter_map(known).collect()
}
