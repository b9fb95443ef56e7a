//! Messages that do not arrive at once.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::{receiver::Receiver, until_newest, webhook, world};
use crate::world::{Answer, Metrics, ServiceProcess};

#[tokio::test]
async fn a_message_is_sent_again_until_it_is_taken() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    receiver.answer_with(503);
    let (path, _) = webhook(&world, &receiver, &["tenant.provisioned"]).await;
    world.create("acme").await;
    let first = receiver.next().await;
    let delivery = until_newest(&world, &path, |newest| newest["attempts"] == 1).await;
    assert_eq!((&delivery["status"], &delivery["last_status"]), (&json!("pending"), &json!(503)));

    receiver.answer_with(204);
    world.clock.advance(SignedDuration::from_secs(7));
    let second = receiver.next().await;
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(first.text, second.text);
    let delivery = until_newest(&world, &path, |newest| newest["status"] == "delivered").await;
    assert_eq!(delivery["attempts"], 2);

    // Asked for once more, it is the same message.
    let again = format!("{path}/deliveries/{}/redeliver", delivery["id"].as_str().unwrap());
    assert_eq!(world.send(Method::POST, &again, json!({})).await.status, 202);
    assert_eq!(receiver.next().await.text, first.text);
}

#[tokio::test]
async fn a_receiver_that_is_gone_gets_nothing_more_until_it_is_enabled() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    receiver.answer_with(410);
    let (path, _) = webhook(&world, &receiver, &[]).await;
    world.create("acme").await;
    receiver.next().await;
    let shown = world.until(&path, |webhook| webhook.body["enabled"] == false).await;
    assert_eq!(shown.body["disabled_because"], "gone");
    let recorded = world.get("/events?kind=webhook.disabled").await;
    assert_eq!(recorded.body["items"][0]["detail"], "gone");

    receiver.answer_with(204);
    world.create("globex").await;
    let enabled = world.send(Method::PATCH, &path, json!({ "enabled": true })).await;
    assert_eq!((enabled.status, &enabled.body["enabled"]), (200, &json!(true)));
    world.create("initech").await;
    assert_eq!(receiver.next().await.body()["data"]["tenant"], "initech");
}

#[tokio::test]
async fn a_receiver_that_takes_nothing_for_days_is_given_up() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    receiver.answer_with(500);
    let (path, _) = webhook(&world, &receiver, &["tenant.provisioned"]).await;
    world.create("acme").await;
    for attempt in 1..=10 {
        receiver.next().await;
        until_newest(&world, &path, |newest| newest["attempts"] == attempt).await;
        world.clock.advance(SignedDuration::from_hours(30));
    }
    let delivery = until_newest(&world, &path, |newest| newest["status"] == "failed").await;
    assert_eq!(delivery["last_status"], 500);
    assert_eq!(world.get(&path).await.body["disabled_because"], "failing");
}

#[tokio::test]
async fn each_webhook_is_told_of_what_it_asked_for_and_of_nothing_that_came_before() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    world.create("early").await;
    let types = ["tenant.suspended", "tenant.deleted", "break-glass.opened", "credential.rotated"];
    let (path, _) = webhook(&world, &receiver, &types).await;
    world.create("acme").await;
    world.send(Method::POST, "/tenants/acme/rotations", json!({ "grace_seconds": 0 })).await;
    assert_eq!(receiver.next().await.kind(), "ringfence.credential.rotated");
    let over = |answer: &Answer| answer.body["items"][0]["status"] == "completed";
    world.until("/tenants/acme/rotations", over).await;
    world.send(Method::PATCH, "/tenants/acme", json!({ "suspended": true })).await;
    assert_eq!(receiver.next().await.kind(), "ringfence.tenant.suspended");
    world.delete("acme").await;
    assert_eq!(receiver.next().await.kind(), "ringfence.tenant.deleted");
    world.send(Method::POST, "/break-glass", json!({ "reason": "my password is hunter2" })).await;
    let opened = receiver.next().await;
    assert_eq!(opened.kind(), "ringfence.break-glass.opened");
    assert_eq!(opened.body()["subject"], "caches/main", "{}", opened.text);
    assert!(!opened.text.contains("hunter2"), "{}", opened.text);
    assert_eq!(receiver.waiting(), 0);

    assert_eq!(world.remove(&path).await.status, 204);
    assert_eq!(world.get(&path).await.problem(), "webhook-not-found");
}

#[tokio::test]
async fn what_waits_and_what_came_of_tries_is_told() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    let tried = |metrics: &Metrics, outcome| {
        metrics.count_of("ringfence_webhook_deliveries_total", &[("outcome", outcome)])
    };
    let waiting = |metrics: &Metrics| metrics.count_of("ringfence_webhook_messages_waiting", &[]);
    let before = world.metrics().await;
    assert_eq!(
        ["delivered", "pending", "failed"].map(|outcome| tried(&before, outcome)),
        [0, 0, 0]
    );

    receiver.answer_with(503);
    let (path, _) = webhook(&world, &receiver, &["tenant.provisioned"]).await;
    world.create("acme").await;
    receiver.next().await;
    until_newest(&world, &path, |newest| newest["attempts"] == 1).await;
    let late = world.metrics_until(|metrics| waiting(metrics) == 1).await;
    assert_eq!((tried(&late, "pending"), tried(&late, "delivered")), (1, 0));
    receiver.answer_with(204);
    world.clock.advance(SignedDuration::from_secs(7));
    let age =
        |metrics: &Metrics| metrics.count_of("ringfence_webhook_oldest_message_age_seconds", &[]);
    receiver.next().await;
    until_newest(&world, &path, |newest| newest["status"] == "delivered").await;
    let settled = world.metrics_until(|metrics| waiting(metrics) == 0).await;
    assert_eq!(
        (tried(&settled, "pending"), tried(&settled, "delivered"), age(&settled)),
        (1, 1, 0)
    );

    receiver.answer_with(410);
    world.create("globex").await;
    receiver.next().await;
    world.until(&path, |webhook| webhook.body["enabled"] == false).await;
    assert_eq!(tried(&world.metrics().await, "failed"), 1);
}

/// The process dies after the commit, while nobody takes the message.
#[tokio::test]
async fn what_was_written_down_before_a_kill_is_sent_after_the_next_start() {
    let (mut world, mut receiver) = (world().await, Receiver::start().await);
    receiver.answer_with(500);
    let (path, _) = webhook(&world, &receiver, &["tenant.provisioned"]).await;
    world.stop_service().await;
    let process = ServiceProcess::start_with(
        &world,
        [
            ("RINGFENCE_WEBHOOKS__ALLOW_HTTP", "true".to_owned()),
            ("RINGFENCE_WEBHOOKS__ALLOW_PRIVATE", "127.0.0.0/8".to_owned()),
        ],
    );
    let create = reqwest::Client::new().post(format!("{}/tenants", process.url));
    let created = create.header("prefer", "wait=60").json(&json!({ "name": "acme" }));
    assert_eq!(Answer::of(created).await.body["status"], "active");
    let before = receiver.next().await;
    process.kill();
    receiver.answer_with(204);
    world.start_service().await;
    world.clock.advance(SignedDuration::from_secs(7));
    let after = receiver.next().await;
    assert_eq!(after.header("webhook-id"), before.header("webhook-id"));
    until_newest(&world, &path, |newest| newest["status"] == "delivered").await;
}
