//! A whole world for one test: a simulator with a real engine, a service on a real port, and a
//! client that speaks to both.

mod answer;
mod authority;
mod aws_state;
mod certificates;
mod clock;
pub(crate) mod consumer;
mod iam_login;
mod metrics;
mod mortal;
mod mounted_secret;
mod request;
mod road;
mod service_process;
mod several_caches;
mod spare_cache;
mod tenant_login;

use std::{net::SocketAddr, num::NonZeroU32, sync::Arc, time::Duration};

use aws_sdk_elasticache::config::{BehaviorVersion, Credentials, Region};
use reqwest::{Client, Method, RequestBuilder};
use ringfence::{
    clock::SystemEntropy,
    cloud::AwsAccess,
    config::{Config, SimulatorCache},
    service::{Service, Surroundings},
};
use ringfence_acl::EngineKind;
use ringfence_simulator::{
    AccessKey, Control, EngineBinary, Node, SeedCache, Simulator, SimulatorConfig,
};
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

pub(crate) use answer::Answer;
pub(crate) use authority::{Authority, Pair};
pub(crate) use aws_state::AwsState;
pub(crate) use clock::AdjustableClock;
pub(crate) use metrics::Metrics;
pub(crate) use mortal::Mortal;
pub(crate) use mounted_secret::MountedSecret;
pub(crate) use request::Request;
pub(crate) use road::Road;
pub(crate) use service_process::{ServiceProcess, variables};
pub(crate) use several_caches::{set_quota, user_group};
pub(crate) use tenant_login::{PATIENCE, TenantLogin, code};

/// A simulator, a service and a directory for both. The engine ends with the simulator.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) config: Config,
    pub(crate) clock: AdjustableClock,
    /// Removed with the world.
    _directory: TempDir,
    service: Option<Service>,
    client: Client,
}

/// How many nodes the cache has. With more than one shard it is in cluster mode.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) shards: u16,
    /// Of each shard.
    pub(crate) replicas: u8,
}

impl World {
    /// A world with an engine of this kind, in which nothing takes time.
    pub(crate) async fn new(kind: EngineKind) -> Self {
        Self::with(kind, |_| {}).await
    }

    /// The same, with some settings of the service changed.
    pub(crate) async fn with(kind: EngineKind, change: impl FnOnce(&mut Config)) -> Self {
        Self::begin(kind, |_| {}, None, change).await
    }

    /// The same, with a cache of several nodes.
    pub(crate) async fn of(kind: EngineKind, size: Size, change: impl FnOnce(&mut Config)) -> Self {
        Self::begin(
            kind,
            |seed| (seed.shards, seed.replicas) = (size.shards, size.replicas),
            None,
            change,
        )
        .await
    }

    /// A world with a cache that lets users in by IAM.
    pub(crate) async fn with_iam(kind: EngineKind, change: impl FnOnce(&mut Config)) -> Self {
        Self::begin(kind, |_| {}, Some(iam_login::key()), change).await
    }

    async fn begin(
        kind: EngineKind,
        build: impl FnOnce(&mut SeedCache),
        iam: Option<AccessKey>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let directory = TempDir::new().unwrap();
        let simulator = simulator(kind, build, iam, &directory).await;
        let address = simulator.cache_address(SimulatorCache::REPLICATION_GROUP).unwrap();
        let mut config = config(kind, address, &directory);
        change(&mut config);
        let mut world = Self {
            simulator,
            config,
            clock: AdjustableClock::default(),
            service: None,
            client: Client::new(),
            _directory: directory,
        };
        world.start_service().await;
        world
    }

    /// What the simulator does, and what goes wrong in it.
    pub(crate) fn control(&self) -> Control {
        self.simulator.control()
    }

    /// Starts the service on what the last one left.
    pub(crate) async fn start_service(&mut self) {
        let surroundings = Surroundings {
            clock: Arc::new(self.clock.clone()),
            entropy: Arc::new(SystemEntropy::default()),
        };
        let aws = AwsAccess::Simulator { url: self.simulator.url() };
        // On the heap: the configuration makes it large, and every test holds it.
        let service = Box::pin(Service::start_in(self.config.clone(), aws, surroundings)).await;
        self.service = Some(service.unwrap());
    }

    /// Stops the service in order.
    pub(crate) async fn stop_service(&mut self) {
        if let Some(service) = self.service.take() {
            service.shutdown().await;
        }
    }

    /// Where the engine listens.
    pub(crate) fn engine_address(&self) -> SocketAddr {
        self.simulator.cache_address(SimulatorCache::REPLICATION_GROUP).unwrap()
    }

    /// Starts the service anew, with the cache where a road to it begins.
    pub(crate) async fn move_cache_to(&mut self, road: &Road) {
        self.stop_service().await;
        let cache = &mut self.config.caches[0];
        cache.host = Some("localhost".to_owned());
        cache.port = Some(road.port());
        cache.tls = Some(road.authority().is_some());
        self.start_service().await;
    }

    /// Where the service listens.
    pub(crate) fn service_address(&self) -> SocketAddr {
        self.service.as_ref().unwrap().address()
    }

    /// A request to the service.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = self.service_address();
        self.client.request(method, format!("http://{address}{path}"))
    }

    /// A client of the simulated ElastiCache, for what others do there.
    pub(crate) fn elasticache(&self) -> aws_sdk_elasticache::Client {
        let config = aws_sdk_elasticache::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(self.simulator.url())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(somebody());
        aws_sdk_elasticache::Client::from_conf(config.build())
    }

    /// A client of the simulated Secrets Manager, for what others do there.
    pub(crate) fn secrets_manager(&self) -> aws_sdk_secretsmanager::Client {
        let config = aws_sdk_secretsmanager::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(self.simulator.url())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(somebody());
        aws_sdk_secretsmanager::Client::from_conf(config.build())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// Sends a body and waits until the outcome is there.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        Answer::of(self.request(method, path).header("prefer", "wait=60").json(&body)).await
    }

    /// Asks for a removal and waits until it is done.
    pub(crate) async fn remove(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path).header("prefer", "wait=60")).await
    }

    /// Asks again and again until the answer is as it is awaited.
    pub(crate) async fn until(&self, path: &str, is_awaited: impl Fn(&Answer) -> bool) -> Answer {
        let mut answer = self.get(path).await;
        let mut looks = tokio::time::interval(Duration::from_millis(5));
        for _ in 0..20_000 {
            if is_awaited(&answer) {
                return answer;
            }
            looks.tick().await;
            answer = self.get(path).await;
        }
        panic!("{path} never became what was awaited: {answer:?}");
    }

    /// Asks for a tenant and waits until it is active.
    pub(crate) async fn create(&self, name: &str) -> Answer {
        self.create_as(json!({ "name": name })).await
    }

    /// Asks for a tenant with this body and waits until it is active.
    pub(crate) async fn create_as(&self, body: Value) -> Answer {
        self.send(Method::POST, "/tenants", body).await
    }

    /// Asks for a tenant's removal and waits until it is gone.
    pub(crate) async fn delete(&self, name: &str) -> Answer {
        self.remove(&format!("/tenants/{name}")).await
    }

    /// Waits until the work on a tenant has come to a phase.
    pub(crate) async fn until_phase(&self, name: &str, phase: &str) {
        self.until(&format!("/tenants/{name}"), |answer| answer.body["phase"] == phase).await;
    }

    /// Tries a tenant's fence now, and waits for what is found.
    pub(crate) async fn attest(&self, name: &str) -> Answer {
        let path = format!("/tenants/{name}/attestations");
        Answer::of(self.request(Method::POST, &path).header("prefer", "wait=60")).await
    }

    /// The nodes of the cache.
    pub(crate) async fn nodes(&self) -> Vec<Node> {
        self.control().nodes(SimulatorCache::REPLICATION_GROUP).await
    }

    /// Logs in to the engine with what the service hands out.
    pub(crate) async fn login(&self, name: &str) -> TenantLogin {
        self.login_with(&format!("/tenants/{name}/credentials")).await
    }

    /// Logs in to the engine with the credentials at a path.
    pub(crate) async fn login_with(&self, path: &str) -> TenantLogin {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        TenantLogin::with_url(answer.body["url"].as_str().unwrap()).await.unwrap()
    }

    /// What is recorded of a tenant, service or session: kind and detail of each event.
    pub(crate) async fn recorded(&self, name: &str) -> Vec<(String, String)> {
        let options = SqliteConnectOptions::new().filename(&self.config.database).read_only(true);
        let mut database = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query_as("SELECT kind, detail FROM events WHERE tenant_name = $1 ORDER BY sequence")
            .bind(name)
            .fetch_all(&mut database)
            .await
            .unwrap()
    }

    /// What is recorded of a fleet rotation and of its members because of it.
    pub(crate) async fn recorded_of_fleet(&self, id: &str) -> Vec<(String, String)> {
        let options = SqliteConnectOptions::new().filename(&self.config.database).read_only(true);
        let mut database = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query_as("SELECT kind, detail FROM events WHERE fleet = $1 ORDER BY sequence")
            .bind(id)
            .fetch_all(&mut database)
            .await
            .unwrap()
    }

    /// What AWS holds.
    pub(crate) async fn aws(&self) -> AwsState {
        AwsState::new(self.control().dump().await)
    }
}

fn somebody() -> Credentials {
    Credentials::builder()
        .access_key_id("somebody")
        .secret_access_key("else")
        .provider_name("test")
        .build()
}

async fn simulator(
    kind: EngineKind,
    build: impl FnOnce(&mut SeedCache),
    iam: Option<AccessKey>,
    directory: &TempDir,
) -> Simulator {
    let binary = EngineBinary::find(Some(kind)).unwrap();
    let mut seed = SeedCache {
        replication_group: SimulatorCache::REPLICATION_GROUP.to_owned(),
        user_group: SimulatorCache::USER_GROUP.to_owned(),
        port: 0,
        shards: 1,
        replicas: 0,
    };
    build(&mut seed);
    let mut config = SimulatorConfig::new(directory.path().join("aws"), binary).with_cache(seed);
    config.iam_gateway = iam;
    Simulator::start(config).await.unwrap()
}

fn config(kind: EngineKind, address: SocketAddr, directory: &TempDir) -> Config {
    let cache = SimulatorCache {
        host: address.ip().to_string(),
        port: address.port(),
        engine: kind,
        version: EngineBinary::find(Some(kind)).unwrap().engine.version,
    };
    let mut config = Config::for_simulator(&cache, []).unwrap();
    config.listen = ([127, 0, 0, 1], 0).into();
    config.database = directory.path().join("ringfence.db");
    config.reconciler.poll_min = Duration::from_millis(5);
    config.reconciler.poll_max = Duration::from_millis(20);
    config.reconciler.retry_base = Duration::from_millis(5);
    config.reconciler.retry_max = Duration::from_millis(40);
    config.reconciler.consistency_window = Duration::ZERO;
    config.reconciler.call_timeout = Duration::from_secs(5);
    // A test asks again and again until something is as it is awaited.
    config.limits.burst = NonZeroU32::new(1_000_000).unwrap();
    config
}

/// Makes one test of each engine from one claim.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($kind:ident) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn claim($kind: ringfence_acl::EngineKind) $body

            #[tokio::test]
            async fn on_valkey() {
                claim(ringfence_acl::EngineKind::Valkey).await;
            }

            #[tokio::test]
            async fn on_redis() {
                claim(ringfence_acl::EngineKind::Redis).await;
            }
        }
    )+};
}

pub(crate) use on_both_engines;
