//! Fleet rotations: many passwords, a few at a time, whatever becomes of one of them.

use futures_util::future::join_all;
use jiff::SignedDuration;
use reqwest::{Client, Method};
use ringfence_acl::EngineKind;
use ringfence_simulator::{Fault, Latencies, Span};
use serde_json::{Value, json};

use crate::world::{Answer, ServiceProcess, TenantLogin, World};

/// Starts a fleet rotation.
pub(crate) async fn start(world: &World, body: Value) -> Answer {
    Answer::of(world.request(Method::POST, "/rotations").json(&body)).await
}

pub(crate) fn path_of(fleet: &Answer) -> String {
    format!("/rotations/{}", fleet.body["id"].as_str().unwrap())
}

async fn steer(world: &World, fleet: &Answer, wish: &str) -> Answer {
    Answer::of(world.request(Method::POST, &format!("{}/{wish}", path_of(fleet)))).await
}

/// Waits until so many members have each of these statuses.
async fn until(world: &World, fleet: &Answer, counts: &[(&str, u64)]) -> Answer {
    let is_so = |answer: &Answer| counts.iter().all(|(s, n)| answer.body["members"][s] == *n);
    world.until(&path_of(fleet), is_so).await
}

pub(crate) async fn members(world: &World, fleet: &Answer, status: &str) -> Vec<Value> {
    let path = format!("{}/members?status={status}", path_of(fleet));
    world.get(&path).await.body["items"].as_array().unwrap().clone()
}

async fn url(world: &World, name: &str) -> String {
    let answer = world.get(&format!("/tenants/{name}/credentials")).await;
    answer.body["url"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

async fn works(url: &str) -> bool {
    match TenantLogin::with_url(url).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), redis::ErrorKind::AuthenticationFailed, "{error:?}");
            false
        }
    }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("tenant-{i}")).collect()
}

/// A world with so many tenants.
async fn world_with(count: usize) -> World {
    let world = World::new(EngineKind::Valkey).await;
    join_all(names(count).iter().map(|name| world.create(name))).await;
    world
}

/// Nothing gets through to ElastiCache after so many calls, until faults are cleared.
fn hold_up_after(world: &World, calls: u32) {
    let stuck = Fault::before("ModifyUser").error("Throttling", 400);
    world.control().add_fault(stuck.skipping(calls));
}

/// The most rotations that were on their way at once, from the record of what happened.
async fn most_at_once(world: &World, fleet: &Answer) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    for (kind, detail) in world.recorded_of_fleet(fleet.body["id"].as_str().unwrap()).await {
        match (kind.as_str(), detail.as_str()) {
            ("rotation.changed", "creating") => now += 1,
            ("rotation.changed", "grace" | "failed" | "cancelled") => now -= 1,
            _ => {}
        }
        most = most.max(now);
    }
    most
}

/// How many secrets hold a password that is yet to be promoted. A promoted one keeps `AWSPENDING`.
async fn n_pending(world: &World) -> usize {
    let aws = world.aws().await;
    let is_pending = |version: &Value| {
        let has = |label| version["VersionStages"].as_array().unwrap().contains(&json!(label));
        has("AWSPENDING") && !has("AWSCURRENT")
    };
    let names = aws.living_secrets();
    let versions = names.iter().map(|name| aws.secret(name)["Versions"].as_array().unwrap());
    versions.filter(|versions| versions.iter().any(is_pending)).count()
}

#[tokio::test]
async fn never_more_than_the_limit_are_on_their_way_over_all_caches() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.add_spare_cache().await;
    let names = names(12);
    let bodies = names.iter().enumerate().map(
        |(i, name)| json!({ "name": name, "cache": if i % 2 == 0 { "main" } else { "spare" } }),
    );
    join_all(bodies.map(|body| world.create_as(body))).await;
    let old: Vec<String> = join_all(names.iter().map(|name| url(&world, name))).await;
    world.control().change_settings(|settings| {
        let user_modify = Span::between_ms(20, 60);
        settings.latencies = Latencies { user_modify, ..Latencies::none() };
    });

    let body = json!({
        "selector": {}, "reason": "quarterly", "max_in_flight": 3, "grace_seconds": 600
    });
    let fleet = start(&world, body).await;
    assert_eq!(fleet.status, 202, "{fleet:?}");
    assert_eq!(fleet.headers["location"].to_str().unwrap(), path_of(&fleet));
    assert_eq!(
        (&fleet.body["state"], &fleet.body["members"]["total"]),
        (&json!("running"), &json!(12))
    );
    while world.get(&path_of(&fleet)).await.body["members"]["grace"] != 12 {
        let n_pending = n_pending(&world).await;
        assert!(n_pending <= 3, "{n_pending} are pending at once");
    }
    assert_eq!(most_at_once(&world, &fleet).await, 3);
    for url in &old {
        assert!(works(url).await, "the grace lasts");
    }

    world.clock.advance(SignedDuration::from_secs(601));
    // Told to go on, all workers look at the time.
    steer(&world, &fleet, "resume").await;
    let done = until(&world, &fleet, &[("completed", 12)]).await;
    assert_eq!(done.body["state"], "completed", "{done:?}");
    for (name, old) in names.iter().zip(&old) {
        assert!(!works(old).await && works(&url(&world, name).await).await, "{name}");
    }
    let told = world.recorded_of_fleet(fleet.body["id"].as_str().unwrap()).await;
    assert_eq!(told.first().unwrap(), &("fleet-rotation.requested".into(), "quarterly".into()));
    assert_eq!(told.last().unwrap().0, "fleet-rotation.completed");
}

#[tokio::test]
async fn without_a_grace_the_limit_holds_until_old_passwords_are_dead() {
    let world = world_with(6).await;
    let body = json!({ "selector": {}, "reason": "r", "max_in_flight": 2, "grace_seconds": 0 });
    let fleet = start(&world, body).await;
    until(&world, &fleet, &[("completed", 6)]).await;
    let (mut now, mut most) = (0_usize, 0);
    for (_, detail) in world.recorded_of_fleet(fleet.body["id"].as_str().unwrap()).await {
        now = now + usize::from(detail == "creating") - usize::from(detail == "completed");
        most = most.max(now);
    }
    assert_eq!(most, 2);
}

#[tokio::test]
async fn one_that_fails_holds_up_nobody() {
    let world = world_with(5).await;
    let theirs = json!({ "username": "tenant-1", "password": "by-hand-0123456789" }).to_string();
    let put = world.secrets_manager().put_secret_value().secret_id("ringfence/tenant-1");
    put.secret_string(&theirs).send().await.unwrap();

    let body = json!({ "selector": {}, "reason": "r", "max_in_flight": 1, "grace_seconds": 0 });
    let fleet = start(&world, body).await;
    let done = until(&world, &fleet, &[("completed", 4), ("failed", 1)]).await;
    assert_eq!(done.body["state"], "completed", "{done:?}");
    let failed = members(&world, &fleet, "failed").await;
    assert_eq!((failed.len(), &failed[0]["tenant"]), (1, &json!("tenant-1")));
    assert_eq!(failed[0]["problem"]["type"], "/problems/secret-changed", "{failed:?}");
    let rotation = world.get(failed[0]["rotation_path"].as_str().unwrap()).await;
    assert_eq!(rotation.body["fleet_rotation"], path_of(&fleet), "{rotation:?}");
    assert_eq!(rotation.body["reason"], "r");
}

#[tokio::test]
async fn paused_it_starts_nobody_and_resumed_it_goes_on() {
    let world = world_with(6).await;
    hold_up_after(&world, 0);
    let body = json!({ "selector": {}, "reason": "r", "max_in_flight": 2, "grace_seconds": 600 });
    let fleet = start(&world, body).await;
    until(&world, &fleet, &[("running", 2)]).await;
    assert_eq!(steer(&world, &fleet, "pause").await.body["state"], "paused");
    assert_eq!(steer(&world, &fleet, "pause").await.status, 200, "said again, it changes nothing");
    world.control().clear_faults();
    let paused = until(&world, &fleet, &[("grace", 2), ("waiting", 4)]).await;
    assert_eq!(paused.body["state"], "paused");
    assert_eq!(steer(&world, &fleet, "resume").await.body["state"], "running");
    until(&world, &fleet, &[("grace", 6)]).await;

    let told = world.recorded_of_fleet(fleet.body["id"].as_str().unwrap()).await;
    let at = |kind: &str| told.iter().position(|(told, _)| told == kind).unwrap();
    let between = &told[at("fleet-rotation.paused")..at("fleet-rotation.resumed")];
    assert!(between.iter().all(|(_, detail)| detail != "creating"), "{between:?}");
}

#[tokio::test]
async fn cancelled_it_goes_back_where_it_can_and_forward_where_it_must() {
    let world = world_with(6).await;
    let old: Vec<String> = join_all(names(6).iter().map(|name| url(&world, name))).await;
    hold_up_after(&world, 2);
    let body = json!({ "selector": {}, "reason": "r", "max_in_flight": 2, "grace_seconds": 600 });
    let fleet = start(&world, body).await;
    until(&world, &fleet, &[("grace", 2), ("running", 2), ("waiting", 2)]).await;
    assert_eq!(steer(&world, &fleet, "cancel").await.body["state"], "cancelled");
    world.control().clear_faults();
    let over = until(&world, &fleet, &[("cancelled", 4), ("grace", 2)]).await;
    assert_eq!(over.body["state"], "cancelled");
    for url in &old {
        assert!(works(url).await);
    }
    assert_eq!(n_pending(&world).await, 0);

    let refused = steer(&world, &fleet, "resume").await;
    assert_eq!((refused.status, refused.problem()), (409, "fleet-rotation-over"));
    steer(&world, &fleet, "retire").await;
    until(&world, &fleet, &[("cancelled", 4), ("completed", 2)]).await;
    let n_dead = join_all(old.iter().map(|url| works(url))).await.iter().filter(|w| !**w).count();
    assert_eq!(n_dead, 2);
}

#[tokio::test]
async fn leaked_passwords_are_dead_and_their_connections_cut() {
    let world = world_with(3).await;
    let old: Vec<String> = join_all(names(3).iter().map(|name| url(&world, name))).await;
    let mut thief = TenantLogin::with_url(&old[0]).await.unwrap();
    let body = json!({ "selector": {}, "mode": "emergency", "reason": "INC-4712" });
    let fleet = start(&world, body).await;
    until(&world, &fleet, &[("completed", 3)]).await;
    thief.get("tenant-0:x").await.expect_err("the connection is cut");
    for url in &old {
        assert!(!works(url).await);
    }
}

#[tokio::test]
async fn a_member_whose_password_is_being_replaced_waits_for_that() {
    let world = world_with(2).await;
    let rotations = "/tenants/tenant-0/rotations";
    let other = world.send(Method::POST, rotations, json!({ "retire_when": "manual" })).await;
    let body = json!({ "selector": {}, "reason": "r", "grace_seconds": 0 });
    let fleet = start(&world, body).await;
    until(&world, &fleet, &[("completed", 1), ("waiting", 1)]).await;
    let waiting = members(&world, &fleet, "waiting").await;
    assert_eq!(waiting[0]["waits_for"], other.body["id"], "{waiting:?}");
    let retire = format!("{rotations}/{}/retire", other.body["id"].as_str().unwrap());
    world.send(Method::POST, &retire, json!({})).await;
    let done = until(&world, &fleet, &[("completed", 2)]).await;
    assert_eq!(done.body["state"], "completed");
    assert_eq!(world.get(rotations).await.body["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_emergency_of_many_does_not_wait_for_a_grace() {
    let world = world_with(2).await;
    let path = "/tenants/tenant-0/rotations";
    let grace = world.send(Method::POST, path, json!({ "retire_when": "manual" })).await;
    assert_eq!(grace.body["status"], "grace", "{grace:?}");
    let leaked = url(&world, "tenant-0").await;
    let body = json!({ "selector": {}, "reason": "INC-1", "mode": "emergency" });
    let fleet = start(&world, body).await;
    until(&world, &fleet, &[("completed", 2)]).await;
    assert!(!works(&leaked).await);
}

/// It waits for the end of another rotation, and is taken back before that.
#[tokio::test]
async fn a_queued_member_that_is_cancelled_is_over() {
    let world = world_with(1).await;
    hold_up_after(&world, 0);
    // Nor does what runs before it get out of its way.
    world.control().add_fault(Fault::before("UpdateSecretVersionStage").error("Throttling", 400));
    let running = world.request(Method::POST, "/tenants/tenant-0/rotations").json(&json!({}));
    assert_eq!(Answer::of(running).await.status, 202);
    while !world.control().calls().iter().any(|call| call.operation == "ModifyUser") {
        world.get("/tenants/tenant-0").await;
    }
    let body = json!({ "selector": {}, "reason": "INC-1", "mode": "emergency" });
    let fleet = start(&world, body).await;
    until(&world, &fleet, &[("running", 1)]).await;
    let queued = members(&world, &fleet, "running").await[0]["rotation_path"].clone();
    let cancel = format!("{}/cancel", queued.as_str().unwrap());
    let cancelled = Answer::of(world.request(Method::POST, &cancel)).await;
    assert_eq!(cancelled.body["status"], "cancelled", "{cancelled:?}");
    assert_eq!(world.get(&path_of(&fleet)).await.body["state"], "completed");
}

#[tokio::test]
async fn a_member_that_is_gone_when_its_turn_comes_is_skipped() {
    let world = world_with(2).await;
    hold_up_after(&world, 0);
    let body = json!({ "selector": {}, "reason": "r", "max_in_flight": 1, "grace_seconds": 0 });
    let fleet = start(&world, body).await;
    until(&world, &fleet, &[("running", 1), ("waiting", 1)]).await;
    let last = members(&world, &fleet, "waiting").await[0]["tenant"].clone();
    assert_eq!(world.delete(last.as_str().unwrap()).await.status, 204);
    world.control().clear_faults();
    let done = until(&world, &fleet, &[("completed", 1), ("skipped", 1)]).await;
    assert_eq!(done.body["state"], "completed", "{done:?}");
    let skipped = members(&world, &fleet, "skipped").await;
    assert_eq!((&skipped[0]["tenant"], &skipped[0]["skipped_because"]), (&last, &json!("gone")));
}

#[tokio::test]
async fn services_are_members_too_and_their_grace_can_be_ended() {
    let world = world_with(1).await;
    world.send(Method::POST, "/services", json!({ "name": "billing" })).await;
    let body = json!({ "selector": {}, "reason": "r", "retire_when": "manual" });
    let fleet = start(&world, body).await;
    until(&world, &fleet, &[("grace", 2)]).await;
    world.clock.advance(SignedDuration::from_hours(24));
    steer(&world, &fleet, "retire").await;
    let done = until(&world, &fleet, &[("completed", 2)]).await;
    assert_eq!(done.body["state"], "completed");
}

#[tokio::test]
async fn a_service_killed_again_and_again_rotates_everybody_exactly_once() {
    const TENANTS: usize = 8;
    let mut world = world_with(TENANTS).await;
    let old: Vec<String> = join_all(names(TENANTS).iter().map(|name| url(&world, name))).await;
    world.stop_service().await;
    world.control().change_settings(|settings| {
        let user_modify = Span::between_ms(10, 10);
        settings.latencies = Latencies { user_modify, ..Latencies::none() };
    });
    let client = Client::new();
    let ask = async |service: &ServiceProcess| {
        let body = json!({ "selector": {}, "reason": "r", "max_in_flight": 2, "grace_seconds": 0 });
        let post = client.post(format!("{}/rotations", service.url)).header("idempotency-key", "k");
        Answer::of(post.json(&body)).await
    };
    let before = world.control().calls().len();
    for kill_after_calls in [0, 9, 27, 45, 70] {
        let service = ServiceProcess::start(&world);
        assert_eq!(ask(&service).await.status, 202);
        while world.control().calls().len() < before + kill_after_calls {
            client.get(format!("{}/livez", service.url)).send().await.unwrap();
        }
        service.kill();
    }
    world.start_service().await;
    let fleets = world.get("/rotations").await;
    assert_eq!(fleets.body["items"].as_array().unwrap().len(), 1, "{fleets:?}");
    let fleet = Answer { body: fleets.body["items"][0].clone(), ..fleets };
    until(&world, &fleet, &[("completed", TENANTS as u64)]).await;
    let aws = world.aws().await;
    for (name, old) in names(TENANTS).iter().zip(&old) {
        assert!(!works(old).await && works(&url(&world, name).await).await, "{name}");
        let secret = aws.secret(&format!("ringfence/{name}"));
        assert_eq!(secret["Versions"].as_array().unwrap().len(), 2, "{name} has one new password");
    }
}
