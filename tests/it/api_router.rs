//! The API's router in this process, over a real store: for what needs no AWS and no engine.

use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use jiff::Timestamp;
use prometheus_client::registry::Registry;
use ringfence::{
    api::{
        self, Api, ApiParts, ApiSettings, Authentication, BearerRules, KeysInFlight, Meters,
        Placement, Places, Rates, Scheme, TrustedProxies,
    },
    clock::{Clock, SystemEntropy},
    cloud::{AwsAccess, CallMetrics, CloudSettings, Clouds},
    config::{AuthMode, Config, SimulatorCache},
    domain::{KeyPatternTemplate, NamingScheme, Profiles, TargetRules},
    oidc::Verifier,
    reconcile::{SweepMetrics, WorkMetrics, Workshop},
    store::Store,
};
use ringfence_acl::{EngineKind, EngineVersion};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// The API with nobody behind it: what is asked for is written down and stays as it is.
pub(crate) struct Edge {
    router: Router,
    directory: TempDir,
}

impl Edge {
    /// An API whose tenants have keys like `acme:1`.
    pub(crate) async fn new() -> Self {
        Self::with(KeyPatternTemplate::Colon).await
    }

    /// An API whose tenants' keys have this form.
    pub(crate) async fn with(key_pattern: KeyPatternTemplate) -> Self {
        Self::configured(|config| config.key_pattern = key_pattern).await
    }

    /// An API with some settings changed.
    pub(crate) async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        // On the heap: the configuration makes it large, and every test holds it.
        Box::pin(Self::at(Arc::new(StoppedClock), change)).await
    }

    /// The same by another clock.
    pub(crate) async fn at(clock: Arc<dyn Clock>, change: impl FnOnce(&mut Config)) -> Self {
        let directory = TempDir::new().unwrap();
        let entropy = Arc::new(SystemEntropy::default());
        let file = directory.path().join("ringfence.db");
        let store = Store::open(&file, None, clock.as_ref(), entropy.as_ref()).await.unwrap();
        let mut config = config();
        change(&mut config);
        let clouds = nowhere(&config).await;
        let workshop = Workshop {
            clouds: clouds.clone(),
            store: store.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            profiles: Profiles::built_in(),
            settings: config.reconciler.clone(),
            rotation: config.rotation.clone(),
            purge: config.purge.clone(),
            recovery_days: config.secret_recovery_days,
            naming: placement(&config).naming,
            drift: config.drift.clone(),
            sweep_metrics: SweepMetrics::default(),
            work_metrics: WorkMetrics::default(),
        };
        let stopping = CancellationToken::new();
        stopping.cancel();
        let caches = workshop.open(&config.caches, &TaskTracker::new(), &stopping).await.unwrap();
        let router = api::router(Api::new(ApiParts {
            store,
            clouds,
            caches,
            profiles: Profiles::built_in(),
            placement: placement(&config),
            keys_in_flight: KeysInFlight::default(),
            places: Places::new(&config.limits),
            rates: Rates::new(&config.limits, &clock),
            meters: Meters::new(Registry::default()),
            authentication: authentication(&config, &clock),
            clock,
            entropy,
            scheme: Scheme::Http,
            settings: ApiSettings {
                request_timeout: Duration::from_secs(30),
                body_timeout: config.limits.body_timeout,
                wait_max: Duration::from_mins(1),
                idempotency_ttl: Duration::from_hours(24),
                rotation_grace: Duration::from_hours(2),
            },
            prices: config.cost.clone(),
            webhook_targets: TargetRules::default(),
            stopping,
        }));
        Self { router, directory }
    }

    /// The file of the store.
    pub(crate) fn database(&self) -> PathBuf {
        self.directory.path().join("ringfence.db")
    }

    /// What time it is there, always.
    pub(crate) fn now() -> Timestamp {
        StoppedClock.now()
    }

    /// Sends a request. A problem that the document does not list for the operation fails the
    /// test.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        let id = header::HeaderValue::from_static("test");
        request.headers_mut().entry("x-request-id").or_insert(id);
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        let answer = Answer { status: parts.status, headers: parts.headers, body };
        if let Some(slug) = answer.problem() {
            assert_is_documented(&method, &path, &answer, &slug);
        }
        answer
    }

    /// `GET`
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// `POST /tenants`
    pub(crate) async fn post(&self, body: &str) -> Answer {
        self.post_with(&[], body).await
    }

    /// `POST /tenants` with some headers.
    pub(crate) async fn post_with(&self, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request =
            Request::post("/tenants").header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// A header as text; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The type of the problem that this is, without its folder.
    pub(crate) fn problem(&self) -> Option<String> {
        let is_problem = self.header("content-type") == "application/problem+json";
        let kind = || self.json()["type"].as_str().unwrap().replace("/problems/", "");
        is_problem.then(kind)
    }

    /// Status, media type and body, for a snapshot.
    pub(crate) fn shown(&self) -> String {
        let body = serde_json::to_string_pretty(&self.json()).unwrap();
        format!("{} {}\n{body}", self.status.as_u16(), self.header("content-type"))
    }
}

/// The API document.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&api::openapi_json()).unwrap());

/// The document lists the problem for the operation, if there is one at this path.
fn assert_is_documented(method: &Method, path: &str, answer: &Answer, slug: &str) {
    let same = |template: &str| {
        let (a, b): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.starts_with('{') || *a == b)
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let operation = paths
        .iter()
        .find(|(template, _)| same(template))
        .map(|(_, operations)| &operations[method.as_str().to_lowercase()]);
    let Some(operation) = operation.filter(|operation| operation.is_object()) else { return };
    let responses = &operation["responses"][answer.status.as_str()];
    let examples = &responses["content"]["application/problem+json"]["examples"];
    assert!(examples[slug].is_object(), "{method} {path} does not document {slug}");
}

/// A clock that stands still, so that bodies can be compared.
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        // 2026-11-21T20:15:00Z
        Timestamp::constant(1_795_292_100, 0)
    }
}

/// Clients of an AWS at which nobody listens.
async fn nowhere(config: &Config) -> Clouds {
    let access = AwsAccess::Simulator { url: "http://127.0.0.1:1".to_owned() };
    let settings =
        CloudSettings { call_timeout: Duration::from_secs(1), ..CloudSettings::default() };
    let caches = config.caches.iter().map(|cache| (cache.name.clone(), settings.clone()));
    let caches: Vec<_> = caches.collect();
    Clouds::connect(&access, &caches, &CallMetrics::default()).await.unwrap()
}

fn config() -> Config {
    let cache = SimulatorCache {
        host: "127.0.0.1".to_owned(),
        port: 6379,
        engine: EngineKind::Valkey,
        version: EngineVersion::new(9, 1),
    };
    Config::for_simulator(&cache, []).unwrap()
}

fn authentication(config: &Config, clock: &Arc<dyn Clock>) -> Authentication {
    if config.auth.mode == AuthMode::None {
        return Authentication::None { port: config.listen.port() };
    }
    let verifier = |oidc| Verifier::new(oidc, Arc::clone(clock), TaskTracker::new()).unwrap();
    Authentication::Bearer(BearerRules {
        trusted_proxies: TrustedProxies::default(),
        failures_per_minute: config.auth.failures_per_minute,
        issuer: config.auth.oidc.as_ref().map(verifier).map(Arc::new),
    })
}

fn placement(config: &Config) -> Placement {
    Placement {
        default_cache: config.caches[0].name.clone(),
        strategy: config.placement.strategy,
        key_pattern: config.key_pattern,
        naming: NamingScheme {
            user_id_prefix: "rf-".to_owned(),
            secret_prefix: "ringfence/".to_owned(),
        },
    }
}
