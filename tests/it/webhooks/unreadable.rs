//! Webhooks of which something in the database cannot be read.

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
