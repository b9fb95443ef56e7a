//! Messages to webhooks, as a receiver gets them.

mod certificates;
mod deliveries;
mod door;
mod receiver;
mod repetition;
mod signatures;
mod silence;
mod targets;
mod unreadable;

use reqwest::Method;
use ringfence::config::Config;
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use crate::world::{Answer, World};
use receiver::Receiver;

/// Lets webhooks lead to receivers of ours.
fn allow_loopback(config: &mut Config) {
    config.webhooks.allow_http = true;
    config.webhooks.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
}

async fn world() -> World {
    World::with(EngineKind::Valkey, allow_loopback).await
}

/// Makes a webhook that leads to the receiver; answers with its path and its secret.
async fn webhook(world: &World, receiver: &Receiver, types: &[&str]) -> (String, String) {
    let body = json!({ "url": receiver.url(), "types": types });
    let made = world.send(Method::POST, "/webhooks", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = made.headers["location"].to_str().unwrap().to_owned();
    (path, made.body["secret"].as_str().unwrap().to_owned())
}

/// Waits until the newest delivery to a webhook is as it is awaited.
async fn until_newest(world: &World, webhook: &str, is_awaited: impl Fn(&Value) -> bool) -> Value {
    let path = format!("{webhook}/deliveries");
    let answer: Answer = world.until(&path, |page| is_awaited(&page.body["items"][0])).await;
    answer.body["items"][0].clone()
}
