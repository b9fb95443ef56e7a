//! Schedules: passwords that are replaced by themselves.

use std::{num::NonZeroU64, time::Duration};

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use ringfence::{
    clock::Clock as _,
    config::Config,
    domain::{ProfileName, RetirementGate},
};
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use crate::world::{Answer, World};

const DAY: i64 = 24 * 3600;
const HOUR: i64 = 3600;

/// A world whose workers look at the time by themselves.
async fn world(change: impl FnOnce(&mut Config)) -> World {
    World::with(EngineKind::Valkey, |config| {
        config.reconciler.period = Duration::from_millis(20);
        config.rotation.grace = Duration::from_hours(1);
        change(config);
    })
    .await
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap_or_else(|| panic!("{value} is no time")).parse().unwrap()
}

/// When the main user of a tenant or service is due.
fn due(answer: &Answer) -> Option<Timestamp> {
    let due = &answer.body["users"][0]["rotation_due_at"];
    (!due.is_null()).then(|| time(due))
}

/// The rotations of a tenant, newest first.
async fn rotations(world: &World, name: &str) -> Vec<Value> {
    let answer = world.get(&format!("/tenants/{name}/rotations")).await;
    answer.body["items"].as_array().unwrap().clone()
}

/// Puts the clock to a time.
fn advance_to(world: &World, time: Timestamp) {
    let wait = time.duration_since(world.clock.now()).as_secs() + 1;
    world.clock.advance(SignedDuration::from_secs(wait));
}

/// Waits until a pass that has begun after this call is over.
async fn pass(world: &World, name: &str) {
    assert_eq!(world.create(name).await.status, 201);
    assert_eq!(world.delete(name).await.status, 204);
}

async fn patch(world: &World, name: &str, body: Value) -> Answer {
    world.send(Method::PATCH, &format!("/tenants/{name}"), body).await
}

#[tokio::test]
async fn a_tenant_is_rotated_by_itself_when_its_time_comes_and_not_before() {
    let world = world(|_| {}).await;
    let made = world.create_as(json!({ "name": "acme", "rotate_every_seconds": 30 * DAY })).await;
    assert_eq!(made.body["rotate_every_seconds"], 30 * DAY, "{made:?}");
    let first = due(&made).unwrap();
    let age = first.duration_since(time(&made.body["created_at"])).as_secs();
    assert!(27 * DAY < age && age <= 30 * DAY + 60, "{age}");

    advance_to(&world, first - SignedDuration::from_secs(120));
    pass(&world, "globex").await;
    assert_eq!(rotations(&world, "acme").await.len(), 0);

    advance_to(&world, first);
    let promoted = world.until("/tenants/acme", |it| due(it).unwrap() > first).await;
    let rotation = &rotations(&world, "acme").await[0];
    assert_eq!(
        (&rotation["started_by"], &rotation["mode"]),
        (&json!("schedule"), &json!("overlap"))
    );
    assert_eq!((&rotation["status"], &rotation["grace_seconds"]), (&json!("grace"), &json!(HOUR)));
    let age = due(&promoted).unwrap().duration_since(time(&rotation["steps"]["finish"]));
    assert!(27 * DAY <= age.as_secs() && age.as_secs() <= 30 * DAY, "{age}");
    assert_ne!(made.headers["etag"], promoted.headers["etag"]);

    world.clock.advance(SignedDuration::from_secs(HOUR));
    let path = format!("/tenants/acme/rotations/{}", rotation["id"].as_str().unwrap());
    world.until(&path, |it| it.body["status"] == "completed").await;
    pass(&world, "initech").await;
    assert_eq!(rotations(&world, "acme").await.len(), 1);
}

#[tokio::test]
async fn a_patch_moves_the_time_and_null_leaves_it_to_the_settings() {
    let world = world(|_| {}).await;
    let made = world.create("acme").await;
    assert_eq!((due(&made), &made.body["rotate_every_seconds"]), (None, &Value::Null));
    let daily = patch(&world, "acme", json!({ "rotate_every_seconds": DAY })).await;
    assert_eq!(
        (daily.status, &daily.body["rotate_every_seconds"]),
        (200, &json!(DAY)),
        "{daily:?}"
    );
    assert_ne!(made.headers["etag"], daily.headers["etag"]);
    let other = patch(&world, "acme", json!({ "labels": { "team": "checkout" } })).await;
    assert_eq!(due(&other), due(&daily), "what is not named stays");
    let weekly = patch(&world, "acme", json!({ "rotate_every_seconds": 7 * DAY })).await;
    assert!(due(&weekly) > due(&daily), "{weekly:?}");
    let never = patch(&world, "acme", json!({ "rotate_every_seconds": null })).await;
    assert_eq!((due(&never), &never.body["rotate_every_seconds"]), (None, &Value::Null));
    for bad in [json!(0), json!(3599), json!(315_360_001), json!("1d")] {
        let refused = patch(&world, "acme", json!({ "rotate_every_seconds": bad })).await;
        assert_eq!(refused.body["errors"][0]["pointer"], "/rotate_every_seconds", "{refused:?}");
        let body = json!({ "name": "globex", "rotate_every_seconds": bad });
        let refused = world.create_as(body).await;
        assert_eq!(refused.body["errors"][0]["pointer"], "/rotate_every_seconds", "{refused:?}");
    }
}

#[tokio::test]
async fn a_schedule_is_a_part_of_what_is_asked_for() {
    let world = world(|_| {}).await;
    let body = json!({ "name": "acme", "rotate_every_seconds": DAY });
    assert_eq!(world.create_as(body.clone()).await.status, 201);
    assert_eq!(world.create_as(body).await.status, 200);
    assert_eq!(world.create("acme").await.problem(), "tenant-name-taken");
}

#[tokio::test]
async fn tenants_are_listed_by_when_they_are_due() {
    let world = world(|_| {}).await;
    world.create("never").await;
    for (name, days) in [("daily", 1), ("weekly", 7), ("monthly", 30)] {
        world.create_as(json!({ "name": name, "rotate_every_seconds": days * DAY })).await;
    }
    let in_days = |days| world.clock.now() + SignedDuration::from_secs(days * DAY);
    let names = async |query: String| {
        let answer = world.get(&format!("/tenants?{query}")).await;
        let items = answer.body["items"].as_array().unwrap_or_else(|| panic!("{answer:?}")).clone();
        let names = items.iter().map(|item| item["name"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), answer.body["next_page_token"].clone())
    };
    let before = |days| format!("rotation_due_before={}", in_days(days));
    assert_eq!(names(before(0)).await.0, Vec::<String>::new());
    assert_eq!(names(before(2)).await.0, ["daily"]);
    assert_eq!(names(before(8)).await.0, ["daily", "weekly"]);
    let filter = before(31);
    let (page, token) = names(format!("{filter}&limit=2")).await;
    assert_eq!(page, ["daily", "weekly"]);
    let token = token.as_str().unwrap();
    assert_eq!(names(format!("{filter}&limit=2&page_token={token}")).await.0, ["monthly"]);
    let other = world.get(&format!("/tenants?limit=2&page_token={token}")).await;
    assert_eq!(other.problem(), "invalid-page-token");
    let refused = world.get("/tenants?rotation_due_before=tomorrow").await;
    assert_eq!((refused.status, refused.problem()), (400, "invalid-query"));
}

#[tokio::test]
async fn changed_settings_are_in_force_after_a_restart() {
    let mut world = world(|_| {}).await;
    let made = world.create("acme").await;
    world.create_as(json!({ "name": "globex", "rotate_every_seconds": DAY })).await;
    let own = due(&world.get("/tenants/globex").await);
    for (every, of_profile, days) in
        [(Some("30d"), None, Some(30)), (Some("30d"), Some("5d"), Some(5)), (None, None, None)]
    {
        world.stop_service().await;
        world.config.rotation.every = every.map(|every| every.parse().unwrap());
        let of_profile = of_profile.map(|every: &str| every.parse().unwrap());
        world.config.rotation.profiles =
            of_profile.into_iter().map(|every| (ProfileName::default(), every)).collect();
        world.start_service().await;
        let acme = world.get("/tenants/acme").await;
        let age = due(&acme).map(|at| at.duration_since(time(&made.body["created_at"])).as_hours());
        let longest = days.map(|days| days * 24);
        assert!(age <= longest && age >= longest.map(|hours| hours * 9 / 10), "{age:?} {days:?}");
        assert_ne!(acme.headers["etag"], made.headers["etag"]);
        assert_eq!(due(&world.get("/tenants/globex").await), own, "its own comes first");
    }
}

#[tokio::test]
async fn a_failed_rotation_is_not_begun_again_at_once() {
    let world = world(|_| {}).await;
    let made = world.create_as(json!({ "name": "acme", "rotate_every_seconds": DAY })).await;
    let theirs = json!({ "username": "acme", "password": "by-hand-0123456789" }).to_string();
    let put = world.secrets_manager().put_secret_value().secret_id("ringfence/acme");
    put.secret_string(&theirs).send().await.unwrap();
    let mut at = due(&made).unwrap();
    for (failures, pause) in [(1, HOUR), (2, 2 * HOUR)] {
        advance_to(&world, at);
        let failed = world.until("/tenants/acme", |it| due(it).unwrap() > at).await;
        let rotations_now = rotations(&world, "acme").await;
        assert_eq!(
            (rotations_now.len(), &rotations_now[0]["status"]),
            (failures, &json!("failed"))
        );
        let ended = time(&rotations_now[0]["phase_since"]);
        at = due(&failed).unwrap();
        assert_eq!(at.duration_since(ended).as_secs(), pause);
        advance_to(&world, at - SignedDuration::from_secs(120));
        pass(&world, &format!("other{failures}")).await;
        assert_eq!(rotations(&world, "acme").await.len(), failures);
    }
}

/// How many tenants have a rotation.
async fn begun(world: &World, tenants: usize) -> usize {
    let mut count = 0;
    for i in 0..tenants {
        count += rotations(world, &format!("t{i}")).await.len();
    }
    count
}

#[tokio::test]
async fn after_a_long_stop_so_many_are_on_their_way_at_once_and_so_many_begin_in_a_minute() {
    const TENANTS: usize = 6;
    let mut world = world(|config| {
        config.rotation.every = Some("30d".parse().unwrap());
        config.rotation.in_flight = NonZeroU64::new(2).unwrap();
        config.rotation.starts_per_minute = NonZeroU64::new(4).unwrap();
    })
    .await;
    for i in 0..TENANTS {
        world.create(&format!("t{i}")).await;
    }
    world.stop_service().await;
    world.clock.advance(SignedDuration::from_secs(100 * DAY));
    world.control().add_fault(Fault::before("PutSecretValue").error("ThrottlingException", 400));
    world.start_service().await;
    while begun(&world, TENANTS).await < 2 {}
    pass(&world, "globex").await;
    assert_eq!(begun(&world, TENANTS).await, 2, "two do not come on, and the others wait");

    world.control().clear_faults();
    while begun(&world, TENANTS).await < 4 {}
    for i in 0..TENANTS {
        let path = format!("/tenants/t{i}/rotations");
        world.until(&path, |it| it.body["items"][0]["status"] != "running").await;
    }
    pass(&world, "initech").await;
    assert_eq!(begun(&world, TENANTS).await, 4, "that is all for this minute");

    world.clock.advance(SignedDuration::from_secs(60));
    while begun(&world, TENANTS).await < TENANTS {}
    let puts = world.control().calls();
    let puts = puts.iter().filter(|call| call.operation == "PutSecretValue");
    let mut secrets: Vec<_> = puts
        .filter(|call| call.fault.is_none())
        .map(|call| call.parameters["SecretId"].to_string())
        .collect();
    let count = secrets.len();
    secrets.sort();
    secrets.dedup();
    assert_eq!(secrets.len(), count, "no secret was written twice");
}

#[tokio::test]
async fn services_have_schedules_and_wait_for_time_alone_and_sessions_have_none() {
    let world = world(|config| {
        config.rotation.every = Some("1d".parse().unwrap());
        config.caches[0].retirement = RetirementGate::Manual;
    })
    .await;
    let body = json!({ "name": "billing", "rotate_every_seconds": 2 * DAY });
    let billing = world.send(Method::POST, "/services", body).await;
    world.create("acme").await;
    let open = json!({ "reason": "INC-7", "ttl_seconds": 3600 });
    let session = world.send(Method::POST, "/break-glass", open).await;
    assert_eq!(due(&session), None, "{session:?}");
    let path = format!("/break-glass/{}/credentials", session.body["name"].as_str().unwrap());
    let credentials = world.get(&path).await;
    assert_eq!(credentials.body["expires_at"], session.body["expires_at"], "{credentials:?}");

    let first = due(&billing).unwrap();
    advance_to(&world, first);
    world.until("/services/billing", |it| due(it).unwrap() > first).await;
    world.until("/tenants/acme/rotations", |it| it.body["items"][0]["status"] == "grace").await;
    world.clock.advance(SignedDuration::from_secs(HOUR + 1));
    let end = ("rotation.changed".to_owned(), "completed".to_owned());
    while !world.recorded("billing").await.contains(&end) {}
    assert_eq!(rotations(&world, "acme").await[0]["status"], "grace", "somebody has to say so");
}

#[tokio::test]
async fn credentials_say_how_long_they_last() {
    let world = world(|_| {}).await;
    let credentials = async || world.get("/tenants/acme/credentials").await.body;
    world.create("acme").await;
    let endless = credentials().await;
    assert!(endless["expires_at"].is_null() && endless["renew_before"].is_null(), "{endless}");

    let daily = patch(&world, "acme", json!({ "rotate_every_seconds": DAY })).await;
    let scheduled = credentials().await;
    let at = due(&daily).unwrap();
    assert_eq!(time(&scheduled["expires_at"]), at + SignedDuration::from_secs(HOUR));
    assert_eq!(time(&scheduled["renew_before"]), at + SignedDuration::from_secs(HOUR / 2));

    // Nothing gets through to ElastiCache, so that the rotation stays before its promotion.
    world.control().add_fault(Fault::before("ModifyUser").error("Throttling", 400));
    let request = world.request(Method::POST, "/tenants/acme/rotations");
    let started = Answer::of(request.json(&json!({ "grace_seconds": 600 }))).await;
    assert_eq!(started.body["started_by"], "request", "{started:?}");
    let before = world.clock.now();
    let running = credentials().await;
    let (expires_at, after) = (time(&running["expires_at"]), world.clock.now());
    let grace = SignedDuration::from_secs(600);
    assert!(before + grace <= expires_at && expires_at <= after + grace, "{running}");

    world.control().clear_faults();
    world.until("/tenants/acme/rotations", |it| it.body["items"][0]["status"] == "grace").await;
    let renewed = credentials().await;
    assert_ne!(renewed["password"], scheduled["password"]);
    assert!(time(&renewed["expires_at"]) >= time(&scheduled["expires_at"]), "{renewed}");
}
