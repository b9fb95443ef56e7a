//! What is told of the service to whatever watches over it.

mod alerts;
mod dashboard;
mod page;
mod queries;

use futures_util::future::join_all;
use jiff::SignedDuration;
use reqwest::Method;
use ringfence_acl::EngineKind;
use serde_json::json;

use crate::world::{Metrics, World};

const MAIN: (&str, &str) = ("cache", "main");

fn tenants(metrics: &Metrics, status: &str) -> u64 {
    metrics.count_of("ringfence_tenants", &[MAIN, ("tier", "tenant"), ("status", status)])
}

#[tokio::test]
async fn tenants_are_told_by_status_and_by_the_time_that_they_took() {
    let world = World::new(EngineKind::Valkey).await;
    let before = world.metrics().await;
    assert_eq!(tenants(&before, "active"), 0, "what there is none of is told too");
    for name in ["acme", "globex", "initech"] {
        assert_eq!(world.create(name).await.status, 201);
    }
    world.send(Method::PATCH, "/tenants/globex", json!({ "suspended": true })).await;
    assert_eq!(world.delete("initech").await.status, 204);

    let metrics = world.metrics_until(|metrics| tenants(metrics, "suspended") == 1).await;
    assert_eq!(tenants(&metrics, "active"), 1);
    assert_eq!(tenants(&metrics, "deleting"), 0);
    let activated = [MAIN, ("tier", "tenant")];
    assert_eq!(metrics.count_of("ringfence_tenant_activation_seconds_count", &activated), 3);
    let isolated = [MAIN, ("verdict", "isolated")];
    assert_eq!(metrics.count_of("ringfence_attestations_total", &isolated), 3);
    assert_eq!(metrics.count_of("ringfence_users_unproved", &[MAIN, ("verdict", "leaky")]), 0);
    assert_eq!(metrics.count_of("ringfence_queue_users", &[MAIN]), 0);
    assert_eq!(metrics.count_of("ringfence_queue_oldest_age_seconds", &[MAIN]), 0);
}

/// A start counts nothing twice, and what the store knows is still there.
#[tokio::test]
async fn a_restart_counts_nobody_again() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.stop_service().await;
    world.start_service().await;
    world.until("/caches/main", |cache| cache.body["observed"].is_object()).await;
    let metrics = world.metrics().await;
    let activated = [MAIN, ("tier", "tenant")];
    assert_eq!(metrics.count_of("ringfence_tenant_activation_seconds_count", &activated), 0);
    assert_eq!(metrics.count_of("ringfence_tenants_activated_total", &[("tier", "tenant")]), 1);
    assert_eq!(tenants(&metrics, "active"), 1);
}

#[tokio::test]
async fn what_is_taken_back_is_not_counted() {
    let world = World::new(EngineKind::Valkey).await;
    let body = json!({ "name": "acme", "dry_run": true });
    assert_eq!(world.send(Method::POST, "/tenants", body).await.status, 200);
    let metrics = world.metrics().await;
    assert_eq!(metrics.count_of("ringfence_tenant_activation_seconds_count", &[MAIN]), 0);
    assert_eq!(tenants(&metrics, "provisioning"), 0);
}

#[tokio::test]
async fn changes_of_the_group_and_its_places_are_told() {
    let world = World::new(EngineKind::Valkey).await;
    let names: Vec<String> = (0..10).map(|i| format!("tenant-{i}")).collect();
    join_all(names.iter().map(|name| world.create(name))).await;

    let metrics = world.metrics_until(|metrics| tenants(metrics, "active") == 10).await;
    let sent = metrics.count_of("ringfence_group_changes_total", &[MAIN, ("outcome", "sent")]);
    assert_eq!(metrics.count_of("ringfence_group_change_users_count", &[MAIN]), sent);
    let users = metrics.total("ringfence_group_change_users_sum", &[MAIN]);
    assert!((users - 10.0).abs() < f64::EPSILON, "{users}");
    assert!(metrics.count_of("ringfence_group_change_seconds_count", &[MAIN]) >= 1);
    let cache = world.get("/caches/main").await.body;
    let places = metrics.count_of("ringfence_group_places", &[MAIN]);
    assert_eq!(json!(places), cache["places"]["quota"]);
    let free = metrics.count_of("ringfence_group_places_free", &[MAIN]);
    assert_eq!(json!(free), cache["places"]["free"]);
}

#[tokio::test]
async fn passwords_grow_older_until_they_are_replaced() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.clock.advance(SignedDuration::from_hours(48));
    let age =
        |metrics: &Metrics| metrics.count_of("ringfence_password_oldest_age_seconds", &[MAIN]);
    world.metrics_until(|metrics| age(metrics) >= 172_800).await;

    let body = json!({ "grace_seconds": 0 });
    let rotated = world.send(Method::POST, "/tenants/acme/rotations", body).await;
    assert!(rotated.status < 300, "{rotated:?}");
    let ended = |metrics: &Metrics| {
        let completed = [MAIN, ("outcome", "completed")];
        metrics.count_of("ringfence_rotations_ended_total", &completed) == 1
    };
    let is_over = |metrics: &Metrics| {
        let open = metrics.count_of("ringfence_rotations", &[MAIN]);
        ended(metrics) && age(metrics) < 172_800 && open == 0
    };
    world.metrics_until(is_over).await;
}

/// What waits for a person is no queue.
#[tokio::test]
async fn who_is_blocked_is_told_as_blocked_and_does_not_wait() {
    let world = World::new(EngineKind::Valkey).await;
    let taken = world.elasticache().create_user().user_id("rf-acme").user_name("theirs");
    let taken = taken.engine("valkey").access_string("on ~t:* -@all +get");
    taken.passwords("0123456789abcdef0123").send().await.unwrap();
    let answer = world.create("acme").await;
    assert_eq!(answer.body["status"], "blocked", "{answer:?}");
    let metrics = world.metrics_until(|metrics| tenants(metrics, "blocked") == 1).await;
    assert_eq!(metrics.count_of("ringfence_queue_users", &[MAIN]), 0);
}

/// A caller can write any path and any method.
#[tokio::test]
async fn requests_are_counted_by_route_and_whatever_is_asked_for_adds_no_series() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    for path in ["/tenants/acme", "/tenants/nobody", "/tenants/nobody-2", "/no-such", "/no/such-2"]
    {
        world.get(path).await;
    }
    let method = Method::from_bytes(b"BREW").unwrap();
    world.request(method, "/tenants/acme").send().await.unwrap();

    let metrics = world.metrics().await;
    let total = |labels: &[(&str, &str)]| metrics.count_of("ringfence_http_requests_total", labels);
    let get = [("method", "GET"), ("route", "/tenants/{name}")];
    assert_eq!(total(&[get[0], get[1], ("status", "2xx")]), 1);
    assert_eq!(total(&[get[0], get[1], ("status", "4xx")]), 2);
    assert_eq!(metrics.count_of("ringfence_http_request_seconds_count", &get), 3);
    assert_eq!(total(&[("route", "(none)"), ("status", "4xx")]), 2);
    assert_eq!(total(&[("method", "other")]), 1);
    assert_eq!(metrics.count_of("ringfence_http_requests_in_flight", &[]), 1, "this scrape");
    let text = world.scrape().await;
    assert!(!text.contains("nobody") && !text.contains("BREW"), "{text}");
}

#[tokio::test]
async fn commits_reads_and_the_process_are_told() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let metrics = world.metrics().await;
    assert!(metrics.count_of("ringfence_store_commit_seconds_count", &[]) >= 1);
    assert!(metrics.count_of("ringfence_store_commit_writes_count", &[]) >= 1);
    assert_eq!(metrics.count_of("ringfence_store_commits_failed_total", &[]), 0);
    for read in ["work", "standing"] {
        assert!(metrics.count_of("ringfence_store_read_seconds_count", &[("read", read)]) >= 1);
    }
    let version = ("version", env!("CARGO_PKG_VERSION"));
    assert_eq!(metrics.count_of("ringfence_build_info", &[version]), 1);
    assert!(metrics.total("process_cpu_seconds_total", &[]) > 0.0);
    assert!(metrics.count_of("process_resident_memory_bytes", &[]) > 1_000_000);
    let open = metrics.count_of("process_open_fds", &[]);
    assert!(open > 3 && open < metrics.count_of("process_max_fds", &[]));
    let started = metrics.total("process_start_time_seconds", &[]);
    assert!(started > 1_700_000_000.0, "{started}");
}
