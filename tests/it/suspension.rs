//! Tenants that are kept out of their cache for a while.

use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use crate::{
    fleet_rotations::{members, path_of, start},
    world::{Answer, TenantLogin, World, code, on_both_engines},
};

async fn patch(world: &World, body: Value) -> Answer {
    world.send(Method::PATCH, "/tenants/acme", body).await
}

async fn suspend(world: &World) -> Answer {
    let suspended = patch(world, json!({ "suspended": true })).await;
    let found = (suspended.status, &suspended.body["status"]);
    assert_eq!(found, (200, &json!("suspended")), "{suspended:?}");
    suspended
}

async fn resume(world: &World) -> Answer {
    let resumed = patch(world, json!({ "suspended": false })).await;
    assert_eq!((resumed.status, &resumed.body["status"]), (200, &json!("active")), "{resumed:?}");
    resumed
}

async fn listed(world: &World, status: &str) -> Vec<String> {
    let page = world.get(&format!("/tenants?status={status}")).await;
    let items = page.body["items"].as_array().unwrap();
    items.iter().map(|tenant| tenant["name"].as_str().unwrap().to_owned()).collect()
}

/// Which users of ours are in the group.
async fn members_of_ours(world: &World) -> Vec<String> {
    let aws = world.aws().await;
    let ours = aws.member_ids().into_iter().filter(|id| id.starts_with("rf-"));
    ours.map(ToOwned::to_owned).collect()
}

/// The calls that change something, since the first `skipped` calls.
fn changes(world: &World, skipped: usize) -> Vec<String> {
    let calls = world.control().calls().into_iter().skip(skipped).map(|call| call.operation);
    calls.filter(|name| !["Describe", "List", "Get"].iter().any(|w| name.starts_with(w))).collect()
}

on_both_engines! {
    async fn a_suspended_tenant_is_cut_off_and_comes_back_with_its_password(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        world.create("globex").await;
        let url = world.get("/tenants/acme/credentials").await.body["url"].clone();
        let mut open = world.login("acme").await;
        open.set("acme:x", "1").await.unwrap();

        let suspended = suspend(&world).await;
        assert_eq!(suspended.body["suspended"], true);
        assert!(open.get("acme:x").await.is_err(), "its open connection was cut");
        assert!(TenantLogin::with_url(url.as_str().unwrap()).await.is_err());
        let refused = world.get("/tenants/acme/credentials").await;
        assert_eq!((refused.status, refused.problem()), (409, "tenant-not-active"));
        assert_eq!(members_of_ours(&world).await, ["rf-globex"]);
        assert!(world.aws().await.living_secrets().contains("ringfence/acme"));
        let cache = world.get("/caches/main").await.body;
        assert_eq!((&cache["queue_depth"], &cache["users"]), (&json!(0), &json!(2)), "{cache}");
        assert_eq!(listed(&world, "suspended").await, ["acme"]);
        assert_eq!(listed(&world, "active").await, ["globex"]);

        assert_eq!(resume(&world).await.body["suspended"], false);
        let mut back = TenantLogin::with_url(url.as_str().unwrap()).await.unwrap();
        assert_eq!(back.get("acme:x").await.unwrap().as_deref(), Some("1"));
        assert!(listed(&world, "suspended").await.is_empty());
    }

    /// What was changed meanwhile holds before the first login.
    async fn nobody_is_let_in_with_rights_of_before(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        suspend(&world).await;
        let patched = patch(&world, json!({ "profile": "read-only", "labels": { "a": "b" } })).await;
        assert_eq!((patched.status, &patched.body["status"]), (200, &json!("suspended")));
        let path = "/tenants/acme/users/sessions";
        let put = world.send(Method::PUT, path, json!({ "profile": "cache" })).await;
        assert_eq!((put.status, &put.body["status"]), (201, &json!("suspended")), "{put:?}");
        assert!(members_of_ours(&world).await.is_empty());

        let before = world.control().calls().len();
        resume(&world).await;
        // The other user, whose rights are as they were, need not wait for that.
        let calls = world.control().calls().into_iter().skip(before);
        let of_main = calls.filter(|call| call.parameters.to_string().contains("\"rf-acme\""));
        let of_main: Vec<String> = of_main.map(|call| call.operation).collect();
        assert_eq!(of_main, ["ModifyUser", "ModifyUserGroup"]);
        assert_eq!(members_of_ours(&world).await, ["rf-acme", "rf-acme--sessions"]);
        let refused = world.login("acme").await.set("acme:x", "1").await.unwrap_err();
        assert_eq!(code(&refused), "NOPERM");
    }
}

#[tokio::test]
async fn what_is_so_already_changes_nothing() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let never = patch(&world, json!({ "suspended": false })).await;
    assert_eq!((never.status, &never.body["status"]), (200, &json!("active")));
    let first = suspend(&world).await;
    let before = world.control().calls().len();
    assert_eq!(suspend(&world).await.body, first.body);
    // A request for the tenant does not say that it is to work again.
    let again = world.create("acme").await;
    assert_eq!((again.status, &again.body), (200, &first.body), "{again:?}");
    assert!(changes(&world, before).is_empty());
    let recorded = world.recorded("acme").await;
    let kinds: Vec<&str> = recorded.iter().map(|(kind, _)| kind.as_str()).collect();
    let asked = kinds.iter().filter(|kind| **kind == "tenant.suspension-requested").count();
    assert_eq!(asked, 1, "{kinds:?}");
}

#[tokio::test]
async fn a_suspended_tenant_can_be_deleted() {
    let world = World::new(EngineKind::Valkey).await;
    let before = world.aws().await;
    world.create("acme").await;
    suspend(&world).await;
    assert_eq!(world.delete("acme").await.status, 204);
    let after = world.aws().await;
    assert_eq!(after.user_ids(), before.user_ids());
    assert!(after.living_secrets().is_empty());
}

/// A tenant that is suspended before it could log in is made, and never let in.
#[tokio::test]
async fn a_tenant_can_be_suspended_before_it_ever_worked() {
    let world = World::new(EngineKind::Valkey).await;
    world.control().add_fault(Fault::before("CreateUser").error("AccessDenied", 403));
    let asked = world.request(Method::POST, "/tenants").json(&json!({ "name": "acme" }));
    assert_eq!(Answer::of(asked).await.status, 202);
    world.until_phase("acme", "creating-user").await;
    let request = world.request(Method::PATCH, "/tenants/acme");
    let suspending = Answer::of(request.json(&json!({ "suspended": true }))).await;
    assert_eq!(suspending.body["status"], "provisioning", "{suspending:?}");
    world.control().clear_faults();
    let suspended = suspend(&world).await;
    assert!(suspended.body["activated_at"].is_null(), "{suspended:?}");
    assert!(!changes(&world, 0).contains(&"ModifyUserGroup".to_owned()));
    let resumed = resume(&world).await;
    assert!(!resumed.body["activated_at"].is_null(), "{resumed:?}");
    world.login("acme").await.set("acme:x", "1").await.unwrap();
}

/// The process ends before the group was changed.
#[tokio::test]
async fn a_restart_goes_on_with_a_suspension() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.control().add_fault(Fault::before("ModifyUserGroup").error("AccessDenied", 403));
    let request = world.request(Method::PATCH, "/tenants/acme");
    let asked = Answer::of(request.json(&json!({ "suspended": true }))).await;
    assert_eq!((asked.status, &asked.body["status"]), (202, &json!("updating")), "{asked:?}");
    world.until_phase("acme", "suspending").await;
    world.stop_service().await;
    world.control().clear_faults();
    world.start_service().await;
    world.until("/tenants/acme", |tenant| tenant.body["status"] == "suspended").await;
    assert!(members_of_ours(&world).await.is_empty());
}

#[tokio::test]
async fn a_suspension_can_be_taken_back_before_it_is_done() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let mut open = world.login("acme").await;
    world.control().add_fault(Fault::before("ModifyUserGroup").error("AccessDenied", 403));
    let request = world.request(Method::PATCH, "/tenants/acme");
    Answer::of(request.json(&json!({ "suspended": true }))).await;
    world.until_phase("acme", "suspending").await;
    resume(&world).await;
    open.set("acme:x", "1").await.expect("it was never cut off");
}

/// A login cannot prove a password while nobody is let in.
#[tokio::test]
async fn a_rotation_waits_until_its_user_is_resumed() {
    let world = World::new(EngineKind::Valkey).await;
    world.create_as(json!({ "name": "acme", "rotate_every_seconds": 86_400 })).await;
    let path = "/tenants/acme/rotations";
    let rotation = world.send(Method::POST, path, json!({ "retire_when": "manual" })).await;
    let path = format!("{path}/{}", rotation.body["id"].as_str().unwrap());
    world.until(&path, |rotation| rotation.body["status"] == "grace").await;
    let suspended = suspend(&world).await;
    assert!(suspended.body["users"][0]["rotation_due_at"].is_null(), "{suspended:?}");
    let request = world.request(Method::POST, &format!("{path}/retire")).json(&json!({}));
    assert_eq!(Answer::of(request).await.body["status"], "grace");
    let another = world.send(Method::POST, "/tenants/acme/rotations", json!({})).await;
    assert_eq!((another.status, another.problem()), (409, "tenant-not-active"));
    assert_eq!(world.aws().await.password_count("rf-acme"), 2);

    let resumed = resume(&world).await;
    assert!(!resumed.body["users"][0]["rotation_due_at"].is_null(), "{resumed:?}");
    world.until(&path, |rotation| rotation.body["status"] == "completed").await;
    assert_eq!(world.aws().await.password_count("rf-acme"), 1);
}

#[tokio::test]
async fn a_fleet_rotation_passes_over_who_is_suspended_and_says_so() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.create("globex").await;
    suspend(&world).await;
    let fleet = start(&world, json!({ "selector": {}, "reason": "INC-1" })).await;
    world.until(&path_of(&fleet), |fleet| fleet.body["members"]["skipped"] == 1).await;
    let skipped = members(&world, &fleet, "skipped").await;
    assert_eq!(skipped.len(), 1, "{skipped:?}");
    assert_eq!(skipped[0]["skipped_because"], "suspended", "{skipped:?}");
}

/// The login that failed while nobody was let in said nothing about the password.
#[tokio::test]
async fn a_rotation_that_had_just_begun_goes_on_after_a_suspension() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.control().add_fault(Fault::before("GetSecretValue").error("InternalServiceError", 500));
    let request = world.request(Method::POST, "/tenants/acme/rotations");
    let begun = Answer::of(request.json(&json!({ "grace_seconds": 0 }))).await;
    let path = format!("/tenants/acme/rotations/{}", begun.body["id"].as_str().unwrap());
    world.until(&path, |rotation| rotation.body["phase"] == "creating").await;
    suspend(&world).await;
    world.control().clear_faults();
    // On the way back it stays out for as long as the group cannot be changed.
    world.control().add_fault(Fault::before("ModifyUserGroup").error("AccessDenied", 403));
    let request = world.request(Method::PATCH, "/tenants/acme");
    Answer::of(request.json(&json!({ "suspended": false }))).await;
    world.until_phase("acme", "joining-group").await;
    let met = |world: &World| {
        let calls = world.control().calls();
        calls.iter().filter(|call| call.operation == "ModifyUserGroup").count()
    };
    let before = met(&world);
    world.until(&path, |_| met(&world) > before + 2).await;
    assert_eq!(world.get(&path).await.body["phase"], "creating");
    world.control().clear_faults();
    world.until(&path, |rotation| rotation.body["status"] == "completed").await;
    world.login("acme").await.set("acme:x", "1").await.unwrap();
}
