//! A cache that speaks TLS, as ElastiCache does where access control is on.

use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::Client;
use ringfence::config::SimulatorCache;
use ringfence_acl::EngineKind;
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use crate::world::{Answer, ServiceProcess, World};

/// TLS in front of an engine that speaks plain text. It ends with the value.
struct Terminator {
    address: SocketAddr,
    certificate: PathBuf,
    _tasks: JoinSet<()>,
    _directory: TempDir,
}

impl Terminator {
    async fn before(engine: SocketAddr) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let directory = TempDir::new().unwrap();
        let certificate = directory.path().join("certificate.pem");
        fs::write(&certificate, cert.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(forward(listener, TlsAcceptor::from(Arc::new(config)), engine));
        Self { address, certificate, _tasks: tasks, _directory: directory }
    }

    /// The settings of a service that connects here.
    fn settings(&self) -> [(&'static str, String); 3] {
        [
            ("RINGFENCE_CACHES__0__HOST", "localhost".to_owned()),
            ("RINGFENCE_CACHES__0__PORT", self.address.port().to_string()),
            ("RINGFENCE_CACHES__0__TLS", "true".to_owned()),
        ]
    }
}

async fn forward(listener: TcpListener, acceptor: TlsAcceptor, engine: SocketAddr) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        connections.spawn(async move {
            // A client that does not trust the certificate goes away.
            let Ok(mut client) = acceptor.accept(client).await else { return };
            let mut engine = TcpStream::connect(engine).await.unwrap();
            // Whoever hangs up first ends both.
            let _ended = copy_bidirectional(&mut client, &mut engine).await;
        });
    }
}

async fn world() -> (World, Terminator) {
    let mut world = World::new(EngineKind::Valkey).await;
    world.stop_service().await;
    let engine = world.simulator.cache_address(SimulatorCache::REPLICATION_GROUP).unwrap();
    (world, Terminator::before(engine).await)
}

async fn create(service: &ServiceProcess, wait: u32) -> Answer {
    let post = Client::new().post(format!("{}/tenants", service.url));
    let post = post.header("prefer", format!("wait={wait}"));
    Answer::of(post.json(&json!({ "name": "acme" }))).await
}

#[tokio::test]
async fn a_fence_is_proved_over_tls_with_a_certificate_that_is_trusted() {
    let (world, tls) = world().await;
    let [host, port, on] = tls.settings();
    let trusted = ("SSL_CERT_FILE", tls.certificate.display().to_string());
    let service = ServiceProcess::start_with(&world, [host, port, on, trusted]);
    let created = create(&service, 60).await;
    assert_eq!(created.body["attested"]["verdict"], "isolated", "{created:?}");
    let login = Client::new().get(format!("{}/tenants/acme/credentials", service.url));
    let url = Answer::of(login).await.body["url"].clone();
    assert!(url.as_str().unwrap().starts_with("rediss://acme:"), "{url}");
}

/// No password is sent to a server that cannot prove who it is.
#[tokio::test]
async fn a_certificate_that_is_not_trusted_proves_nothing() {
    let (world, tls) = world().await;
    let service = ServiceProcess::start_with(&world, tls.settings());
    let waiting = create(&service, 2).await;
    assert_eq!(waiting.body["status"], "provisioning", "{waiting:?}");
    assert_eq!(waiting.body["problem"]["type"], "/problems/engine-unreachable", "{waiting:?}");
}
