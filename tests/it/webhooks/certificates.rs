//! Receivers that show a certificate.

use std::fs;

use ringfence_acl::EngineKind;
use serde_json::json;
use tempfile::TempDir;

use super::{receiver::Receiver, until_newest, webhook};
use crate::world::{Answer, Authority, ServiceProcess, World};

/// Messages are sent by TLS only, as without any setting.
async fn world() -> World {
    let loopback = vec!["127.0.0.0/8".parse().unwrap()];
    World::with(EngineKind::Valkey, |config| config.webhooks.allow_private = loopback).await
}

#[tokio::test]
async fn a_receiver_whose_certificate_is_not_trusted_gets_nothing() {
    let (world, receiver) = (world().await, Receiver::over_tls(&Authority::new().sign()).await);
    let (path, _) = webhook(&world, &receiver, &["tenant.provisioned"]).await;
    world.create("acme").await;
    let delivery = until_newest(&world, &path, |newest| newest["attempts"] == 1).await;
    let shown = (&delivery["status"], &delivery["last_error"]);
    assert_eq!(shown, (&json!("pending"), &json!("no-connection")));
    assert_eq!(receiver.waiting(), 0);
}

#[tokio::test]
async fn a_receiver_of_an_authority_that_the_system_is_told_to_trust_gets_its_messages() {
    let authority = Authority::new();
    let (mut world, mut receiver) = (world().await, Receiver::over_tls(&authority.sign()).await);
    webhook(&world, &receiver, &["tenant.provisioned"]).await;
    world.stop_service().await;
    let directory = TempDir::new().unwrap();
    let trusted = directory.path().join("authority.pem");
    fs::write(&trusted, authority.pem()).unwrap();
    let process = ServiceProcess::start_with(
        &world,
        [
            ("RINGFENCE_WEBHOOKS__ALLOW_PRIVATE", "127.0.0.0/8".to_owned()),
            ("SSL_CERT_FILE", trusted.display().to_string()),
        ],
    );
    let create = reqwest::Client::new().post(format!("{}/tenants", process.url));
    let created = create.header("prefer", "wait=60").json(&json!({ "name": "acme" }));
    assert_eq!(Answer::of(created).await.body["status"], "active");
    assert_eq!(receiver.next().await.body()["data"]["tenant"], "acme");
}
