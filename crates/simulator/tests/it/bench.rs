//! A simulator of its own for each test, with clients that point at it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use aws_sdk_elasticache::Client as ElastiCache;
use aws_sdk_elasticache::config::retry::RetryConfig;
use aws_sdk_elasticache::config::timeout::TimeoutConfig;
use aws_sdk_elasticache::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_elasticache::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_elasticache::operation::create_user::builders::CreateUserFluentBuilder;
use aws_sdk_elasticache::types::UserGroup;
use ringfence_acl::EngineKind;
use ringfence_simulator::{
    AccessKey, Control, EngineBinary, SeedCache, Simulator, SimulatorConfig, StartError,
};
use tempfile::TempDir;

/// The replication group and the user group of every bench with an engine.
pub(crate) const CACHE: &str = "main";
pub(crate) const GROUP: &str = "tenants";

/// Where the clients of these tests are.
pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const ACCOUNT: &str = "123456789012";

/// A good password.
pub(crate) const PASSWORD: &str = "correct-horse-battery";

/// An access string that comes back as it was sent.
pub(crate) const ACCESS: &str = "on ~app:* resetchannels &app:* -@all +get +set +subscribe";

/// Makes one test for each engine out of an `async fn` that takes a [`Bench`] with a cache.
macro_rules! on_both_engines {
    ($($(#[$doc:meta])* async fn $name:ident($bench:ident: Bench) $body:block)+) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn claim($bench: Bench) $body

            #[tokio::test]
            async fn valkey() {
                claim(Bench::with_cache(ringfence_acl::EngineKind::Valkey).await).await;
            }

            #[tokio::test]
            async fn redis() {
                claim(Bench::with_cache(ringfence_acl::EngineKind::Redis).await).await;
            }
        }
    )+};
}
pub(crate) use on_both_engines;

pub(crate) struct Bench {
    pub(crate) simulator: Simulator,
    pub(crate) control: Control,
    pub(crate) elasticache: ElastiCache,
    pub(crate) kind: EngineKind,
    pub(crate) iam_gateway: Option<AccessKey>,
    pub(crate) directory: TempDir,
}

impl Bench {
    /// Without a cache: no engine runs.
    pub(crate) async fn new() -> Self {
        let engine = EngineBinary::find(None).unwrap_or_else(|error| panic!("{error}"));
        Self::start(config("", engine)).await
    }

    /// With a cache and its user group, on this kind of engine.
    pub(crate) async fn with_cache(kind: EngineKind) -> Self {
        let engine = EngineBinary::find(Some(kind)).unwrap_or_else(|error| panic!("{error}"));
        Self::start(config("", engine).with_cache(cache())).await
    }

    pub(crate) async fn start(config: SimulatorConfig) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), config).await
    }

    /// Stops the simulator and starts it again on what it left.
    pub(crate) async fn restart(self) -> Self {
        self.restart_with(cache()).await
    }

    /// The same, with this cache beside what there was.
    pub(crate) async fn restart_with(self, cache: SeedCache) -> Self {
        self.simulator.shutdown().await;
        let engine = EngineBinary::find(Some(self.kind)).unwrap_or_else(|error| panic!("{error}"));
        let mut config = config("", engine).with_cache(cache);
        config.iam_gateway = self.iam_gateway;
        Self::start_in(self.directory, config).await
    }

    async fn start_in(directory: TempDir, mut config: SimulatorConfig) -> Self {
        config.data_dir = directory.path().join("simulator");
        let (kind, iam_gateway) = (config.engine.engine.kind, config.iam_gateway.clone());
        let simulator = Simulator::start(config).await.unwrap();
        let control = simulator.control();
        let elasticache = elasticache(&simulator.url());
        Self { simulator, control, elasticache, kind, iam_gateway, directory }
    }

    /// What `main` runs on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.simulator.cache_address(CACHE).unwrap()
    }

    pub(crate) fn engine_word(&self) -> String {
        self.kind.to_string()
    }

    /// A request for a user that will be accepted, to be changed before it is sent.
    pub(crate) fn new_user(&self, id: &str) -> CreateUserFluentBuilder {
        self.elasticache
            .create_user()
            .user_id(id)
            .user_name(id)
            .engine(self.engine_word())
            .access_string(ACCESS)
            .passwords(PASSWORD)
    }

    /// Makes an active user.
    pub(crate) async fn user(&self, id: &str) {
        self.new_user(id).send().await.unwrap();
        self.settle().await;
    }

    /// Makes an active user that is in the group.
    pub(crate) async fn member(&self, id: &str) {
        self.user(id).await;
        self.elasticache
            .modify_user_group()
            .user_group_id(GROUP)
            .user_ids_to_add(id)
            .send()
            .await
            .unwrap();
        self.settle().await;
    }

    /// Makes an active group of the Valkey engine with these members.
    pub(crate) async fn group(&self, id: &str, members: &[&str]) {
        let ids = members.iter().map(|&id| id.to_owned()).collect();
        self.elasticache
            .create_user_group()
            .user_group_id(id)
            .engine("valkey")
            .set_user_ids(Some(ids).filter(|ids: &Vec<String>| !ids.is_empty()))
            .send()
            .await
            .unwrap();
        self.settle().await;
    }

    /// Lets everything end that has begun.
    pub(crate) async fn settle(&self) {
        self.control.advance_clock(Duration::from_hours(1)).await.unwrap();
    }

    pub(crate) async fn status_of(&self, user: &str) -> String {
        let users = self.elasticache.describe_users().user_id(user).send().await.unwrap();
        users.users()[0].status().unwrap().to_owned()
    }

    pub(crate) async fn describe_group(&self, group: &str) -> UserGroup {
        let groups = self.elasticache.describe_user_groups().user_group_id(group).send().await;
        groups.unwrap().user_groups()[0].clone()
    }
}

/// A simulator with everything from the start where the clients of these tests look.
pub(crate) fn config(data_dir: impl Into<PathBuf>, engine: EngineBinary) -> SimulatorConfig {
    SimulatorConfig {
        region: REGION.to_owned(),
        account: ACCOUNT.to_owned(),
        ..SimulatorConfig::new(data_dir, engine)
    }
}

pub(crate) fn cache() -> SeedCache {
    SeedCache {
        replication_group: CACHE.to_owned(),
        user_group: GROUP.to_owned(),
        port: 0,
        shards: 1,
        replicas: 0,
    }
}

/// A simulator with this cache from the start, if there can be one.
pub(crate) async fn try_with(cache: SeedCache) -> Result<(TempDir, Simulator), StartError> {
    let engine = EngineBinary::find(None).unwrap_or_else(|error| panic!("{error}"));
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path(), engine).with_cache(cache);
    Ok((directory, Simulator::start(config).await?))
}

/// Waits for what happens by itself, soon but not at once.
pub(crate) async fn eventually(mut happened: impl AsyncFnMut() -> bool) {
    let waited = async {
        let mut looks = tokio::time::interval(Duration::from_millis(5));
        while !happened().await {
            looks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waited).await.expect("it never happened");
}

/// A client that does not retry, so that a test sees each answer.
pub(crate) fn elasticache(url: &str) -> ElastiCache {
    client(url, RetryConfig::disabled())
}

/// A client as it is without further thought.
pub(crate) fn elasticache_that_retries(url: &str) -> ElastiCache {
    client(url, RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
}

/// A client in another place.
pub(crate) fn elasticache_at(url: &str, region: &str, account: &str) -> ElastiCache {
    let here = elasticache(url);
    let there = here.config().to_builder().region(Region::new(region.to_owned()));
    let credentials = Credentials::new(account, "secret", None, None, "test");
    ElastiCache::from_conf(there.credentials_provider(credentials).build())
}

fn client(url: &str, retries: RetryConfig) -> ElastiCache {
    let config = aws_sdk_elasticache::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new(ACCOUNT, "secret", None, None, "test"))
        .endpoint_url(url)
        .retry_config(retries)
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_secs(30)).build())
        .build();
    ElastiCache::from_conf(config)
}

/// Checks a refusal's wire code and HTTP status: some codes have no variant in the SDK.
#[track_caller]
pub(crate) fn assert_refused<E>(error: &SdkError<E>, code: &str, status: u16)
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let answered = error.raw_response().map(|response| response.status().as_u16());
    assert_eq!((error.code(), answered), (Some(code), Some(status)), "{:?}", error.message());
}
