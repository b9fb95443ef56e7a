//! The running service: everything put together, started and stopped in order.

use std::{fmt, io, net::SocketAddr, sync::Arc};

use prometheus_client::registry::Registry;
use tokio::{net::TcpListener, sync::watch, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{info, warn};

use crate::{
    api::{
        self, Api, ApiParts, ApiSettings, Authentication, BearerRules, KeysInFlight, Meters,
        Placement, Places, Rates, Scheme, TrustedProxies,
    },
    clock::{Clock, Entropy, SystemClock, SystemEntropy},
    cloud::{AwsAccess, CallMetrics, CloudSettings, Clouds, ConnectError, Role},
    config::{AuthMode, CacheConfig, Config, ConfigError},
    domain::{AddressRules, CacheName, NamingScheme, TargetRules},
    oidc::Verifier,
    process_metrics,
    reconcile::{Retention, SweepMetrics, WorkMetrics, Workshop},
    server::{Renewal, Server, Tls, TlsMetrics},
    store::{OpenError, Store, StoreError},
    webhooks::{Courier, Sender},
};

pub use crate::server::TlsError;

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
    /// The listener has no certificate that it could serve.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
    /// The store cannot be opened.
    #[error("the database cannot be opened")]
    Open(#[from] OpenError),
    /// The store cannot be read.
    #[error("the database cannot be read")]
    Store(#[from] StoreError),
    /// The AWS clients cannot be made.
    #[error("AWS cannot be set up")]
    Connect(#[from] ConnectError),
    /// Nobody can be asked for the keys of the issuer.
    #[error("the HTTP client for the issuer's keys cannot be made")]
    Issuer(#[from] reqwest::Error),
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
        config.check_listener()?;
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
        let mut metrics = registry(&config, &store);
        let tls = tls(&config, &clock, TlsMetrics::register(&mut metrics))?;
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
            work_metrics: WorkMetrics::register(&mut metrics),
        };
        let caches = workshop.open(&config.caches, &tasks, &stop).await?;
        tasks.spawn(retention(&config, &store, &clock).run(stop.clone()));
        let courier = Courier {
            store: store.clone(),
            sender: Sender::new(targets(&config)),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
        };
        tasks.spawn(courier.run(stop.clone()));
        let api = Api::new(ApiParts {
            store: store.clone(),
            clouds,
            profiles,
            placement: placement(&config),
            caches,
            keys_in_flight: KeysInFlight::default(),
            places: Places::new(&config.limits),
            rates: Rates::new(&config.limits, &clock),
            meters: Meters::new(metrics),
            authentication: authentication(&config, address, (&clock, &tasks))?,
            clock,
            entropy,
            scheme: scheme(&config),
            settings: api_settings(&config),
            prices: config.cost.clone(),
            webhook_targets: targets(&config),
            stopping: stop.clone(),
        });
        let tls = renewed(tls, &tasks, &stop);
        let http = Server::new(api::router(api), config.limits.clone(), stop.clone()).over(tls);
        let served = serve(listener, http, &tasks);
        let scheme = scheme(&config).as_str();
        info!(%address, scheme, installation = store.installation().as_str(), "serving");
        Ok(Self { address, store, stop, tasks, served, config })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the URLs of everything that it answers begin with.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", scheme(&self.config).as_str(), self.address)
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

/// Serves until the service is stopped, then finishes the requests that it has.
fn serve(listener: TcpListener, http: Server, tasks: &TaskTracker) -> watch::Receiver<bool> {
    let (ended, served) = watch::channel(false);
    tasks.spawn(async move {
        http.run(listener).await;
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

/// The metrics of the process and of the store; the others register theirs.
fn registry(config: &Config, store: &Store) -> Registry {
    let mut registry = Registry::default();
    process_metrics::register(&mut registry);
    let caches: Vec<&CacheName> = config.caches.iter().map(|cache| &cache.name).collect();
    store.register_metrics(&mut registry, &caches);
    registry
}

/// What the listener serves and what looks after its files, if it speaks TLS.
fn tls(
    config: &Config,
    clock: &Arc<dyn Clock>,
    metrics: TlsMetrics,
) -> Result<Option<(Tls, Renewal)>, StartError> {
    let Some(files) = config.tls.files()? else { return Ok(None) };
    Ok(Some(Renewal::begin(files, &config.tls, Arc::clone(clock), metrics)?))
}

/// Has the files looked after until the service is stopped.
fn renewed(
    tls: Option<(Tls, Renewal)>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Option<Tls> {
    let (tls, renewal) = tls?;
    tasks.spawn(renewal.run(stop.clone()));
    Some(tls)
}

fn scheme(config: &Config) -> Scheme {
    match config.tls.certificate {
        Some(_) => Scheme::Https,
        None => Scheme::Http,
    }
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

fn authentication(
    config: &Config,
    address: SocketAddr,
    (clock, tasks): (&Arc<dyn Clock>, &TaskTracker),
) -> Result<Authentication, StartError> {
    let auth = &config.auth;
    if auth.mode == AuthMode::None {
        return Ok(Authentication::None { port: address.port() });
    }
    let verifier = |oidc| Verifier::new(oidc, Arc::clone(clock), tasks.clone()).map(Arc::new);
    Ok(Authentication::Bearer(BearerRules {
        trusted_proxies: TrustedProxies::new(auth.trusted_proxies.clone()),
        failures_per_minute: auth.failures_per_minute,
        issuer: auth.oidc.as_ref().map(verifier).transpose()?,
    }))
}

/// Where webhooks may lead.
fn targets(config: &Config) -> TargetRules {
    TargetRules {
        allow_http: config.webhooks.allow_http,
        addresses: AddressRules::allowing(config.webhooks.allow_private.clone()),
    }
}

fn retention(config: &Config, store: &Store, clock: &Arc<dyn Clock>) -> Retention {
    Retention { store: store.clone(), clock: Arc::clone(clock), keep: config.audit.keep }
}

fn api_settings(config: &Config) -> ApiSettings {
    ApiSettings {
        request_timeout: config.request_timeout,
        body_timeout: config.limits.body_timeout,
        wait_max: config.wait_max,
        idempotency_ttl: config.idempotency_ttl,
        rotation_grace: config.rotation.grace,
    }
}
