//! Receivers that give no answer.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::{receiver::Receiver, until_newest, webhook, world};
use crate::world::World;

/// The deliveries to a webhook, newest first, once the oldest has been tried so often.
async fn once_tried(world: &World, webhook: &str, attempts: u32) -> Vec<Value> {
    let path = format!("{webhook}/deliveries");
    let oldest = |page: &Value| page["items"].as_array().and_then(|items| items.last().cloned());
    let is_tried = |page: &Value| oldest(page).is_some_and(|it| it["attempts"] == attempts);
    let page = world.until(&path, |page| is_tried(&page.body)).await;
    page.body["items"].as_array().unwrap().clone()
}

/// Each try of a receiver that hangs takes its whole time-out.
#[tokio::test]
async fn while_a_receiver_gives_no_answer_the_other_messages_wait_for_the_first() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    receiver.hang_up(true);
    let (path, _) = webhook(&world, &receiver, &["tenant.provisioned"]).await;
    world.create("acme").await;
    let acme = until_newest(&world, &path, |newest| newest["attempts"] == 1).await;
    assert_eq!(acme["last_error"], "no-answer");
    world.create("globex").await;
    until_newest(&world, &path, |newest| newest["id"] != acme["id"]).await;
    let deliveries = once_tried(&world, &path, 1).await;
    let [globex, acme] = &deliveries[..] else { panic!("{deliveries:?}") };
    let waits = (&globex["attempts"], &globex["last_error"], &globex["next_at"]);
    assert_eq!(waits, (&json!(0), &json!("no-answer"), &acme["next_at"]));

    for (pause, attempts) in [(7, 2), (7 * 60, 3)] {
        world.clock.advance(SignedDuration::from_secs(pause));
        let deliveries = once_tried(&world, &path, attempts).await;
        assert_eq!(deliveries[0]["attempts"], 0, "{deliveries:?}");
    }
    // The first is tried after half an hour then; the others see for themselves before that.
    world.clock.advance(SignedDuration::from_mins(11));
    let globex = until_newest(&world, &path, |newest| newest["attempts"] == 1).await;
    assert_eq!(globex["last_error"], "no-answer");

    receiver.hang_up(false);
    let test = world.send(Method::POST, &format!("{path}/test"), json!({})).await;
    assert_eq!(test.status, 202);
    assert_eq!(receiver.next().await.kind(), "ringfence.webhook.test");
    let mut tenants = [receiver.next().await, receiver.next().await]
        .map(|message| message.body()["data"]["tenant"].clone());
    tenants.sort_by_key(Value::to_string);
    assert_eq!(tenants, ["acme", "globex"]);
}

/// It may be the message that a receiver stumbles over.
#[tokio::test]
async fn no_message_waits_for_one_that_gets_no_answer_while_others_arrive() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    receiver.answer_with(503);
    let (path, _) = webhook(&world, &receiver, &["tenant.provisioned"]).await;
    world.create("acme").await;
    receiver.next().await;
    let acme = until_newest(&world, &path, |newest| newest["attempts"] == 1).await;
    receiver.answer_with(204);
    world.send(Method::POST, &format!("{path}/test"), json!({})).await;
    until_newest(&world, &path, |newest| newest["status"] == "delivered").await;

    receiver.hang_up(true);
    world.clock.advance(SignedDuration::from_secs(7));
    let deliveries = once_tried(&world, &path, 2).await;
    assert_eq!(deliveries[1]["id"], acme["id"]);
    assert_eq!(deliveries[1]["last_error"], "no-answer");
    world.create("globex").await;
    let is_tried =
        |newest: &Value| newest["type"] == "tenant.provisioned" && newest["attempts"] == 1;
    until_newest(&world, &path, is_tried).await;
}

#[tokio::test]
async fn what_waits_for_an_answer_is_sent_at_once_to_another_url() {
    let (world, receiver) = (world().await, Receiver::start().await);
    receiver.hang_up(true);
    let (path, _) = webhook(&world, &receiver, &["tenant.provisioned"]).await;
    world.create("acme").await;
    until_newest(&world, &path, |newest| newest["attempts"] == 1).await;
    let mut other = Receiver::start().await;
    let moved = world.send(Method::PATCH, &path, json!({ "url": other.url() })).await;
    assert_eq!(moved.status, 200, "{moved:?}");
    assert_eq!(other.next().await.body()["data"]["tenant"], "acme");
}
