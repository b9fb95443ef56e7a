//! Webhooks and secrets that are asked for again, because the answer was lost.

use futures_util::future::join_all;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{receiver::Receiver, world};
use crate::world::{Answer, World};

async fn post(world: &World, path: &str, key: &str, body: Value) -> Answer {
    let request = world.request(Method::POST, path).header("idempotency-key", key);
    Answer::of(request.json(&body)).await
}

fn path_of(answer: &Answer) -> &str {
    answer.headers["location"].to_str().unwrap()
}

async fn n_webhooks(world: &World) -> usize {
    world.get("/webhooks").await.body["items"].as_array().unwrap().len()
}

async fn kept_bodies(world: &World) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(&world.config.database);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let bodies = sqlx::query_scalar("SELECT body FROM idempotency_keys");
    let bodies = bodies.fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    bodies
}

fn assert_replayed(again: &Answer, first: &Answer) {
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.headers.get("location"), first.headers.get("location"));
    assert_eq!(again.headers["content-type"], first.headers["content-type"]);
    assert_eq!(again.headers["idempotency-replayed"], "true");
}

#[tokio::test]
async fn a_repeated_key_makes_no_second_webhook_and_is_told_the_secret_again() {
    let (mut world, receiver) = (world().await, Receiver::start().await);
    let body =
        json!({ "url": receiver.url(), "types": ["tenant.deleted"], "description": "\"k1\"" });
    let first = post(&world, "/webhooks", "k1", body.clone()).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert!(first.headers.get("idempotency-replayed").is_none());
    assert!(first.body["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_replayed(&post(&world, "/webhooks", "k1", body.clone()).await, &first);

    world.stop_service().await;
    let kept = kept_bodies(&world).await;
    assert!(kept.len() == 1 && !kept[0].contains("whsec_"), "{kept:?}");
    world.start_service().await;
    assert_replayed(&post(&world, "/webhooks", "k1", body.clone()).await, &first);
    assert_eq!(n_webhooks(&world).await, 1);

    let other = post(&world, "/webhooks", "k1", json!({ "url": receiver.url() })).await;
    assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused"));
    let another = post(&world, "/webhooks", "k2", body).await;
    assert_eq!(another.status, 201, "{another:?}");
    assert_ne!(another.body["secret"], first.body["secret"]);
    assert_eq!(n_webhooks(&world).await, 2);
}

#[tokio::test]
async fn of_many_with_one_key_at_once_one_makes_a_webhook() {
    let (world, receiver) = (world().await, Receiver::start().await);
    let body = json!({ "url": receiver.url() });
    let answers = join_all((0..10).map(|_| post(&world, "/webhooks", "k1", body.clone()))).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert!(made.iter().all(|answer| answer.body == made[0].body), "{answers:?}");
    assert!(refused.iter().all(|answer| answer.problem() == "idempotency-key-in-flight"));
    assert_eq!(n_webhooks(&world).await, 1);
}

#[tokio::test]
async fn a_repeated_key_makes_no_second_secret() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    let made = post(&world, "/webhooks", "k1", json!({ "url": receiver.url() })).await;
    let secrets = format!("{}/secrets", path_of(&made));
    let first = post(&world, &secrets, "k2", json!({ "overlap_seconds": 60 })).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_ne!(first.body["secret"], made.body["secret"]);
    let again = post(&world, &secrets, "k2", json!({ "overlap_seconds": 60 })).await;
    assert_replayed(&again, &first);
    let other = post(&world, &secrets, "k2", json!({})).await;
    assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused"));

    assert_eq!(
        world.send(Method::POST, &format!("{}/test", path_of(&made)), json!({})).await.status,
        202
    );
    let signatures = receiver.next().await.header("webhook-signature").split(' ').count();
    assert_eq!(signatures, 2);
}

#[tokio::test]
async fn a_secret_that_signs_nothing_any_more_is_not_told_again() {
    let (world, receiver) = (world().await, Receiver::start().await);
    let body = json!({ "url": receiver.url() });
    let again = async |key| post(&world, "/webhooks", key, body.clone()).await;
    let made = again("k1").await;
    let secrets = format!("{}/secrets", path_of(&made));
    let replaced = post(&world, &secrets, "k2", json!({ "overlap_seconds": 60 })).await;
    assert_replayed(&again("k1").await, &made);
    world.clock.advance(SignedDuration::from_secs(61));
    let gone = again("k1").await;
    assert_eq!((gone.status, gone.problem()), (410, "webhook-secret-gone"), "{gone:?}");
    let still = post(&world, &secrets, "k2", json!({ "overlap_seconds": 60 })).await;
    assert_replayed(&still, &replaced);

    assert_eq!(world.remove(path_of(&made)).await.status, 204);
    assert_eq!(again("k1").await.problem(), "webhook-secret-gone");
    let of_none = post(&world, &secrets, "k2", json!({ "overlap_seconds": 60 })).await;
    assert_eq!((of_none.status, of_none.problem()), (404, "webhook-not-found"));
    assert_eq!(n_webhooks(&world).await, 0);
    assert_eq!(again("k3").await.status, 201);
}

/// A refusal has no effect, so nothing is kept of it.
#[tokio::test]
async fn a_request_that_was_refused_can_be_sent_again_with_its_key() {
    let (world, receiver) = (world().await, Receiver::start().await);
    let refused = post(&world, "/webhooks", "k1", json!({ "url": "nowhere" })).await;
    assert_eq!((refused.status, refused.problem()), (400, "invalid-body"));
    let made = post(&world, "/webhooks", "k1", json!({ "url": receiver.url() })).await;
    assert_eq!(made.status, 201, "{made:?}");
}
