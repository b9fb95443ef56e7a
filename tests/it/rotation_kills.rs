//! Rotations in processes that are killed, held up, and not alone. What is claimed is read from AWS's
//! and the engine's state, never from the service's store.

use std::{collections::BTreeSet, path::Path, time::Duration};

use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::{CallRecord, Fault, Outcome};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{
    Answer, Mortal, World,
    consumer::{assert_no_member_is_locked_out, assert_nobody_is_locked_out, read, works},
};

const ROTATIONS: &str = "/tenants/acme/rotations";

/// The call that a fault holds back now; nothing if the rotation is over without one.
async fn struck(world: &World, service: &Mortal, path: &str) -> Option<CallRecord> {
    let mut looks = tokio::time::interval(Duration::from_millis(2));
    loop {
        looks.tick().await;
        // In this order: what is over is over with all its calls. The list, because showing one rotation
        // takes calls of its own.
        let rotations = service.get(ROTATIONS).await;
        let mut rotations = rotations.body["items"].as_array().unwrap().iter();
        let is_over = rotations.any(|it| path.ends_with(it["id"].as_str().unwrap()) && is_end(it));
        let calls = world.control().calls();
        if let Some(call) = calls.into_iter().find(|call| call.fault.is_some()) {
            return Some(call);
        }
        if is_over {
            return None;
        }
    }
}

fn is_over(rotation: &Answer) -> bool {
    is_end(&rotation.body)
}

fn is_end(rotation: &Value) -> bool {
    ["completed", "cancelled", "failed"].iter().any(|over| rotation["status"] == *over)
}

/// Each rotation is killed at another of its calls, and goes on in a new process.
async fn kill_at_each_call(fault: fn(&str) -> Fault, body: Value, changes_mind: bool) {
    Box::pin(kill_at_each(fault, &body, changes_mind)).await;
}

async fn kill_at_each(fault: fn(&str) -> Fault, body: &Value, changes_mind: bool) {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.stop_service().await;
    let mut service = Mortal::new(&world);
    let is_emergency = body["mode"] == "emergency";
    let mut ends = BTreeSet::new();
    for call in 0.. {
        assert!(call < 90, "a rotation takes fewer calls");
        world.control().clear_calls();
        world.control().add_fault(fault("*").skipping(call).times(1));
        let started = service.send(Method::POST, ROTATIONS, body.clone()).await;
        assert_eq!(started.status, 202, "{started:?}");
        let path = format!("{ROTATIONS}/{}", started.body["id"].as_str().unwrap());
        let struck = struck(&world, &service, &path).await;
        let at = struck.as_ref().map_or_else(String::new, |call| call.operation.clone());
        if changes_mind {
            service.send(Method::POST, &format!("{path}/cancel"), Value::Null).await;
        }
        world.control().clear_faults();
        if struck.is_some() {
            service.kill_and_start().await;
        }
        if is_emergency {
            assert_no_member_is_locked_out(&world, "rf-acme", &at).await;
        } else {
            assert_nobody_is_locked_out(&world, &at).await;
        }
        let over = service.until(&path, is_over).await;
        assert_nobody_is_locked_out(&world, &at).await;
        assert_eq!(world.aws().await.password_count("rf-acme"), 1, "{at}");
        assert_ne!(over.body["status"], "failed", "{at}: {over:?}");
        ends.insert(over.body["status"].as_str().unwrap().to_owned());
        if struck.is_none() {
            break;
        }
    }
    let both = ["cancelled".to_owned(), "completed".to_owned()];
    let expected = if changes_mind { &both[..] } else { &both[1..] };
    assert!(ends.iter().eq(expected), "{ends:?}");
}

#[tokio::test]
async fn a_rotation_killed_right_before_any_call_ends_completed() {
    kill_at_each_call(Fault::delay, json!({ "grace_seconds": 0 }), false).await;
}

#[tokio::test]
async fn a_rotation_killed_right_after_any_call_ends_completed() {
    kill_at_each_call(Fault::hang, json!({ "grace_seconds": 0 }), false).await;
}

#[tokio::test]
async fn an_emergency_killed_right_after_any_call_ends_completed() {
    let body = json!({ "mode": "emergency", "reason": "INC-1" });
    kill_at_each_call(Fault::hang, body, false).await;
}

#[tokio::test]
async fn a_rotation_cancelled_and_killed_at_any_call_ends_cancelled_or_completed() {
    kill_at_each_call(Fault::hang, json!({ "grace_seconds": 0 }), true).await;
}

fn promotions(world: &World) -> Vec<CallRecord> {
    let mut calls = world.control().calls();
    calls.retain(|call| {
        call.operation == "UpdateSecretVersionStage"
            && call.parameters["VersionStage"] == "AWSCURRENT"
    });
    calls
}

/// Starts a rotation of which no call gets through, and leaves it to two stores.
async fn one_rotation_in_two_stores(world: &mut World, copy: &Path) -> String {
    world.start_service().await;
    world.control().add_fault(Fault::before("*").error("InternalFailure", 500));
    let body = json!({ "grace_seconds": 0 });
    let started = Answer::of(world.request(Method::POST, ROTATIONS).json(&body)).await;
    assert_eq!(started.status, 202, "{started:?}");
    world.stop_service().await;
    std::fs::copy(&world.config.database, copy).unwrap();
    world.control().clear_faults();
    world.control().clear_calls();
    format!("{ROTATIONS}/{}", started.body["id"].as_str().unwrap())
}

#[tokio::test]
async fn of_two_processes_at_one_rotation_exactly_one_promotes() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.stop_service().await;
    let directory = TempDir::new().unwrap();
    for round in 0..5 {
        let copy = directory.path().join(format!("{round}.db"));
        let path = one_rotation_in_two_stores(&mut world, &copy).await;
        let (one, other) = (Mortal::new(&world), Mortal::on(&world, &copy));
        for process in [&one, &other] {
            let over = process.until(&path, is_over).await;
            assert_eq!(over.body["status"], "completed", "round {round}: {over:?}");
        }
        let promoted = promotions(&world);
        let promoted = promoted.iter().filter(|call| call.outcome == Outcome::Answered);
        assert_eq!(promoted.count(), 1, "round {round}");
        assert_nobody_is_locked_out(&world, "after a round").await;
        assert_eq!(world.aws().await.password_count("rf-acme"), 1);
        drop((one, other));
    }
}

/// A process is held up in one of its calls, while another finishes the rotation and the next one.
async fn wake_up_late(operation: &str) {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.stop_service().await;
    let directory = TempDir::new().unwrap();
    let copy = directory.path().join("copy.db");
    let first = one_rotation_in_two_stores(&mut world, &copy).await;
    world.control().add_fault(Fault::delay(operation).times(1));
    let stale = Mortal::on(&world, &copy);
    struck(&world, &stale, &first).await.expect(operation);

    let awake = Mortal::new(&world);
    awake.until(&first, |it| it.body["status"] == "completed").await;
    let next = awake.send(Method::POST, ROTATIONS, json!({ "grace_seconds": 0 })).await;
    let next = format!("{ROTATIONS}/{}", next.body["id"].as_str().unwrap());
    awake.until(&next, |it| it.body["status"] == "completed").await;
    let current = read(&world.secrets_manager(), "AWSCURRENT").await.unwrap();
    let n_promotions = promotions(&world).iter().filter(|it| it.fault.is_none()).count();
    assert_eq!(n_promotions, 2, "{operation}");

    world.control().release_delayed();
    let over = stale.until(&first, is_over).await;
    assert_eq!(over.body["problem"]["type"], "/problems/secret-changed", "{over:?}");
    let after = read(&world.secrets_manager(), "AWSCURRENT").await.unwrap();
    assert_eq!(after, current, "{operation}: the late one moved nothing");
    assert!(works(&current).await, "{operation}: the late one took nothing away");
    assert_eq!(world.aws().await.password_count("rf-acme"), 1, "{operation}");
}

#[tokio::test]
async fn a_process_that_wakes_up_late_moves_nothing_and_takes_no_password_away() {
    let operations =
        ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"];
    for operation in operations {
        Box::pin(wake_up_late(operation)).await;
    }
}
