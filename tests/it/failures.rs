//! Every call to AWS fails, before and after its effect, and the work still ends as it should.
//!
//! The calls are not listed here: a clean run discovers them, and then the same run is made once
//! for each of them and each way of failing.

use std::time::Duration;

use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::{CallRecord, Fault};
use serde_json::{Value, json};

use crate::{
    suspension::live_with_a_suspension,
    world::{TenantLogin, World, code, on_both_engines},
};

/// More than the calls of any life below; the loop ends at the first fault that never strikes.
const CALLS_MAX: u32 = 200;

/// A tenant is made, deleted, and made again, so that restoring its secret is covered too.
async fn live(world: &World) {
    let created = world.create("acme").await;
    assert_eq!(created.body["status"], "active", "{created:?}");
    assert_eq!(world.delete("acme").await.status, 204);
    let again = world.create_as(json!({ "name": "acme", "inherit_keys": true })).await;
    assert_eq!(again.body["status"], "active", "{again:?}");
}

/// A tenant gets another user, other rights, and loses the user again.
async fn live_with_users(world: &World) {
    let created = world.create("acme").await;
    assert_eq!(created.body["status"], "active", "{created:?}");
    let path = "/tenants/acme/users/queue";
    let put = world.send(Method::PUT, path, json!({ "profile": "queue" })).await;
    assert_eq!(put.body["status"], "active", "{put:?}");
    let other = json!({ "profile": "cache" });
    let patched = world.send(Method::PATCH, "/tenants/acme", other).await;
    assert_eq!(patched.status, 200, "{patched:?}");
    assert_eq!(world.remove(path).await.status, 204);
}

/// A session is opened and closed.
async fn live_with_a_session(world: &World) {
    let session = json!({ "reason": "INC-1" });
    let opened = world.send(Method::POST, "/break-glass", session).await;
    assert_eq!(opened.body["status"], "active", "{opened:?}");
    assert_eq!(world.remove(opened.headers["location"].to_str().unwrap()).await.status, 204);
}

/// A tenant of IAM is given a password, until its first user is gone.
async fn live_with_iam(world: &World) {
    let created = world.create_as(json!({ "name": "acme", "auth": "iam" })).await;
    assert_eq!(created.body["status"], "active", "{created:?}");
    let patch = json!({ "auth": "password" });
    let patched = world.send(Method::PATCH, "/tenants/acme", patch).await;
    assert_eq!((patched.status, &patched.body["auth"]), (200, &json!("password")), "{patched:?}");
    let is_over = |body: &Value| body["auth_change"].is_null() && body["status"] == "active";
    world.until("/tenants/acme", |tenant| is_over(&tenant.body)).await;
}

/// A password is replaced when its time is over, in a hurry, and when somebody says so.
async fn live_with_rotations(world: &World) {
    let created = world.create("acme").await;
    assert_eq!(created.body["status"], "active", "{created:?}");
    let path = "/tenants/acme/rotations";
    for body in [
        json!({ "grace_seconds": 0 }),
        json!({ "mode": "emergency", "reason": "INC-1" }),
        json!({ "retire_when": "manual" }),
    ] {
        let rotation = world.send(Method::POST, path, body).await;
        assert!(rotation.status == 202 || rotation.status == 200, "{rotation:?}");
        let path = format!("{path}/{}", rotation.body["id"].as_str().unwrap());
        let rotation = world.send(Method::POST, &format!("{path}/retire"), json!({})).await;
        assert_eq!(rotation.body["status"], "completed", "{rotation:?}");
    }
}

/// What a world goes through.
#[derive(Clone, Copy)]
enum Life {
    Tenant,
    Users,
    Session,
    Iam,
    Rotations,
    Suspension,
}

impl Life {
    async fn live(self, world: &World) {
        match self {
            Self::Tenant => live(world).await,
            Self::Users => Box::pin(live_with_users(world)).await,
            Self::Session => live_with_a_session(world).await,
            Self::Rotations => Box::pin(live_with_rotations(world)).await,
            Self::Iam => live_with_iam(world).await,
            Self::Suspension => Box::pin(live_with_a_suspension(world)).await,
        }
    }

    async fn world(self, kind: EngineKind) -> World {
        match self {
            Self::Iam => {
                World::with_iam(kind, |config| config.rotation.grace = Duration::ZERO).await
            }
            Self::Tenant | Self::Users | Self::Session | Self::Rotations | Self::Suspension => {
                World::new(kind).await
            }
        }
    }

    async fn clean_end(self, kind: EngineKind) -> Value {
        let world = self.world(kind).await;
        self.live(&world).await;
        world.aws().await.shape()
    }
}

/// Lives once for each call, with `fault` striking that call.
async fn fail_each_call(life: Life, kind: EngineKind, fault: fn() -> Fault) {
    let clean = Box::pin(life.clean_end(kind)).await;
    for skipped in 0..CALLS_MAX {
        let fault = fault().skipping(skipped).times(1);
        if !Box::pin(live_with(life, kind, fault, &clean)).await {
            assert!(skipped > 8, "only {skipped} calls were struck");
            return;
        }
    }
    panic!("a life took more than {CALLS_MAX} calls");
}

/// Lives with a fault, and answers whether it struck.
async fn live_with(life: Life, kind: EngineKind, fault: Fault, clean: &Value) -> bool {
    let world = life.world(kind).await;
    world.control().add_fault(fault);
    life.live(&world).await;
    let calls = world.control().calls();
    let Some(struck) = calls.iter().find(|call| call.fault.is_some()) else { return false };
    assert_same_end(&world, clean, struck).await;
    true
}

async fn assert_same_end(world: &World, clean: &Value, struck: &CallRecord) {
    let at = format!("{} (call {}) was struck", struck.operation, struck.seq);
    assert_eq!(&world.aws().await.shape(), clean, "{at}");
    if world.get("/tenants/acme").await.status == 404 {
        return;
    }
    let mut acme = world.login("acme").await;
    acme.set("acme:x", "1").await.expect(&at);
    let refused = acme.run(&["GET", "other:x"]).await.expect_err(&at);
    assert_eq!(code(&refused), "NOPERM", "{at}");
}

on_both_engines! {
    /// The request never arrives.
    async fn a_call_lost_before_its_effect_changes_nothing(kind) {
        fail_each_call(Life::Tenant, kind, || Fault::before("*")).await;
    }

    /// The answer never arrives.
    async fn a_call_lost_after_its_effect_changes_nothing(kind) {
        fail_each_call(Life::Tenant, kind, || Fault::after("*")).await;
    }
}

/// AWS asks for fewer calls.
#[tokio::test]
async fn a_throttled_call_changes_nothing() {
    fail_each_call(Life::Tenant, EngineKind::Valkey, || {
        Fault::before("*").error("Throttling", 400)
    })
    .await;
}

/// AWS fails by itself, after it has done what was asked.
#[tokio::test]
async fn a_call_that_fails_on_awss_side_after_its_effect_changes_nothing() {
    fail_each_call(Life::Tenant, EngineKind::Valkey, || {
        Fault::after("*").error("InternalFailure", 500)
    })
    .await;
}

#[tokio::test]
async fn a_call_for_a_further_user_lost_before_its_effect_changes_nothing() {
    fail_each_call(Life::Users, EngineKind::Valkey, || Fault::before("*")).await;
}

#[tokio::test]
async fn a_call_for_a_further_user_lost_after_its_effect_changes_nothing() {
    fail_each_call(Life::Users, EngineKind::Valkey, || Fault::after("*")).await;
}

#[tokio::test]
async fn a_call_for_a_session_lost_before_its_effect_changes_nothing() {
    fail_each_call(Life::Session, EngineKind::Valkey, || Fault::before("*")).await;
}

#[tokio::test]
async fn a_call_for_a_session_lost_after_its_effect_changes_nothing() {
    fail_each_call(Life::Session, EngineKind::Valkey, || Fault::after("*")).await;
}

#[tokio::test]
async fn a_call_for_another_way_to_authenticate_lost_before_its_effect_changes_nothing() {
    fail_each_call(Life::Iam, EngineKind::Valkey, || Fault::before("*")).await;
}

#[tokio::test]
async fn a_call_for_another_way_to_authenticate_lost_after_its_effect_changes_nothing() {
    fail_each_call(Life::Iam, EngineKind::Valkey, || Fault::after("*")).await;
}

#[tokio::test]
async fn a_call_of_a_rotation_lost_before_its_effect_changes_nothing() {
    fail_each_call(Life::Rotations, EngineKind::Valkey, || Fault::before("*")).await;
}

#[tokio::test]
async fn a_call_of_a_rotation_lost_after_its_effect_changes_nothing() {
    fail_each_call(Life::Rotations, EngineKind::Valkey, || Fault::after("*")).await;
}

#[tokio::test]
async fn a_call_of_a_suspension_lost_before_its_effect_changes_nothing() {
    fail_each_call(Life::Suspension, EngineKind::Valkey, || Fault::before("*")).await;
}

#[tokio::test]
async fn a_call_of_a_suspension_lost_after_its_effect_changes_nothing() {
    fail_each_call(Life::Suspension, EngineKind::Valkey, || Fault::after("*")).await;
}

/// The permission comes back by itself; nobody asks again.
#[tokio::test]
async fn a_denied_call_is_told_and_tried_again() {
    let world = World::new(EngineKind::Valkey).await;
    world.control().add_fault(Fault::before("CreateUser").error("AccessDenied", 403).times(3));
    let created = world.create("acme").await;
    assert_eq!(created.body["status"], "active", "{created:?}");
}

/// What AWS refuses for good blocks the tenant, says why, and is taken up again when asked again.
#[tokio::test]
async fn a_refused_tenant_is_blocked_until_it_is_asked_for_again() {
    let world = World::new(EngineKind::Valkey).await;
    let fault = Fault::before("CreateUser").error("InvalidParameterValue", 400).times(1);
    world.control().add_fault(fault);
    let blocked = world.create("acme").await;
    assert_eq!((blocked.status, &blocked.body["status"]), (202, &json!("blocked")), "{blocked:?}");
    assert_eq!(blocked.body["problem"]["type"], "/problems/cloud-refused");
    assert_eq!(blocked.body["problem"]["retryable"], false);
    let again = world.create("acme").await;
    assert_eq!(again.body["status"], "active", "{again:?}");
}

#[tokio::test]
async fn a_blocked_tenant_can_be_deleted() {
    let world = World::new(EngineKind::Valkey).await;
    let before = world.aws().await;
    world
        .control()
        .add_fault(Fault::before("CreateUser").error("InvalidParameterValue", 400).times(1));
    assert_eq!(world.create("acme").await.body["status"], "blocked");
    assert_eq!(world.delete("acme").await.status, 204);
    let after = world.aws().await;
    assert_eq!(after.user_ids(), before.user_ids());
    assert!(after.living_secrets().is_empty());
}

/// Somebody else made a user with the id that the tenant would have.
#[tokio::test]
async fn what_is_not_ours_is_never_touched() {
    let world = World::new(EngineKind::Valkey).await;
    let foreign = world.elasticache().create_user().user_id("rf-acme").user_name("theirs");
    let foreign = foreign.engine("valkey").access_string("on ~t:* -@all +get");
    foreign.passwords("0123456789abcdef0123").send().await.unwrap();
    let theirs = |aws: Value| {
        let users = aws["users"].as_array().unwrap();
        users.iter().find(|user| user["user_id"] == "rf-acme").unwrap().clone()
    };
    let before = theirs(world.control().dump().await);

    let blocked = world.create("acme").await;
    assert_eq!(blocked.body["status"], "blocked", "{blocked:?}");
    assert_eq!(blocked.body["problem"]["type"], "/problems/user-id-taken");
    assert_eq!(world.delete("acme").await.status, 204);
    assert_eq!(theirs(world.control().dump().await), before);
}

/// A login refused by the engine is no reason to give a tenant up, nor to call it active.
#[tokio::test]
async fn a_tenant_is_not_active_before_its_login_works() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.stop_service().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let right = world.config.caches[0].port.replace(free.port());
    world.start_service().await;
    let request = world.request(Method::POST, "/tenants").header("prefer", "wait=1");
    let waiting = crate::world::Answer::of(request.json(&json!({ "name": "acme" }))).await;
    assert_eq!(waiting.body["status"], "provisioning", "{waiting:?}");
    assert_eq!(waiting.body["problem"]["type"], "/problems/engine-unreachable", "{waiting:?}");

    world.stop_service().await;
    world.config.caches[0].port = right;
    world.start_service().await;
    assert_eq!(world.create("acme").await.body["status"], "active");
    let url = world.get("/tenants/acme/credentials").await.body["url"].clone();
    TenantLogin::with_url(url.as_str().unwrap()).await.unwrap();
}
