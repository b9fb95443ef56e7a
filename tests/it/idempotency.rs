//! Asking twice: with a key, without one, at once, and after a restart.

use futures_util::future::join_all;
use reqwest::Method;
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use crate::world::{Answer, World};

async fn post(world: &World, key: &str, body: Value) -> Answer {
    let request = world.request(Method::POST, "/tenants").header("idempotency-key", key);
    Answer::of(request.header("prefer", "wait=60").json(&body)).await
}

#[tokio::test]
async fn a_repeated_key_gets_the_first_answer_and_no_second_effect() {
    let mut world = World::new(EngineKind::Valkey).await;
    let first = post(&world, "k1", json!({ "name": "acme" })).await;
    assert_eq!(first.status, 201, "{first:?}");
    let n_calls = world.control().calls().len();
    let second = post(&world, "k1", json!({ "name": "acme" })).await;
    assert_eq!((second.status, &second.body), (first.status, &first.body));
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert_eq!(second.headers["location"], first.headers["location"]);

    world.stop_service().await;
    world.start_service().await;
    let third = post(&world, "k1", json!({ "name": "acme" })).await;
    assert_eq!((third.status, &third.body), (first.status, &first.body));
    let changing =
        |call: &&ringfence_simulator::CallRecord| !call.operation.starts_with("Describe");
    assert_eq!(world.control().calls().iter().skip(n_calls).filter(changing).count(), 0);
}

#[tokio::test]
async fn a_key_used_for_another_request_is_refused() {
    let world = World::new(EngineKind::Valkey).await;
    post(&world, "k1", json!({ "name": "acme" })).await;
    let other = post(&world, "k1", json!({ "name": "globex" })).await;
    assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused"));
    assert_eq!(world.get("/tenants/globex").await.status, 404);
}

#[tokio::test]
async fn of_many_with_one_key_at_once_one_works_and_the_others_are_told_so() {
    let world = World::new(EngineKind::Valkey).await;
    let answers = join_all((0..10).map(|_| post(&world, "k1", json!({ "name": "acme" })))).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    let in_flight = answers.iter().filter(|answer| answer.status == 409).count();
    assert!(created >= 1, "{answers:?}");
    assert_eq!(created + in_flight, 10, "{answers:?}");
    let n_users = world.aws().await.user_ids().iter().filter(|id| id.starts_with("rf-")).count();
    assert_eq!(n_users, 1);
}

#[tokio::test]
async fn the_same_name_with_another_spec_is_refused() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let other = world.create_as(json!({ "name": "acme", "labels": { "plan": "gold" } })).await;
    assert_eq!((other.status, other.problem()), (409, "tenant-name-taken"));
}

#[tokio::test]
async fn a_stale_if_match_deletes_nothing() {
    let world = World::new(EngineKind::Valkey).await;
    let created = world.create("acme").await;
    let refused = world.request(Method::DELETE, "/tenants/acme").header("if-match", "\"0\"");
    assert_eq!(Answer::of(refused).await.status, 412);
    assert_eq!(world.get("/tenants/acme").await.body["status"], "active");
    let right = world.request(Method::DELETE, "/tenants/acme").header("prefer", "wait=60");
    let etag = created.headers["etag"].clone();
    assert_eq!(Answer::of(right.header("if-match", etag)).await.status, 204);
}
