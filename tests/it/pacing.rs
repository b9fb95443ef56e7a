//! Calls that AWS refuses because there are too many, and the counts of all calls.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::json;

use crate::world::World;

const TENANTS: usize = 30;

fn names() -> Vec<String> {
    (0..TENANTS).map(|i| format!("tenant-{i}")).collect()
}

/// The rate at which calls begin is ten times what AWS lets through.
#[tokio::test]
async fn thirty_tenants_become_active_where_aws_throttles_hard() {
    let world = World::new(EngineKind::Valkey).await;
    world.control().change_settings(|settings| {
        settings.throttling.insert("CreateUser".to_owned(), 5.0);
    });
    let names = names();
    for answer in join_all(names.iter().map(|name| world.create(name))).await {
        assert_eq!(answer.body["status"], "active", "{answer:?}");
    }
    for name in &names {
        for (kind, detail) in world.recorded(name).await {
            assert!(kind != "user.hindered" || detail == "cloud-throttled", "{name}: {detail}");
        }
    }
    let metrics = world.metrics_of_all_calls().await;
    assert!(metrics.counts("ringfence_aws_calls_total", "outcome")["throttled"] > 0);
    let rate = metrics.number("ringfence_aws_pacing_rate", ("quota", "CreateUser"));
    assert!(rate < 50.0, "{rate}");
}

#[tokio::test]
async fn the_metrics_tell_of_every_call_that_aws_saw() {
    let world = World::new(EngineKind::Valkey).await;
    for (operation, code) in [("CreateUser", "Throttling"), ("CreateSecret", "InternalFailure")] {
        world.control().add_fault(Fault::before(operation).error(code, 400).times(1));
    }
    world.control().add_fault(Fault::after("ModifyUserGroup").times(1));
    let names = names();
    for answer in join_all(names.iter().map(|name| world.create(name))).await {
        assert_eq!(answer.body["status"], "active", "{answer:?}");
    }
    assert_eq!(world.get("/tenants/tenant-0/credentials").await.status, 200);
    let begun = world.send(Method::POST, "/tenants/tenant-1/rotations", json!({})).await;
    assert!(begun.status < 300, "{begun:?}");
    assert_eq!(world.delete("tenant-2").await.status, 204);

    let metrics = world.metrics_of_all_calls().await;
    let calls = metrics.counts("ringfence_aws_calls_total", "operation");
    assert_eq!(metrics.counts("ringfence_aws_call_seconds_count", "operation"), calls);
    assert_eq!(metrics.counts("ringfence_aws_pacing_wait_seconds_count", "operation"), calls);
    let outcomes = metrics.counts("ringfence_aws_calls_total", "outcome");
    for outcome in ["ok", "throttled", "unknown"] {
        assert!(outcomes.contains_key(outcome), "{outcome}: {outcomes:?}");
    }
    let activated = metrics.counts("ringfence_tenants_activated_total", "tier");
    assert_eq!(activated["tenant"], 30, "also the one that is deleted");
}

/// A caller that goes away leaves a call behind that has been sent.
#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_is_counted() {
    let world = World::with(EngineKind::Valkey, |config| {
        config.request_timeout = Duration::from_millis(200);
    })
    .await;
    world.create("acme").await;
    world.control().add_fault(Fault::hang("GetSecretValue").times(1));
    let timed_out = world.get("/tenants/acme/credentials").await;
    assert_eq!(timed_out.problem(), "request-timed-out");
    let metrics = world.metrics_of_all_calls().await;
    assert_eq!(metrics.counts("ringfence_aws_calls_total", "outcome")["abandoned"], 1);
}
