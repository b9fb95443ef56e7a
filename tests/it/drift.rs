//! What somebody changes in AWS is told, and put right.

mod calls;
mod fights;
mod hindrances;
mod kept;
mod kinds;
mod orphans;
mod unattested;

use reqwest::Method;
use ringfence::config::Config;
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use crate::world::{Answer, World};

/// A world in which nothing is repaired by itself.
async fn reporting(kind: EngineKind) -> World {
    World::with(kind, report_only).await
}

/// Has nothing repaired by itself.
pub(crate) fn report_only(config: &mut Config) {
    set_policy(config, "report");
}

/// Has the same done about every kind of drift.
fn set_policy(config: &mut Config, policy: &str) {
    use ringfence::domain::DriftKind;
    let all = DriftKind::ALL.into_iter().map(|kind| (kind, policy.parse().unwrap()));
    config.drift.policy = all.collect();
}

/// Sweeps, and answers what differs. A sweep that fails has looked at nothing.
pub(crate) async fn sweep(world: &World) -> Vec<Value> {
    let before = sweeps(world).await;
    let swept = world.send(Method::POST, "/drift/sweeps", json!({})).await;
    assert_eq!(swept.status, 202, "{swept:?}");
    assert!(sweeps(world).await > before, "the sweep failed");
    items(&world.get("/drift").await)
}

/// Has everything swept, whatever comes of it.
pub(crate) async fn ask_for_sweep(world: &World) {
    let asked = world.send(Method::POST, "/drift/sweeps", json!({})).await;
    assert_eq!(asked.status, 202, "{asked:?}");
}

/// How many sweeps have come to their end.
async fn sweeps(world: &World) -> u64 {
    world.metrics().await.sum("ringfence_drift_sweep_seconds_count")
}

fn items(answer: &Answer) -> Vec<Value> {
    answer.body["items"].as_array().unwrap_or_else(|| panic!("{answer:?}")).clone()
}

pub(crate) fn kinds(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["kind"].as_str().unwrap()).collect()
}

/// Asks for repairs, and waits until they have begun.
pub(crate) async fn repair(world: &World, body: Value) -> Vec<Value> {
    let answer = world.send(Method::POST, "/drift/repair", body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    items(&answer)
}

/// Sweeps until nothing differs: a repair takes a while, and may leave another to be made.
async fn until_nothing_differs(world: &World) {
    for _ in 0..200 {
        world.until("/tenants/acme", |tenant| tenant.body["status"] == "active").await;
        if sweep(world).await.is_empty() {
            return;
        }
    }
    panic!("it still differs: {:?}", world.get("/drift").await);
}

/// The world is as it was, and its tenant logs in with the password that it had.
async fn as_before(world: &World, shape: &Value, url: &Value) {
    assert_eq!(world.aws().await.shape(), *shape);
    assert_eq!(world.get("/tenants/acme/credentials").await.body["url"], *url);
    world.login("acme").await.set("acme:plan", "gold").await.unwrap();
}
