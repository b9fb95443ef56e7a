//! A cache that speaks TLS, as ElastiCache does where access control is on.

use reqwest::{Client, Method};
use ringfence_acl::EngineKind;
use serde_json::json;

use crate::world::{Answer, Mortal, Road, ServiceProcess, World};

async fn world() -> (World, Road) {
    let mut world = World::new(EngineKind::Valkey).await;
    world.stop_service().await;
    let road = Road::with_tls(world.engine_address()).await;
    (world, road)
}

/// The settings of a service whose cache is where the road begins.
fn settings(road: &Road) -> [(&'static str, String); 3] {
    [
        ("RINGFENCE_CACHES__0__HOST", "localhost".to_owned()),
        ("RINGFENCE_CACHES__0__PORT", road.port().to_string()),
        ("RINGFENCE_CACHES__0__TLS", "true".to_owned()),
    ]
}

async fn create(service: &ServiceProcess) -> Answer {
    let post = Client::new().post(format!("{}/tenants", service.url));
    let post = post.header("prefer", "wait=60");
    Answer::of(post.json(&json!({ "name": "acme" }))).await
}

#[tokio::test]
async fn a_fence_is_proved_over_tls_with_a_certificate_that_is_trusted() {
    let (world, road) = world().await;
    let [host, port, on] = settings(&road);
    let trusted = ("SSL_CERT_FILE", road.authority().unwrap().display().to_string());
    let service = ServiceProcess::start_with(&world, [host, port, on, trusted]);
    let created = create(&service).await;
    assert_eq!(created.body["attested"]["verdict"], "isolated", "{created:?}");
    let login = Client::new().get(format!("{}/tenants/acme/credentials", service.url));
    let url = Answer::of(login).await.body["url"].clone();
    assert!(url.as_str().unwrap().starts_with("rediss://acme:"), "{url}");
}

/// No password is sent to a server that cannot prove who it is.
#[tokio::test]
async fn a_certificate_that_is_not_trusted_proves_nothing() {
    let (world, road) = world().await;
    let service = Mortal::with(&world, settings(&road));
    let accepted = service.send(Method::POST, "/tenants", json!({ "name": "acme" })).await;
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let waiting = service.until("/tenants/acme", |it| it.body["problem"].is_object()).await;
    assert_eq!(waiting.body["status"], "provisioning", "{waiting:?}");
    assert_eq!(waiting.body["problem"]["type"], "/problems/engine-unreachable", "{waiting:?}");
    assert!(road.connections().is_empty(), "{:?}", road.connections());
}
