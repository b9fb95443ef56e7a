//! Webhooks of which something in the database cannot be read.

use jiff::SignedDuration;
use serde_json::json;

use super::{receiver::Receiver, webhook, world};
use crate::{
    store::execute,
    world::{Answer, ServiceProcess},
};

/// As a version that knew more would leave them, or somebody's hand.
#[tokio::test]
async fn a_webhook_that_cannot_be_read_keeps_no_other_from_its_messages_and_is_told_of_once() {
    let (mut world, mut receiver) = (world().await, Receiver::start().await);
    let id = |path: &str| path.replace("/webhooks/", "");
    let (odd, _) = webhook(&world, &receiver, &["tenant.provisioned", "tenant.deleted"]).await;
    let (mute, _) = webhook(&world, &receiver, &["tenant.provisioned", "tenant.blocked"]).await;
    webhook(&world, &receiver, &["tenant.provisioned"]).await;
    world.stop_service().await;
    for change in [
        "UPDATE webhooks SET types = 'tenant.gone' WHERE types LIKE '%tenant.deleted%'",
        "UPDATE webhook_secrets SET secret = 'whsec_?' WHERE webhook =
           (SELECT id FROM webhooks WHERE types LIKE '%tenant.blocked%')",
    ] {
        execute(&world.config.database, change).await.unwrap();
    }
    let process = ServiceProcess::start_with(
        &world,
        [
            ("RINGFENCE_WEBHOOKS__ALLOW_HTTP", "true".to_owned()),
            ("RINGFENCE_WEBHOOKS__ALLOW_PRIVATE", "127.0.0.0/8".to_owned()),
        ],
    );
    for name in ["acme", "globex"] {
        let create = reqwest::Client::new().post(format!("{}/tenants", process.url));
        let created = create.header("prefer", "wait=60").json(&json!({ "name": name }));
        assert_eq!(Answer::of(created).await.body["status"], "active");
        assert_eq!(receiver.next().await.body()["data"]["tenant"], name);
    }
    let log = process.stop();
    for id in [id(&odd), id(&mute)] {
        let told = log.lines().filter(|line| line.contains("left out") && line.contains(&id));
        assert_eq!(told.count(), 1, "{id}: {log}");
    }
    assert_eq!(receiver.waiting(), 0);
}

/// More of them than are sent to at once, each with a message that has been due for longer.
#[tokio::test]
async fn webhooks_that_cannot_be_read_take_no_place_are_not_listed_and_can_be_deleted() {
    let (mut world, mut receiver) = (world().await, Receiver::start().await);
    let mut odd = Vec::new();
    for _ in 0..17 {
        odd.push(webhook(&world, &receiver, &["tenant.provisioned", "tenant.blocked"]).await.0);
    }
    world.stop_service().await;
    let change = "UPDATE webhook_secrets SET secret = 'whsec_?'";
    execute(&world.config.database, change).await.unwrap();
    world.start_service().await;
    world.create("acme").await;
    world.clock.advance(SignedDuration::from_secs(1));
    let (good, _) = webhook(&world, &receiver, &["tenant.provisioned"]).await;
    world.create("globex").await;
    assert_eq!(receiver.next().await.body()["data"]["tenant"], "globex");

    world.stop_service().await;
    let change = "UPDATE webhooks SET types = 'tenant.gone' WHERE types LIKE '%tenant.blocked%'";
    execute(&world.config.database, change).await.unwrap();
    world.start_service().await;
    let listed = world.get("/webhooks").await;
    assert_eq!(listed.status, 200, "{listed:?}");
    let paths = listed.body["items"].as_array().unwrap().iter();
    let paths: Vec<_> =
        paths.map(|item| format!("/webhooks/{}", item["id"].as_str().unwrap())).collect();
    assert_eq!(paths, [good]);
    for path in odd {
        assert_eq!(world.remove(&path).await.status, 204);
        assert_eq!(world.remove(&path).await.problem(), "webhook-not-found");
    }
}
