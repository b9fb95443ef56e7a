//! Sign-ups as an application makes them, and waiting for what becomes of them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::Service;

/// Nobody waits longer.
const LIMIT: Duration = Duration::from_mins(10);

/// Asks for a tenant and waits until it is active: how long that took.
pub(crate) async fn sign_up(service: &Service, name: &str) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    while begun.elapsed() < LIMIT {
        // Asked again, it is the same request: the service waits for a minute at most.
        let request = service.client.post(service.url("/tenants")).header("prefer", "wait=60");
        let answer = request.json(&json!({ "name": name })).send().await?;
        let (status, tenant): (_, Value) = (answer.status(), answer.json().await?);
        match tenant["status"].as_str() {
            Some("active") => return Ok(begun.elapsed()),
            Some("provisioning") => {}
            _ => bail!("{name}: {status}: {tenant}"),
        }
    }
    bail!("{name} was not active after {LIMIT:?}")
}

/// Waits until the service has looked at all its caches.
pub(crate) async fn until_observed(service: &Service, limit: Duration) -> anyhow::Result<bool> {
    let begun = Instant::now();
    loop {
        let caches = service.get("/caches").await?;
        let caches = caches["items"].as_array().context("GET /caches has no items")?;
        if caches.iter().all(|cache| cache["observed"].is_object()) {
            return Ok(true);
        }
        if begun.elapsed() > limit {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
