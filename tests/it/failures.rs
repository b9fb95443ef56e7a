//! What AWS refuses, and what others have made: told, waited for, and never touched.

use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use crate::world::{TenantLogin, World};

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
    // Nobody listens there.
    let right = world.config.caches[0].port.replace(1);
    world.start_service().await;
    let request = world.request(Method::POST, "/tenants").json(&json!({ "name": "acme" }));
    assert_eq!(crate::world::Answer::of(request).await.status, 202);
    let is_told = |it: &crate::world::Answer| it.body["problem"].is_object();
    let waiting = world.until("/tenants/acme", is_told).await;
    assert_eq!(waiting.body["status"], "provisioning", "{waiting:?}");
    assert_eq!(waiting.body["problem"]["type"], "/problems/engine-unreachable", "{waiting:?}");

    world.stop_service().await;
    world.config.caches[0].port = right;
    world.start_service().await;
    assert_eq!(world.create("acme").await.body["status"], "active");
    let url = world.get("/tenants/acme/credentials").await.body["url"].clone();
    TenantLogin::with_url(url.as_str().unwrap()).await.unwrap();
}
