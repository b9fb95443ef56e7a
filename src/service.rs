//! The running service: everything put together, started and stopped in order.

use std::{fmt, io, net::SocketAddr, sync::Arc};

use prometheus_client::registry::Registry;
use tokio::{net::TcpListener, sync::watch, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info, warn};

use crate::{
    api::{self, Api, ApiParts, ApiSettings, KeysInFlight, Placement},
    clock::{Clock, Entropy, SystemClock, SystemEntropy},
    cloud::{AwsAccess, CallMetrics, CloudSettings, Clouds, ConnectError, Role},
    config::{CacheConfig, Config, ConfigError},
    domain::{CacheName, NamingScheme},
    reconcile::{SweepMetrics, Workshop},
    store::{OpenError, Store, StoreError},
};

/// A service that answers requests. Dropping it does not stop it in order: call
/// [`shutdown`](Self::shutdown).
pub struct Service {
    address: SocketAddr,
    store: Store,
    stop: CancellationToken,
    tasks: TaskTracker,
    served: watch::Receiver<bool>,
    config: Config,
}

/// Where time and chance come from.
#[derive(Clone)]
pub struct Surroundings {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration contradicts itself.
    #[error("the configuration is refused")]
    Config(#[from] ConfigError),
    /// The store cannot be opened.
    #[error("the database cannot be opened")]
    Open(#[from] OpenError),
    /// The store cannot be read.
    #[error("the database cannot be read")]
    Store(#[from] StoreError),
    /// The AWS clients cannot be made.
    #[error("AWS cannot be set up")]
    Connect(#[from] ConnectError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
}

impl Service {
    /// Binds the address, opens the store, takes up unfinished work and serves.
    pub async fn start(config: Config, aws: AwsAccess) -> Result<Self, StartError> {
        let surroundings = Surroundings {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy::default()),
        };
        Self::start_in(config, aws, surroundings).await
    }

    /// [`start`](Self::start) with another clock and another source of chance.
    pub async fn start_in(
        config: Config,
        aws: AwsAccess,
        surroundings: Surroundings,
    ) -> Result<Self, StartError> {
        let (listener, address) = bind(config.listen).await?;
        let Surroundings { clock, entropy } = surroundings;
        let store = Store::open(
            &config.database,
            config.installation.clone(),
            clock.as_ref(),
            entropy.as_ref(),
        )
        .await?;
        let caches = config.caches.iter().map(|cache| cache.name.clone()).collect();
        store.forget_drift_elsewhere(caches).await?;
        let mut metrics = Registry::default();
        let calls = CallMetrics::register(&mut metrics);
        // On the heap: what the SDK makes its clients of is large.
        let clouds = Box::pin(Clouds::connect(&aws, &cloud_settings(&config), &calls)).await?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let profiles = config.access_profiles()?;
        let workshop = Workshop {
            clouds: clouds.clone(),
            store: store.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            profiles: profiles.clone(),
            settings: config.reconciler.clone(),
            rotation: config.rotation.clone(),
            purge: config.purge.clone(),
            recovery_days: config.secret_recovery_days,
            naming: naming(&config),
            drift: config.drift.clone(),
            sweep_metrics: SweepMetrics::register(&mut metrics),
        };
        let caches = workshop.open(&config.caches, &tasks, &stop).await?;
        let api = Api::new(ApiParts {
            store: store.clone(),
            clouds,
            profiles,
            placement: placement(&config),
            caches,
            keys_in_flight: KeysInFlight::default(),
            metrics,
            clock,
            entropy,
            settings: api_settings(&config),
            stopping: stop.clone(),
        });
        let served = serve(listener, api, &tasks, &stop);
        info!(%address, installation = store.installation().as_str(), "serving");
        Ok(Self { address, store, stop, tasks, served, config })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the server has ended, which without [`shutdown`](Self::shutdown) it does only
    /// by failing.
    pub async fn stopped(&self) {
        let mut served = self.served.clone();
        let _ended_or_dropped = served.wait_for(|ended| *ended).await;
    }

    /// Stops accepting, lets requests and the steps in flight end, and closes the store. What has
    /// not ended in time is left: the next start takes it up.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.close();
        let drained = async {
            self.tasks.wait().await;
            self.store.close().await;
        };
        if timeout(self.config.shutdown_grace, drained).await.is_err() {
            warn!(grace = ?self.config.shutdown_grace, "stopped with work in flight");
        } else {
            info!("stopped");
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("address", &self.address).finish_non_exhaustive()
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").finish_non_exhaustive()
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Serves until `stop` is cancelled, then finishes the requests that it has.
fn serve(
    listener: TcpListener,
    api: Api,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> watch::Receiver<bool> {
    let (ended, served) = watch::channel(false);
    let stop = stop.clone();
    tasks.spawn(async move {
        let running = axum::serve(listener, api::router(api))
            .with_graceful_shutdown(async move { stop.cancelled().await });
        if let Err(error) = running.await {
            error!(error = &error as &dyn std::error::Error, "the server failed");
        }
        ended.send_replace(true);
    });
    served
}

/// How AWS is reached for each cache: as it says itself, or else as it is for all.
pub(crate) fn cloud_settings(config: &Config) -> Vec<(CacheName, CloudSettings)> {
    let aws = &config.aws;
    let own = |own: &Option<String>, common: &Option<String>| own.clone().or(common.clone());
    let settings = |cache: &CacheConfig| {
        let access = &cache.access;
        let external_id = access.external_id.clone();
        let settings = CloudSettings {
            region: own(&access.region, &aws.region),
            role: access.assume_role.clone().map(|arn| Role { arn, external_id }),
            elasticache_endpoint: own(&access.elasticache_endpoint, &aws.elasticache_endpoint),
            secrets_manager_endpoint: own(
                &access.secrets_manager_endpoint,
                &aws.secrets_manager_endpoint,
            ),
            call_timeout: config.reconciler.call_timeout,
            pacing: config.pacing.clone(),
        };
        (cache.name.clone(), settings)
    };
    config.caches.iter().map(settings).collect()
}

fn placement(config: &Config) -> Placement {
    Placement {
        default_cache: config.caches[0].name.clone(),
        strategy: config.placement.strategy,
        key_pattern: config.key_pattern,
        naming: naming(config),
    }
}

fn naming(config: &Config) -> NamingScheme {
    NamingScheme {
        user_id_prefix: config.user_id_prefix.clone(),
        secret_prefix: config.secret_prefix.clone(),
    }
}

fn api_settings(config: &Config) -> ApiSettings {
    ApiSettings {
        request_timeout: config.request_timeout,
        wait_max: config.wait_max,
        idempotency_ttl: config.idempotency_ttl,
        rotation_grace: config.rotation.grace,
    }
}
