//! AWS, simulated in this process.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, time::Duration};

use anyhow::Context as _;
use ringfence_acl::EngineKind;
use ringfence_simulator::{
    Control, EngineBinary, Latencies, Quotas, SeedCache, SeedGroup, Simulator, SimulatorConfig,
    Span,
};

/// From `CreateUser` until the user is active.
pub(crate) const USER_CREATE: Duration = Duration::from_millis(500);
/// From `ModifyUserGroup` until the group is active again.
pub(crate) const GROUP_CHANGE: Duration = Duration::from_secs(2);
/// From `ModifyUser` until the user is active again.
pub(crate) const USER_MODIFY: Duration = Duration::from_secs(1);

/// The replication group and the user group of [`Aws::with_cache`].
pub(crate) const CACHE: &str = "cache-main";
pub(crate) const GROUP: &str = "ringfence";

/// A simulator in which nothing takes time unless it is told so.
pub(crate) struct Aws {
    simulator: Simulator,
    kind: EngineKind,
    version: String,
}

impl Aws {
    /// With one cache of one node, on a real engine.
    pub(crate) async fn with_cache(directory: &Path) -> anyhow::Result<Self> {
        let seed = SeedCache {
            replication_group: CACHE.to_owned(),
            user_group: GROUP.to_owned(),
            port: 0,
            shards: 1,
            replicas: 0,
        };
        Self::start(directory, |config| config.caches.push(seed)).await
    }

    /// With these user groups, which no engine knows of: the service must be told not to log in.
    pub(crate) async fn with_groups(
        directory: &Path,
        groups: Vec<SeedGroup>,
    ) -> anyhow::Result<Self> {
        Self::start(directory, |config| {
            config.quotas = Quotas { users: 1_000_000, user_groups: 10_000, ..Quotas::default() };
            config.user_groups = groups;
        })
        .await
    }

    async fn start(
        directory: &Path,
        change: impl FnOnce(&mut SimulatorConfig),
    ) -> anyhow::Result<Self> {
        let binary = EngineBinary::find(Some(EngineKind::Valkey))
            .or_else(|_| EngineBinary::find(None))
            .context("no engine: run `make engines`")?;
        let engine = binary.engine;
        let mut config = SimulatorConfig::new(directory.join("aws"), binary);
        change(&mut config);
        let simulator = Simulator::start(config).await?;
        Ok(Self { simulator, kind: engine.kind, version: engine.version.to_string() })
    }

    /// From now on things take the time that all benchmarks assume. A call itself takes none but
    /// what the machine needs: how far apart the caller and AWS are is not what is measured.
    pub(crate) fn take_time(&self) {
        self.control().change_settings(|settings| {
            settings.latencies = Latencies {
                user_create: Span::exactly(USER_CREATE),
                user_modify: Span::exactly(USER_MODIFY),
                group_modify: Span::exactly(GROUP_CHANGE),
                ..Latencies::none()
            };
        });
    }

    pub(crate) fn url(&self) -> String {
        self.simulator.url()
    }

    pub(crate) fn control(&self) -> Control {
        self.simulator.control()
    }

    /// Valkey or Redis.
    pub(crate) fn engine(&self) -> String {
        self.kind.to_string()
    }

    pub(crate) fn engine_version(&self) -> &str {
        &self.version
    }

    /// Where the engine listens.
    pub(crate) fn address(&self) -> anyhow::Result<SocketAddr> {
        self.simulator.cache_address(CACHE).context("there is no cache")
    }

    /// The cache of [`with_cache`](Self::with_cache) as a section of the service's configuration.
    pub(crate) fn cache_section(&self) -> anyhow::Result<String> {
        let (address, engine, version) = (self.address()?, self.engine(), &self.version);
        Ok(format!(
            r#"
[[caches]]
name = "main"
user_group = "{GROUP}"
replication_group = "{CACHE}"
host = "{}"
port = {}
tls = false
engine = "{engine}"
engine_version = "{version}"
"#,
            address.ip(),
            address.port()
        ))
    }

    /// How often each operation was called since the log was emptied.
    pub(crate) fn calls_by_operation(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for call in self.control().calls() {
            *counts.entry(call.operation).or_default() += 1;
        }
        counts
    }

    pub(crate) async fn shutdown(self) {
        self.simulator.shutdown().await;
    }
}
