//! The service speaks TLS itself.

mod mutual;
mod renewal;

use std::time::Duration;

use reqwest::{Certificate, Client, Identity, Method, tls::TlsInfo};
use ringfence::config::Config;
use ringfence_acl::EngineKind;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::world::{Authority, Metrics, MountedSecret, Pair, ServiceProcess, World};

/// A world whose service has a certificate.
pub(crate) struct House {
    pub(crate) world: World,
    /// What the service's certificate is of.
    pub(crate) authority: Authority,
    /// What it serves first.
    first: Pair,
    pub(crate) secret: MountedSecret,
}

impl House {
    async fn new() -> Self {
        Self::with(|_, _| {}).await
    }

    /// A service that lets in whom the second authority knows.
    pub(crate) async fn for_clients_of(clients: &Authority) -> Self {
        Self::with(|config, secret| {
            std::fs::write(secret.path("clients.pem"), clients.pem()).unwrap();
            config.tls.client_ca = Some(secret.path("clients.pem"));
        })
        .await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config, &MountedSecret)) -> Self {
        let authority = Authority::new();
        let first = authority.sign();
        let secret = MountedSecret::new(&first);
        let world = World::with(EngineKind::Valkey, |config| {
            config.tls.certificate = Some(secret.path("tls.crt"));
            config.tls.key = Some(secret.path("tls.key"));
            config.tls.reload_period = Duration::from_millis(5);
            change(config, &secret);
        })
        .await;
        Self { world, authority, first, secret }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.world.service_address())
    }

    /// A caller who trusts the authority and shows this.
    fn caller(&self, shown: Option<&Pair>) -> Client {
        let authority = Certificate::from_pem(self.authority.pem().as_bytes()).unwrap();
        let mut client = Client::builder().tls_certs_only([authority]).tls_info(true);
        if let Some(Pair { certificate, key, .. }) = shown {
            client = client.identity(
                Identity::from_pem(&[key.as_bytes(), certificate.as_bytes()].concat()).unwrap(),
            );
        }
        client.build().unwrap()
    }

    /// Which certificate the service has shown on the connection that this caller uses.
    async fn shown_to(&self, caller: &Client) -> Vec<u8> {
        let answer = caller.get(self.url("/readyz")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let shown =
            answer.extensions().get::<TlsInfo>().unwrap().peer_certificate().unwrap().to_vec();
        // The connection is used again only when its answer has been read.
        answer.bytes().await.unwrap();
        shown
    }

    /// Waits until new connections are shown this certificate.
    async fn until_shown(&self, pair: &Pair) {
        while self.shown_to(&self.caller(None)).await != pair.der {}
    }

    async fn metrics(&self, caller: &Client) -> Metrics {
        let answer = caller.get(self.url("/metrics")).send().await.unwrap();
        Metrics::parse(&answer.text().await.unwrap())
    }
}

#[tokio::test]
async fn who_trusts_the_authority_is_served_and_is_to_come_by_tls_again() {
    let house = House::new().await;
    let caller = house.caller(None);
    assert_eq!(house.shown_to(&caller).await, house.first.der);
    let answer = caller.get(house.url("/tenants")).send().await.unwrap();
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    answer.bytes().await.unwrap();
    let handshakes = |metrics: &Metrics, outcome| {
        metrics.count_of("ringfence_tls_handshakes_total", &[("outcome", outcome)])
    };
    let metrics = house.metrics(&caller).await;
    assert_eq!((handshakes(&metrics, "done"), handshakes(&metrics, "failed")), (1, 0));
    assert!(Client::new().get(house.url("/readyz")).send().await.is_err(), "nobody vouches for it");
    while handshakes(&house.metrics(&caller).await, "failed") == 0 {}
}

#[tokio::test]
async fn without_tls_nothing_is_said() {
    let house = House::new().await;
    let plain = house.world.request(Method::GET, "/readyz");
    assert!(plain.send().await.is_err());
    let world = World::new(EngineKind::Valkey).await;
    let answer = world.get("/readyz").await;
    assert_eq!(answer.headers.get("strict-transport-security"), None, "it is said by TLS alone");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_cut() {
    let house = House::with(|config, _| {
        config.limits.head_timeout = Duration::from_millis(20);
        config.limits.idle_timeout = Duration::from_hours(1);
    })
    .await;
    for begun in [&b""[..], b"\x16\x03\x01"] {
        let mut line = TcpStream::connect(house.world.service_address()).await.unwrap();
        line.write_all(begun).await.unwrap();
        assert_eq!(line.read(&mut [0]).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_stopping_service_does_not_wait_for_a_handshake() {
    let mut house = House::with(|config, _| {
        config.limits.head_timeout = Duration::from_hours(1);
        config.shutdown_grace = Duration::from_hours(1);
    })
    .await;
    let mut line = TcpStream::connect(house.world.service_address()).await.unwrap();
    // Whoever is served after the line has come in knows that it has been taken.
    house.shown_to(&house.caller(None)).await;
    house.world.stop_service().await;
    assert_eq!(line.read(&mut [0]).await.unwrap(), 0);
}

/// Clients that look are warned by themselves; others must not be cut off by a restart.
#[tokio::test]
async fn a_certificate_that_has_expired_is_served_with_a_warning() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.stop_service().await;
    let secret = MountedSecret::new(&Authority::new().sign_expired());
    let path = |name| secret.path(name).display().to_string();
    let files =
        [("RINGFENCE_TLS__CERTIFICATE", path("tls.crt")), ("RINGFENCE_TLS__KEY", path("tls.key"))];
    let service = ServiceProcess::start_with(&world, files);
    let log = service.log();
    let warning = log.lines().find(|line| line.contains("has expired"));
    assert!(warning.is_some_and(|line| line.contains("WARN")), "{log}");
}
