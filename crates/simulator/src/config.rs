//! How a simulator starts.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::engine::EngineBinary;
use crate::gateway::AccessKey;
use crate::knobs::{Behaviour, Latencies, Quotas, Settings};
use crate::secretsmanager::SecretsQuotas;

/// How to start a simulator.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// Where to listen, on loopback. Port 0 picks one.
    pub listen: SocketAddr,
    /// Where to keep everything, so that a restart finds it.
    pub data_dir: PathBuf,
    /// The server program behind the caches.
    pub engine: EngineBinary,
    /// How long things take, at the start.
    pub latencies: Latencies,
    /// How many of each thing there may be in ElastiCache, at the start.
    pub quotas: Quotas,
    /// The limits of Secrets Manager, at the start.
    pub secrets: SecretsQuotas,
    /// What to do where AWS's own behaviour is not known, at the start.
    pub behaviour: Behaviour,
    /// Calls per second that are let through, at the start; see [`Settings::throttling`].
    pub throttling: BTreeMap<String, f64>,
    /// The caches that are there from the first start.
    pub caches: Vec<SeedCache>,
    /// The user groups without a cache that are there from the first start.
    pub user_groups: Vec<SeedGroup>,
    /// The region in the ARNs of what is there from the start.
    pub region: String,
    /// The account in the ARNs of what is there from the start, and of callers whose access key
    /// is not an account number.
    pub account: String,
    /// Lets IAM users log in, with tokens that are signed with this key: clients then connect to
    /// a gateway in front of each engine, on the ports that the API tells. In cluster mode there
    /// are no gateways, because the engines themselves tell clients where they listen. Without
    /// this there are none at all.
    pub iam_gateway: Option<AccessKey>,
    /// What latencies and chances are drawn from: the same seed and the same calls give the same
    /// draws.
    pub seed: u64,
}

impl SimulatorConfig {
    /// A simulator on a port of its own, with nothing in it and nothing that takes time.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>, engine: EngineBinary) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data_dir: data_dir.into(),
            engine,
            latencies: Latencies::none(),
            quotas: Quotas::default(),
            secrets: SecretsQuotas::default(),
            behaviour: Behaviour::default(),
            throttling: BTreeMap::new(),
            caches: Vec::new(),
            user_groups: Vec::new(),
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            iam_gateway: None,
            seed: 0,
        }
    }

    /// With this cache.
    #[must_use]
    pub fn with_cache(mut self, cache: SeedCache) -> Self {
        self.caches.push(cache);
        self
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            latencies: self.latencies.clone(),
            quotas: self.quotas.clone(),
            secrets: self.secrets.clone(),
            behaviour: self.behaviour.clone(),
            throttling: self.throttling.clone(),
            roles: BTreeMap::new(),
        }
    }
}

/// A cache that is there from the first start, with a user group attached to it.
///
/// The group is of the engine's kind. A Redis group must have a user named `default`: it gets one
/// that is `off`, so that nobody gets in without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedCache {
    /// The replication group's id.
    pub replication_group: String,
    /// The user group's id.
    pub user_group: String,
    /// Where its first engine listens; others have the ports that follow. Port 0 picks ports at
    /// the first start, which are then kept.
    pub port: u16,
    /// How many shards it has, at least one. With more than one it is in cluster mode.
    pub shards: u16,
    /// How many replicas each shard has.
    pub replicas: u8,
}

/// A user group that is there from the first start with all its members, and attached to no cache.
///
/// No engine enforces what its members may do. It is for accounts with more groups than a machine
/// can run engines. The group and its members are of the engine's kind, and within the quotas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedGroup {
    /// The user group's id.
    pub user_group: String,
    /// Who is in it. A Redis group gets a user named `default` beside them.
    pub members: Vec<SeedUser>,
}

/// A user that is there from the first start.
#[derive(Clone, PartialEq, Eq)]
pub struct SeedUser {
    /// The `UserId`.
    pub id: String,
    /// What it logs in with.
    pub name: String,
    /// What it may do, as `CreateUser` takes it.
    pub access_string: String,
    /// Its password.
    pub password: String,
    /// Its tags: keys with values.
    pub tags: Vec<(String, String)>,
}

impl fmt::Debug for SeedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeedUser").field("id", &self.id).finish_non_exhaustive()
    }
}
