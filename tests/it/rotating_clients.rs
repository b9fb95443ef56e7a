//! The clients in `examples` lose no request while their tenant's password is replaced.

mod consumer;
#[path = "../../examples/rotating_client/secret.rs"]
mod secret;
#[path = "../../examples/rotating_client/tenant.rs"]
mod tenant;
#[path = "../../examples/rotating_client/work.rs"]
mod work;

use std::time::Duration;

use consumer::Consumer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, World, on_both_engines};

const ROTATIONS: &str = "/tenants/acme/rotations";
/// How long some consumers keep the secret: next to nothing.
const BRIEFLY: Duration = Duration::from_millis(20);
/// And others: as AWS's caching clients do.
const LONG: Duration = Duration::from_hours(1);

/// One consumer with each library, which keep the secret for so long.
async fn consumers(world: &World, max_age: Duration) -> [Consumer; 3] {
    let mut all = [
        Consumer::redis_rs(world, max_age),
        Consumer::python(world, "redis", max_age),
        Consumer::python(world, "valkey", max_age),
    ];
    for consumer in &mut all {
        consumer.until_on(None).await;
    }
    all
}

/// Starts a rotation and waits for its grace or its end.
async fn rotate(world: &World, body: Value) -> String {
    let rotation: Answer = world.send(Method::POST, ROTATIONS, body).await;
    rotation.body["id"].as_str().unwrap_or_else(|| panic!("{rotation:?}")).to_owned()
}

async fn until_completed(world: &World, id: &str) {
    world.until(&format!("{ROTATIONS}/{id}"), |it| it.body["status"] == "completed").await;
}

on_both_engines! {
    /// An old password goes as soon as those who can say so have said that they use the new one.
    async fn no_request_is_lost_while_a_password_is_replaced_again_and_again(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        let mut consumers = consumers(&world, BRIEFLY).await;
        let mut sluggish = Consumer::redis_rs(&world, LONG);
        sluggish.until_on(None).await;

        let mut ids = Vec::new();
        for _ in 0..4 {
            let body = json!({ "grace_seconds": 0, "expected_consumers": ["redis", "valkey"] });
            let id = rotate(&world, body).await;
            for consumer in &mut consumers {
                consumer.until_on(Some(&id)).await;
            }
            until_completed(&world, &id).await;
            ids.push(id);
        }

        for consumer in consumers {
            let summary = consumer.finish().await;
            assert_eq!(summary.failures, 0, "{summary:?}");
            assert_eq!(summary.versions[1..], ids, "{summary:?}");
            // None was ever refused.
            assert_eq!(summary.logins, summary.versions.len(), "{summary:?}");
        }
        let summary = sluggish.finish().await;
        assert_eq!((summary.failures, summary.logins), (0, 1), "its connection is left: {summary:?}");
    }

    /// All know the leaked password only, and are cut off.
    async fn no_request_is_lost_when_a_leaked_password_is_taken_away(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        let mut consumers = consumers(&world, LONG).await;

        let body = json!({ "mode": "emergency", "reason": "INC-4712: in a log" });
        let id = rotate(&world, body).await;
        until_completed(&world, &id).await;
        for consumer in &mut consumers {
            consumer.until_on(Some(&id)).await;
        }

        for consumer in consumers {
            let summary = consumer.finish().await;
            assert_eq!(summary.failures, 0, "{summary:?}");
            assert_eq!(summary.versions[1..], [id.as_str()], "{summary:?}");
            assert!(summary.logins > 2, "the leaked one was refused: {summary:?}");
        }
        let runs = world.login("acme").await.get("acme:progress:runs").await.unwrap();
        assert_eq!(runs.as_deref(), Some("3"), "what must be done once was done once by each");
    }
}
