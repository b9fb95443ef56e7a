//! Clients have to show a certificate, too.

use std::sync::Arc;

use ringfence::config::AuthMode;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, HandshakeKind, RootCertStore,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
    },
};

use super::*;

async fn status(house: &House, shown: Option<&Pair>, path: &str) -> Option<u16> {
    let answer = house.caller(shown).get(house.url(path)).send().await;
    answer.ok().map(|answer| answer.status().as_u16())
}

#[tokio::test]
async fn only_who_shows_a_certificate_of_the_authority_is_let_in() {
    let (clients, strangers) = (Authority::new(), Authority::new());
    let house = House::for_clients_of(&clients).await;
    assert_eq!(status(&house, None, "/readyz").await, None);
    assert_eq!(status(&house, Some(&strangers.sign()), "/readyz").await, None);
    assert_eq!(status(&house, Some(&clients.sign_expired()), "/readyz").await, None);
    // Of the authority of the service, which is another matter.
    assert_eq!(status(&house, Some(&house.authority.sign()), "/readyz").await, None);
    assert_eq!(status(&house, Some(&clients.sign()), "/readyz").await, Some(200));
}

#[tokio::test]
async fn a_certificate_stands_in_for_no_token() {
    let clients = Authority::new();
    let house = House::with(|config, secret| {
        std::fs::write(secret.path("clients.pem"), clients.pem()).unwrap();
        config.tls.client_ca = Some(secret.path("clients.pem"));
        config.auth.mode = AuthMode::Bearer;
    })
    .await;
    assert_eq!(status(&house, Some(&clients.sign()), "/readyz").await, Some(200));
    assert_eq!(status(&house, Some(&clients.sign()), "/tenants").await, Some(401));
}

#[tokio::test]
async fn an_authority_that_is_taken_away_lets_nobody_in_any_more() {
    let (before, after) = (Authority::new(), Authority::new());
    let house = House::for_clients_of(&before).await;
    let (known, unknown) = (before.sign(), after.sign());
    assert_eq!(status(&house, Some(&known), "/readyz").await, Some(200));
    std::fs::write(house.secret.path("clients.pem"), after.pem()).unwrap();
    while status(&house, Some(&unknown), "/readyz").await.is_none() {}
    assert_eq!(status(&house, Some(&known), "/readyz").await, None);
}

/// A session that is resumed shows no certificate, so one that has expired would be good for ever.
#[tokio::test]
async fn each_connection_shows_its_certificate_anew() {
    let clients = Authority::new();
    let house = House::for_clients_of(&clients).await;
    let shown = clients.sign();
    let mut roots = RootCertStore::empty();
    let authority = house.authority.pem();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(shown.key.as_bytes()).unwrap();
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![CertificateDer::from(shown.der.clone())], key)
        .unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let address = house.world.service_address();
    for _ in 0..2 {
        let connection = TcpStream::connect(address).await.unwrap();
        let mut stream =
            connector.connect(ServerName::from(address.ip()), connection).await.unwrap();
        let request =
            format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // It may be closed without a farewell.
        let _read = stream.read_to_string(&mut answer).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(stream.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
    }
}
