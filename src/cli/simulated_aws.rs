//! The simulator and its engine, as `dev` and `simulate` run them.

use std::{net::Ipv4Addr, path::PathBuf};

use anyhow::Context;
use clap::{Args, value_parser};
use ringfence_acl::{Engine, EngineKind};
use ringfence_simulator::{AccessKey, SeedCache, Simulator, SimulatorConfig};

use super::{
    addresses::{self, Addresses, CacheAddress},
    data_dir::DataDir,
    variables,
};
use crate::{
    cloud::AwsAccess,
    config::{Config, ConfigError, SimulatorCache},
};

/// What both commands let one choose.
#[derive(Debug, Args)]
pub(super) struct SimulatedAwsArgs {
    /// Where to keep the state; it is there again at the next start
    #[arg(long, value_name = "DIRECTORY", default_value = ".ringfence")]
    pub(super) data_dir: PathBuf,

    /// Forget what earlier runs have left, and start over
    #[arg(long)]
    pub(super) fresh: bool,

    /// Where the engine listens; 0 picks a port at the first start and keeps it
    #[arg(long, value_name = "PORT", default_value_t = 6400)]
    pub(super) cache_port: u16,

    /// How many shards the cache has; with more than one it is in cluster mode, and a data directory
    /// keeps the number it began with
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u16).range(1..=90))]
    pub(super) shards: u16,

    /// How many replicas each shard has; every node is an engine on the next port
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = value_parser!(u8).range(0..=5))]
    pub(super) replicas: u8,

    /// The engine to run, `valkey` or `redis`; without it, Valkey if there is one
    #[arg(long, value_name = "KIND")]
    pub(super) engine: Option<EngineKind>,

    /// Write the addresses to this file, as JSON, once everything serves
    #[arg(long, value_name = "FILE")]
    pub(super) ready_file: Option<PathBuf>,
}

impl SimulatedAwsArgs {
    /// The configuration of a service in front of this simulator.
    pub(super) fn config(&self, engine: Engine) -> Result<Config, ConfigError> {
        let cache = SimulatorCache {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port: self.cache_port,
            engine: engine.kind,
            version: engine.version,
        };
        Config::for_simulator(&cache, variables())
    }

    /// Takes the data directory, and clears away what is not wanted any more.
    pub(super) fn prepare(&self) -> anyhow::Result<DataDir> {
        let data = DataDir::lock(&self.data_dir)?;
        if self.fresh {
            data.empty()?;
        }
        if let Some(file) = &self.ready_file {
            addresses::remove(file)?;
        }
        Ok(data)
    }
}

/// A running simulator with one cache.
#[derive(Debug)]
pub(super) struct SimulatedAws {
    simulator: Simulator,
    cache: SimulatorCache,
}

impl SimulatedAws {
    pub(super) async fn start(
        config: SimulatorConfig,
        args: &SimulatedAwsArgs,
    ) -> anyhow::Result<Self> {
        let engine = config.engine.engine;
        let seed = SeedCache {
            replication_group: SimulatorCache::REPLICATION_GROUP.to_owned(),
            user_group: SimulatorCache::USER_GROUP.to_owned(),
            port: args.cache_port,
            shards: args.shards,
            replicas: args.replicas,
        };
        let config = SimulatorConfig { iam_gateway: Some(access_key()), ..config };
        let simulator = Simulator::start(config.with_cache(seed))
            .await
            .context("the simulator cannot start")?;
        let address = simulator
            .cache_address(SimulatorCache::REPLICATION_GROUP)
            .context("the simulator does not say where its cache is")?;
        let cache = SimulatorCache {
            host: address.ip().to_string(),
            port: address.port(),
            engine: engine.kind,
            version: engine.version,
        };
        Ok(Self { simulator, cache })
    }

    pub(super) fn url(&self) -> String {
        self.simulator.url()
    }

    pub(super) fn cache(&self) -> &SimulatorCache {
        &self.cache
    }

    /// Where everything runs, once the service is known too.
    pub(super) fn addresses(&self, api: Option<String>) -> Addresses {
        Addresses {
            api,
            simulator: self.simulator.url(),
            cache: CacheAddress {
                host: self.cache.host.clone(),
                port: self.cache.port,
                engine: self.cache.engine.to_string(),
                version: self.cache.version.to_string(),
            },
            token: None,
        }
    }

    pub(super) async fn shutdown(self) {
        self.simulator.shutdown().await;
    }
}

/// What signs the tokens that the engine takes of users that authenticate by IAM.
fn access_key() -> AccessKey {
    let key = AwsAccess::SIMULATOR_KEY;
    AccessKey { id: key.to_owned(), secret: key.to_owned() }
}
