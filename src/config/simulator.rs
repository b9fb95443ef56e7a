//! The configuration of a service in front of the simulator.

use ringfence_acl::{EngineKind, EngineVersion};

use super::{AwsConfig, Config, ConfigError, load::Sources, variables::settings_in};

/// The engine behind the simulator.
#[derive(Clone, Debug)]
pub struct SimulatorCache {
    /// Where it listens.
    pub host: String,
    /// The port that goes with the host.
    pub port: u16,
    /// Valkey or Redis.
    pub engine: EngineKind,
    /// Its version.
    pub version: EngineVersion,
}

impl SimulatorCache {
    /// The cache's name.
    pub const NAME: &str = "main";
    /// The user group that the simulator is seeded with.
    pub const USER_GROUP: &str = "ringfence";
    /// The replication group that the simulator is seeded with.
    pub const REPLICATION_GROUP: &str = "cache-main";
}

impl Config {
    /// The defaults, and the simulator's one cache. Variables win, as they do over a file.
    pub fn for_simulator(
        cache: &SimulatorCache,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let sources = Sources { path: None, variables: settings_in(variables) };
        let mut builder = config::Config::builder();
        let settings = [
            ("name", SimulatorCache::NAME.to_owned()),
            ("user_group", SimulatorCache::USER_GROUP.to_owned()),
            ("replication_group", SimulatorCache::REPLICATION_GROUP.to_owned()),
            ("host", cache.host.clone()),
            ("port", cache.port.to_string()),
            ("tls", false.to_string()),
            ("engine", cache.engine.to_string()),
            ("engine_version", cache.version.to_string()),
        ];
        for (name, value) in settings {
            builder = builder
                .set_default(format!("caches[0].{name}"), value)
                .map_err(|fault| sources.name(fault))?;
        }
        let config = sources.read(builder)?;
        // Nothing set for the real AWS may lead away from the simulator.
        Ok(Self { aws: AwsConfig::default(), ..config })
    }
}
