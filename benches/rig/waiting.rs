//! Sign-ups as an application makes them, and waiting for what becomes of them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::Service;

/// Nobody waits longer.
const LIMIT: Duration = Duration::from_mins(10);
/// A few caches are seen in less.
const LOOK_LIMIT: Duration = Duration::from_secs(30);

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

/// Whether the service has looked at all its caches. One that is too busy to say has not.
pub(crate) async fn has_observed(service: &Service) -> anyhow::Result<bool> {
    let answer = service.client.get(service.url("/caches")).send().await?;
    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
        return Ok(false);
    }
    let caches: Value = answer.error_for_status()?.json().await?;
    let caches = caches["items"].as_array().context("GET /caches has no items")?;
    Ok(caches.iter().all(|cache| cache["observed"].is_object()))
}

/// Waits until it has.
pub(crate) async fn until_observed(service: &Service) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !has_observed(service).await? {
        ensure!(begun.elapsed() < LOOK_LIMIT, "a cache was not seen for {LOOK_LIMIT:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
