//! Rotations: two passwords at once, proof by login, and an end of the old one.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, TenantLogin, World, on_both_engines};

const ROTATIONS: &str = "/tenants/acme/rotations";

/// Starts a rotation and waits for its grace or its end.
async fn rotate(world: &World, body: Value) -> Answer {
    world.send(Method::POST, ROTATIONS, body).await
}

fn path_of(rotation: &Answer) -> String {
    format!("{ROTATIONS}/{}", rotation.body["id"].as_str().unwrap())
}

async fn steer(world: &World, rotation: &Answer, wish: &str) -> Answer {
    world.send(Method::POST, &format!("{}/{wish}", path_of(rotation)), json!({})).await
}

/// The credentials that are handed out now.
async fn url(world: &World) -> String {
    let answer = world.get("/tenants/acme/credentials").await;
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

on_both_engines! {
    async fn both_passwords_work_until_the_grace_is_over_and_open_connections_stay(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        let old = url(&world).await;
        let mut open = TenantLogin::with_url(&old).await.unwrap();

        let grace = rotate(&world, json!({ "grace_seconds": 600 })).await;
        assert_eq!((grace.status, &grace.body["status"]), (200, &json!("grace")), "{grace:?}");
        let new = url(&world).await;
        assert_ne!(old, new);
        assert!(works(&old).await && works(&new).await);
        assert_eq!(world.aws().await.password_count("rf-acme"), 2);
        for step in ["create", "set", "test", "finish"] {
            assert!(grace.body["steps"][step].is_string(), "{step}: {grace:?}");
        }
        assert!(grace.body["steps"]["retire"].is_null());

        world.clock.advance(SignedDuration::from_secs(601));
        let done = steer(&world, &grace, "retire").await;
        assert_eq!((done.status, &done.body["status"]), (200, &json!("completed")), "{done:?}");
        assert!(!works(&old).await && works(&new).await);
        assert_eq!(world.aws().await.password_count("rf-acme"), 1);
        open.set("acme:still", "open").await.unwrap();
        let found = world.get("/tenants/acme/attestations").await;
        assert_eq!(found.body["items"].as_array().unwrap().len(), 2, "{found:?}");
    }

    async fn a_leaked_password_is_dead_and_its_connections_are_cut(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        world.create("globex").await;
        let old = url(&world).await;
        let mut thief = TenantLogin::with_url(&old).await.unwrap();
        let mut neighbour = world.login("globex").await;
        thief.get("acme:x").await.unwrap();

        let body = json!({ "mode": "emergency", "reason": "INC-4712: in a log" });
        let done = rotate(&world, body).await;
        assert_eq!((done.status, &done.body["status"]), (200, &json!("completed")), "{done:?}");
        thief.get("acme:x").await.expect_err("the connection is cut");
        assert!(!works(&old).await);
        assert!(works(&url(&world).await).await);
        neighbour.get("globex:x").await.expect("others are not cut");
    }

    async fn a_rotation_cancelled_before_its_promotion_ends_with_the_old_password(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        let old = url(&world).await;
        // Nothing gets through to ElastiCache until it is cancelled.
        let stuck = ringfence_simulator::Fault::before("ModifyUser").error("Throttling", 400);
        world.control().add_fault(stuck);
        let request = world.request(Method::POST, ROTATIONS).json(&json!({}));
        let running = Answer::of(request).await;
        assert_eq!((running.status, &running.body["status"]), (202, &json!("running")));
        world.until(&path_of(&running), |answer| answer.body["phase"] == "setting").await;

        let cancelled = Answer::of(world.request(
            Method::POST,
            &format!("{}/cancel", path_of(&running)),
        )).await;
        assert_eq!(cancelled.status, 202, "{cancelled:?}");
        world.control().clear_faults();
        let over = world.until(&path_of(&running), |it| it.body["status"] == "cancelled").await;
        assert!(over.body["steps"]["finish"].is_null(), "{over:?}");
        assert_eq!(url(&world).await, old);
        assert!(works(&old).await);
        let aws = world.aws().await;
        assert_eq!(aws.password_count("rf-acme"), 1);
        assert!(!aws.secret("ringfence/acme").to_string().contains("AWSPENDING"));

        // And the next one is not in the way of what is left.
        let next = rotate(&world, json!({ "grace_seconds": 0 })).await;
        world.until(&path_of(&next), |it| it.body["status"] == "completed").await;
        assert!(!works(&old).await);
    }
}

#[tokio::test]
async fn only_one_rotation_of_a_user_runs_at_a_time_and_the_refusal_names_it() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    let first = rotate(&world, json!({ "retire_when": "manual" })).await;
    let second = rotate(&world, json!({})).await;
    assert_eq!(second.status, 409, "{second:?}");
    assert_eq!(second.body["type"], "/problems/rotation-running");
    assert_eq!(second.body["conflicts_with"], path_of(&first));
    let again = rotate(&world, json!({ "user": "nobody" })).await;
    assert_eq!(again.body["type"], "/problems/user-not-found", "{again:?}");
}

#[tokio::test]
async fn the_same_request_twice_starts_one_rotation() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    let ask = || async {
        let request = world.request(Method::POST, ROTATIONS).header("idempotency-key", "k1");
        Answer::of(request.header("prefer", "wait=60").json(&json!({}))).await
    };
    let (first, second) = (ask().await, ask().await);
    assert_eq!(first.body["id"], second.body["id"]);
    assert_eq!(second.headers["idempotency-replayed"], "true");
    let list = world.get(ROTATIONS).await;
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_old_password_waits_for_all_who_are_expected_to_acknowledge() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    let body = json!({ "grace_seconds": 60, "expected_consumers": ["checkout", "worker"] });
    let grace = rotate(&world, body).await;
    assert_eq!(grace.body["retire_when"], "acks", "{grace:?}");
    let acks = format!("{}/acks", path_of(&grace));
    world.send(Method::POST, &acks, json!({ "consumer": "checkout" })).await;
    world.clock.advance(SignedDuration::from_secs(61));
    let told = world.send(Method::POST, &acks, json!({ "consumer": "checkout" })).await;
    assert_eq!(told.body["acknowledged"].as_array().unwrap().len(), 1, "{told:?}");
    assert_eq!(told.body["status"], "grace");
    world.send(Method::POST, &acks, json!({ "consumer": "worker" })).await;
    world.until(&path_of(&grace), |it| it.body["status"] == "completed").await;
}

/// Before the new password is current nobody can have read it.
#[tokio::test]
async fn nobody_acknowledges_what_is_not_there_yet_and_strangers_are_few() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    let stuck = ringfence_simulator::Fault::before("ModifyUser").error("Throttling", 400);
    world.control().add_fault(stuck);
    let body = json!({ "grace_seconds": 60, "expected_consumers": ["checkout"] });
    let running = Answer::of(world.request(Method::POST, ROTATIONS).json(&body)).await;
    let acks = format!("{}/acks", path_of(&running));
    let early = world.send(Method::POST, &acks, json!({ "consumer": "checkout" })).await;
    assert_eq!(early.body["type"], "/problems/rotation-not-promoted", "{early:?}");

    world.control().clear_faults();
    world.until(&path_of(&running), |it| it.body["status"] == "grace").await;
    for stranger in 0..32 {
        let told = world.send(Method::POST, &acks, json!({ "consumer": stranger.to_string() }));
        assert_eq!(told.await.status, 200);
    }
    let one_more = world.send(Method::POST, &acks, json!({ "consumer": "one more" })).await;
    assert_eq!(one_more.body["errors"][0]["pointer"], "/consumer", "{one_more:?}");
    let expected = world.send(Method::POST, &acks, json!({ "consumer": "checkout" })).await;
    assert_eq!(expected.status, 200, "{expected:?}");
}

/// What has leaked must go now, whatever else is under way.
#[tokio::test]
async fn an_emergency_ends_what_runs_and_begins_when_that_is_over() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    let first = url(&world).await;
    let grace = rotate(&world, json!({ "retire_when": "manual" })).await;
    let second = url(&world).await;
    let emergency = json!({ "mode": "emergency", "reason": "INC-1" });
    let done = rotate(&world, emergency.clone()).await;
    assert_eq!(done.body["status"], "completed", "{done:?}");
    assert_eq!(world.get(&path_of(&grace)).await.body["status"], "completed");
    assert!(!works(&first).await && !works(&second).await);
    assert!(works(&url(&world).await).await);

    // Two emergencies at once are one too many.
    let stuck = ringfence_simulator::Fault::before("ModifyUser").error("Throttling", 400);
    world.control().add_fault(stuck);
    let running = Answer::of(world.request(Method::POST, ROTATIONS).json(&json!({}))).await;
    let waits = Answer::of(world.request(Method::POST, ROTATIONS).json(&emergency)).await;
    let refused = rotate(&world, emergency).await;
    assert_eq!(refused.body["conflicts_with"], path_of(&waits), "{refused:?}");
    world.control().clear_faults();
    world.until(&path_of(&waits), |it| it.body["status"] == "completed").await;
    assert_eq!(world.get(&path_of(&running)).await.body["status"], "cancelled");
}

/// Its pending version is nobody's, and the next rotation's takes its place.
#[tokio::test]
async fn a_failed_rotation_does_not_stand_in_the_way_of_the_next() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    let secrets = world.secrets_manager();
    let read = || secrets.get_secret_value().secret_id("ringfence/acme").send();
    let good = read().await.unwrap();
    let stuck = ringfence_simulator::Fault::before("ModifyUser").error("Throttling", 400);
    world.control().add_fault(stuck);
    let running = Answer::of(world.request(Method::POST, ROTATIONS).json(&json!({}))).await;
    world.until(&path_of(&running), |it| it.body["phase"] == "setting").await;
    let stage = || {
        let stage = secrets.update_secret_version_stage().secret_id("ringfence/acme");
        stage.version_stage("AWSCURRENT")
    };
    let put = secrets.put_secret_value().secret_id("ringfence/acme");
    let hand_made = put.secret_string(good.secret_string().unwrap()).send().await.unwrap();
    world.control().clear_faults();
    let failed = world.until(&path_of(&running), |it| it.body["status"] == "failed").await;
    assert_eq!(failed.body["problem"]["type"], "/problems/secret-changed", "{failed:?}");
    let back = stage().remove_from_version_id(hand_made.version_id().unwrap());
    back.move_to_version_id(good.version_id().unwrap()).send().await.unwrap();

    let next = rotate(&world, json!({ "grace_seconds": 0 })).await;
    world.until(&path_of(&next), |it| it.body["status"] == "completed").await;
}

/// Two rotations of one secret undo each other.
#[tokio::test]
async fn a_secret_that_aws_rotates_is_refused_with_the_remedy() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    let old = url(&world).await;
    let theirs = world.secrets_manager().rotate_secret().secret_id("ringfence/acme");
    let function = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
    let theirs = theirs.rotation_lambda_arn(function).rotate_immediately(false);
    let rules = aws_sdk_secretsmanager::types::RotationRulesType::builder();
    theirs.rotation_rules(rules.automatically_after_days(30).build()).send().await.unwrap();

    let failed = rotate(&world, json!({})).await;
    assert_eq!(failed.body["problem"]["type"], "/problems/secret-rotated-elsewhere", "{failed:?}");
    assert!(failed.body["problem"]["detail"].as_str().unwrap().contains("CancelRotateSecret"));
    assert_eq!(url(&world).await, old);
    let cancel = world.secrets_manager().cancel_rotate_secret().secret_id("ringfence/acme");
    cancel.send().await.unwrap();
    assert_eq!(rotate(&world, json!({})).await.body["status"], "grace");
}

/// A restored secret has the labels that it had.
#[tokio::test]
async fn a_label_that_an_earlier_life_has_left_stands_in_nobodys_way() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    let stuck = ringfence_simulator::Fault::before("ModifyUser").error("Throttling", 400);
    world.control().add_fault(stuck);
    let running = Answer::of(world.request(Method::POST, ROTATIONS).json(&json!({}))).await;
    world.until(&path_of(&running), |it| it.body["phase"] == "setting").await;
    assert_eq!(world.delete("acme").await.status, 204);
    world.control().clear_faults();
    let again = world.create_as(json!({ "name": "acme", "inherit_keys": true })).await;
    assert_eq!(again.body["status"], "active", "{again:?}");
    assert!(world.aws().await.secret("ringfence/acme").to_string().contains("AWSPENDING"));
    let next = rotate(&world, json!({ "grace_seconds": 0 })).await;
    world.until(&path_of(&next), |it| it.body["status"] == "completed").await;
}

#[tokio::test]
async fn the_grace_ends_by_itself() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    let grace = rotate(&world, json!({ "grace_seconds": 60 })).await;
    assert_eq!(grace.body["status"], "grace");
    world.clock.advance(SignedDuration::from_secs(61));
    // The worker is told of nothing: it looks at the time by itself.
    world.create("globex").await;
    world.until(&path_of(&grace), |it| it.body["status"] == "completed").await;
}

#[tokio::test]
async fn a_secret_changed_by_hand_is_told_and_not_overwritten() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    let theirs = json!({ "username": "acme", "password": "by-hand-0123456789" }).to_string();
    let put = world.secrets_manager().put_secret_value().secret_id("ringfence/acme");
    put.secret_string(&theirs).send().await.unwrap();

    let failed = rotate(&world, json!({})).await;
    assert_eq!(failed.body["status"], "failed", "{failed:?}");
    assert_eq!(failed.body["problem"]["type"], "/problems/secret-changed", "{failed:?}");
    let read = world.secrets_manager().get_secret_value().secret_id("ringfence/acme");
    assert_eq!(read.send().await.unwrap().secret_string.unwrap(), theirs);
}

/// What AWS's own rotation function does: two passwords at ElastiCache, then the label.
#[tokio::test]
async fn a_secret_that_somebody_else_rotated_in_order_is_understood() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    let old = url(&world).await;
    let secrets = world.secrets_manager();
    let read = secrets.get_secret_value().secret_id("ringfence/acme").send().await.unwrap();
    let mut value: Value = serde_json::from_str(read.secret_string().unwrap()).unwrap();
    let before = value["password"].as_str().unwrap().to_owned();
    value["password"] = json!("rotated-elsewhere-0123456789");
    let change = world.elasticache().modify_user().user_id("rf-acme");
    change.passwords("rotated-elsewhere-0123456789").passwords(before).send().await.unwrap();
    let put = secrets.put_secret_value().secret_id("ringfence/acme");
    put.secret_string(value.to_string()).send().await.unwrap();
    assert_ne!(url(&world).await, old);

    let next = rotate(&world, json!({ "grace_seconds": 0 })).await;
    world.until(&path_of(&next), |it| it.body["status"] == "completed").await;
    assert!(!works(&old).await && works(&url(&world).await).await);
}

#[tokio::test]
async fn what_cannot_be_asked_of_a_rotation_is_named() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    for (body, pointer) in [
        (json!({ "mode": "emergency" }), "/reason"),
        (json!({ "mode": "emergency", "reason": "r", "grace_seconds": 1 }), "/grace_seconds"),
        (json!({ "grace_seconds": 604_801 }), "/grace_seconds"),
        (json!({ "retire_when": "acks" }), "/expected_consumers"),
        (json!({ "retire_when": "time", "expected_consumers": ["a"] }), "/retire_when"),
        (json!({ "expected_consumers": [""] }), "/expected_consumers/0"),
        (json!({ "user": "A" }), "/user"),
    ] {
        let refused = rotate(&world, body.clone()).await;
        assert_eq!(refused.status, 400, "{body}: {refused:?}");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{body}: {refused:?}");
    }
    let late = rotate(&world, json!({ "grace_seconds": 0 })).await;
    world.until(&path_of(&late), |it| it.body["status"] == "completed").await;
    let refused = steer(&world, &late, "cancel").await;
    assert_eq!(refused.body["type"], "/problems/rotation-too-far", "{refused:?}");
}

#[tokio::test]
async fn a_user_that_is_deleted_takes_its_rotation_with_it() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    world.create("acme").await;
    rotate(&world, json!({ "retire_when": "manual" })).await;
    assert_eq!(world.delete("acme").await.status, 204);
    let again = world.create_as(json!({ "name": "acme", "inherit_keys": true })).await;
    assert_eq!(again.body["status"], "active", "{again:?}");
    let next = rotate(&world, json!({ "grace_seconds": 0 })).await;
    world.until(&path_of(&next), |it| it.body["status"] == "completed").await;
}
