//! Where webhooks must not lead.

use reqwest::Method;
use ringfence_acl::EngineKind;
use serde_json::json;

use super::{receiver::Receiver, until_newest, webhook, world};
use crate::world::World;

#[tokio::test]
async fn a_url_that_shows_a_private_address_is_refused() {
    let world = World::with(EngineKind::Valkey, |config| config.webhooks.allow_http = true).await;
    for url in [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://0x7f.1/",
        "http://2130706433/",
        "https://user:password@example.com/",
        "file:///etc/passwd",
    ] {
        let refused = world.send(Method::POST, "/webhooks", json!({ "url": url })).await;
        assert_eq!((refused.status, refused.problem()), (400, "invalid-body"), "{url}");
        assert_eq!(refused.body["errors"][0]["pointer"], "/url", "{url}: {refused:?}");
    }
    let plain = World::new(EngineKind::Valkey).await;
    let body = json!({ "url": "http://example.com/", "types": ["tenant.gone"] });
    let refused = plain.send(Method::POST, "/webhooks", body).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/url");
    assert_eq!(refused.body["errors"][1]["pointer"], "/types/0");
}

/// A name shows nothing when it is written down: it is looked up with each connection.
#[tokio::test]
async fn a_name_that_stands_for_a_private_address_is_not_connected_to() {
    let world = World::with(EngineKind::Valkey, |config| config.webhooks.allow_http = true).await;
    let receiver = Receiver::start().await;
    let body = json!({ "url": format!("http://localhost:{}/", receiver.port()) });
    let made = world.send(Method::POST, "/webhooks", body).await;
    let path = made.headers["location"].to_str().unwrap();
    world.create("acme").await;
    let delivery = until_newest(&world, path, |newest| newest["attempts"] == 1).await;
    assert_eq!(delivery["last_error"], "address-not-allowed", "{delivery}");
    assert_eq!(receiver.waiting(), 0);
}

/// What was allowed when it was written down need not be any more.
#[tokio::test]
async fn an_address_that_is_allowed_no_more_is_not_connected_to() {
    let (mut world, receiver) = (world().await, Receiver::start().await);
    let (path, _) = webhook(&world, &receiver, &[]).await;
    world.stop_service().await;
    world.config.webhooks.allow_private.clear();
    world.start_service().await;
    world.create("acme").await;
    let delivery = until_newest(&world, &path, |newest| newest["attempts"] == 1).await;
    assert_eq!(delivery["last_error"], "address-not-allowed", "{delivery}");
    assert_eq!(receiver.waiting(), 0);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    receiver.answer_with(307);
    let (path, _) = webhook(&world, &receiver, &[]).await;
    world.create("acme").await;
    receiver.next().await;
    let delivery = until_newest(&world, &path, |newest| newest["attempts"] == 1).await;
    assert_eq!((&delivery["status"], &delivery["last_status"]), (&json!("pending"), &json!(307)));
    assert_eq!(receiver.waiting(), 0);
}
