//! Users that authenticate by IAM, and changing from a password to IAM and back.

use jiff::SignedDuration;
use reqwest::Method;
use ringfence_acl::{EngineKind, EngineVersion};
use serde_json::{Value, json};

use crate::world::{Answer, TenantLogin, World, code, on_both_engines};

const ACME: &str = "/tenants/acme";

async fn world(kind: EngineKind) -> World {
    World::with_iam(kind, |_| {}).await
}

/// Asks for another way to authenticate, and waits until the user that has it can log in.
async fn change_to(world: &World, auth: &str) -> Answer {
    let changed = world.send(Method::PATCH, ACME, json!({ "auth": auth })).await;
    assert_eq!((changed.status, &changed.body["auth"]), (200, &json!(auth)), "{changed:?}");
    changed
}

/// Lets the grace pass, and waits until only one main user is left.
async fn end_the_grace(world: &World) -> Value {
    world.clock.advance(SignedDuration::from_hours(3));
    // The worker is told of nothing: it looks at the time by itself.
    world.create("globex").await;
    let end = world.until(ACME, |tenant| tenant.body["auth_change"].is_null()).await;
    assert_eq!(end.body["status"], "active", "{end:?}");
    end.body
}

async fn url(world: &World) -> String {
    let answer = world.get("/tenants/acme/credentials?auth=password").await;
    answer.body["url"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

on_both_engines! {
    async fn a_tenant_of_iam_has_a_user_named_as_its_id_and_no_secret(kind) {
        let world = world(kind).await;
        let before = world.aws().await;
        let made = world.create_as(json!({ "name": "acme", "auth": "iam" })).await;
        assert_eq!((made.status, &made.body["status"]), (201, &json!("active")), "{made:?}");
        assert_eq!((&made.body["username"], &made.body["user_id"]), (&json!("rf-acme---iam"), &json!("rf-acme---iam")));
        assert_eq!((&made.body["auth"], &made.body["attested"]["verdict"]), (&json!("iam"), &json!("isolated")));
        assert!(made.body["secret_name"].is_null(), "{made:?}");
        let aws = world.aws().await;
        assert!(aws.living_secrets().is_empty() && aws.member_ids().contains("rf-acme---iam"));
        assert_eq!(aws.authentication("rf-acme---iam"), "iam");

        let mut acme = world.login_by_iam("acme").await.unwrap();
        acme.set("acme:x", "1").await.unwrap();
        let refused = acme.run(&["GET", "globex:x"]).await.expect_err("these are not its keys");
        assert_eq!(code(&refused), "NOPERM");
        let again = world.create_as(json!({ "name": "acme", "auth": "iam" })).await;
        assert_eq!((again.status, &again.body), (200, &made.body));
        let other = world.create("acme").await;
        assert_eq!((other.status, other.problem()), (409, "tenant-name-taken"));
        assert_eq!(world.delete("acme").await.status, 204);
        acme.get("acme:x").await.expect_err("its connection is cut");
        let after = world.aws().await;
        assert_eq!((after.user_ids(), after.member_ids()), (before.user_ids(), before.member_ids()));
        let calls = world.control().calls().into_iter().map(|call| call.operation);
        assert!(!calls.into_iter().any(|operation| operation.contains("Secret")));
    }

    async fn a_tenant_moves_from_a_password_to_iam_and_back_with_both_at_work_meanwhile(kind) {
        let world = world(kind).await;
        world.create("acme").await;
        let mut old = TenantLogin::with_url(&url(&world).await).await.unwrap();
        let changed = change_to(&world, "iam").await;
        let change = &changed.body["auth_change"];
        assert_eq!((&change["from"], &change["to"]), (&json!("password"), &json!("iam")));
        assert!(change["ends_at"].is_string(), "{changed:?}");
        let users: Vec<_> = changed.body["users"].as_array().unwrap().iter().map(|u| &u["username"]).collect();
        assert_eq!(users, ["rf-acme---iam", "acme"]);
        let now = world.get("/tenants/acme/credentials").await;
        assert_eq!((now.status, &now.body["auth"]), (200, &json!("iam")), "{now:?}");
        old.set("acme:x", "1").await.unwrap();
        let mut by_iam = world.login_by_iam("acme").await.unwrap();
        assert_eq!(by_iam.get("acme:x").await.unwrap().as_deref(), Some("1"));

        let moved = end_the_grace(&world).await;
        assert_eq!(moved["users"].as_array().unwrap().len(), 1, "{moved}");
        old.get("acme:x").await.expect_err("its connection is cut");
        by_iam.set("acme:y", "1").await.expect("this one is not");
        let aws = world.aws().await;
        assert!(!aws.user_ids().contains("rf-acme"));
        assert!(!aws.living_secrets().contains("ringfence/acme"));
        let gone = world.get("/tenants/acme/credentials?auth=password").await;
        assert_eq!((gone.status, gone.problem()), (404, "user-not-found"));

        change_to(&world, "password").await;
        let mut new = TenantLogin::with_url(&url(&world).await).await.unwrap();
        assert_eq!(new.get("acme:x").await.unwrap().as_deref(), Some("1"));
        end_the_grace(&world).await;
        new.set("acme:x", "2").await.unwrap();
        by_iam.get("acme:x").await.expect_err("its connection is cut");
        assert!(!world.aws().await.user_ids().contains("rf-acme---iam"));
    }
}

#[tokio::test]
async fn a_change_taken_back_during_the_overlap_ends_as_it_began() {
    let world = world(EngineKind::Valkey).await;
    world.create("acme").await;
    let mut old = TenantLogin::with_url(&url(&world).await).await.unwrap();
    change_to(&world, "iam").await;
    let again = change_to(&world, "iam").await;
    let mut by_iam = world.login_by_iam("acme").await.unwrap();
    let back = change_to(&world, "password").await;
    assert_eq!(again.body["auth_change"]["to"], "iam");
    assert_eq!(back.body["auth_change"]["to"], "password", "{back:?}");
    assert_eq!(world.get("/tenants/acme/credentials?auth=iam").await.status, 200);
    end_the_grace(&world).await;
    old.set("acme:x", "1").await.expect("it was never cut");
    by_iam.get("acme:x").await.expect_err("its connection is cut");
    assert!(!world.aws().await.user_ids().contains("rf-acme---iam"));
}

/// Nobody can have logged in as the new user, so that it has no grace.
#[tokio::test]
async fn a_change_taken_back_before_its_user_works_leaves_nothing_of_it() {
    let world = world(EngineKind::Valkey).await;
    world.create("acme").await;
    let before = world.aws().await;
    let stuck = ringfence_simulator::Fault::before("CreateUser").error("Throttling", 400);
    world.control().add_fault(stuck);
    let asked =
        Answer::of(world.request(Method::PATCH, ACME).json(&json!({ "auth": "iam" }))).await;
    assert_eq!((asked.status, &asked.body["status"]), (202, &json!("updating")), "{asked:?}");
    assert!(asked.body["auth_change"]["ends_at"].is_null(), "{asked:?}");
    // What works is handed out.
    assert_eq!(world.get("/tenants/acme/credentials").await.body["auth"], "password");
    change_to(&world, "password").await;
    world.control().clear_faults();
    world.until(ACME, |tenant| tenant.body["status"] == "active").await;
    assert_eq!(world.aws().await.shape(), before.shape());
}

#[tokio::test]
async fn what_is_being_removed_has_to_be_gone_before_it_is_asked_for_again() {
    let world = world(EngineKind::Valkey).await;
    world.create("acme").await;
    change_to(&world, "iam").await;
    let stuck = ringfence_simulator::Fault::before("DeleteUser").error("Throttling", 400);
    world.control().add_fault(stuck);
    world.clock.advance(SignedDuration::from_hours(3));
    world.create("globex").await;
    world.until(ACME, |tenant| tenant.body["users"][1]["status"] == "deleting").await;
    let early = world.send(Method::PATCH, ACME, json!({ "auth": "password" })).await;
    assert_eq!((early.status, early.problem()), (409, "user-being-deleted"));
    world.control().clear_faults();
    world.until(ACME, |tenant| tenant.body["auth_change"].is_null()).await;
    change_to(&world, "password").await;
    TenantLogin::with_url(&url(&world).await).await.unwrap();
}

#[tokio::test]
async fn another_profile_is_given_to_both_users_of_a_change() {
    let world = world(EngineKind::Valkey).await;
    world.create("acme").await;
    let body = json!({ "auth": "iam", "profile": "read-only" });
    let changed = world.send(Method::PATCH, ACME, body).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    world.until(ACME, |tenant| tenant.body["status"] == "active").await;
    let aws = world.aws().await;
    assert_eq!(aws.access_string("rf-acme"), aws.access_string("rf-acme---iam"));
    let other = world.send(Method::PUT, "/tenants/acme/users/main", json!({ "profile": "cache" }));
    assert_eq!(other.await.status, 200);
    world.until(ACME, |tenant| tenant.body["status"] == "active").await;
    let aws = world.aws().await;
    assert_eq!(aws.access_string("rf-acme"), aws.access_string("rf-acme---iam"));
    let isolation = world.get("/isolation").await.body;
    assert_eq!(isolation["between_tenants"], "isolated", "{isolation}");
}

#[tokio::test]
async fn a_tenant_deleted_during_the_overlap_leaves_nothing() {
    let world = world(EngineKind::Valkey).await;
    let before = world.aws().await;
    world.create("acme").await;
    change_to(&world, "iam").await;
    assert_eq!(world.delete("acme").await.status, 204);
    let after = world.aws().await;
    assert_eq!(after.user_ids(), before.user_ids());
    assert_eq!(after.member_ids(), before.member_ids());
    assert!(after.living_secrets().is_empty());
    let again = world.create_as(json!({ "name": "acme", "inherit_keys": true })).await;
    assert_eq!(again.body["status"], "active", "{again:?}");
}

#[tokio::test]
async fn what_has_no_password_is_not_rotated_and_the_credentials_say_what_a_token_is_made_from() {
    let world = world(EngineKind::Valkey).await;
    world.create_as(json!({ "name": "acme", "auth": "iam" })).await;
    let refused = world.send(Method::POST, "/tenants/acme/rotations", json!({})).await;
    assert_eq!((refused.status, refused.problem()), (409, "no-password"));
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("authenticates by IAM"), "{detail}");
    let credentials = world.get("/tenants/acme/credentials").await.body;
    assert_eq!(credentials["username"], "rf-acme---iam");
    assert_eq!(credentials["key_prefix"], "acme:");
    assert_eq!(
        credentials["iam"],
        json!({
            "user_id": "rf-acme---iam",
            "cache_name": ringfence::config::SimulatorCache::REPLICATION_GROUP,
            "serverless": false,
            "region": "us-east-1",
        })
    );
    for member in ["password", "url"] {
        assert!(credentials.get(member).is_none(), "{credentials}");
    }
    let fleet = json!({ "selector": {}, "reason": "quarterly" });
    let fleet = world.send(Method::POST, "/rotations", fleet).await;
    assert_eq!(fleet.body["members"]["total"], 0, "{fleet:?}");
    // Of two users the one with a password is rotated.
    change_to(&world, "password").await;
    let rotated = world.send(Method::POST, "/tenants/acme/rotations", json!({})).await;
    assert_eq!(rotated.body["status"], "grace", "{rotated:?}");
}

#[tokio::test]
async fn a_service_may_authenticate_by_iam_and_a_further_user_may_not() {
    let world = world(EngineKind::Valkey).await;
    let body = json!({ "name": "billing", "auth": "iam" });
    let service = world.send(Method::POST, "/services", body).await;
    assert_eq!((service.status, &service.body["auth"]), (201, &json!("iam")), "{service:?}");
    let credentials = world.get("/services/billing/credentials").await;
    assert_eq!(credentials.body["iam"]["user_id"], "rf-billing---iam");
    world.create("acme").await;
    let body = json!({ "profile": "cache", "auth": "iam" });
    let user = world.send(Method::PUT, "/tenants/acme/users/queue", body).await;
    assert_eq!((user.status, user.problem()), (400, "invalid-body"));
    let unknown = world.create_as(json!({ "name": "other", "auth": "none" })).await;
    assert_eq!((unknown.status, &unknown.body["errors"][0]["pointer"]), (400, &json!("/auth")));
}

/// As where Ringfence's role may not connect as the user: here nobody checks tokens at all.
#[tokio::test]
async fn a_tenant_whose_token_is_refused_is_not_active_and_says_what_may_be_missing() {
    let world = World::new(EngineKind::Valkey).await;
    let body = json!({ "name": "acme", "auth": "iam" });
    Answer::of(world.request(Method::POST, "/tenants").json(&body)).await;
    let hindered = world.until(ACME, |tenant| tenant.body["problem"].is_object()).await;
    assert_eq!(hindered.body["problem"]["type"], "/problems/login-refused", "{hindered:?}");
    let detail = hindered.body["problem"]["detail"].as_str().unwrap();
    assert!(detail.contains("elasticache:Connect to the cache as rf-acme---iam"), "{detail}");
    assert_eq!(world.get("/tenants/acme/credentials").await.problem(), "tenant-not-active");
    assert_eq!(world.delete("acme").await.status, 204);
}

#[tokio::test]
async fn an_engine_that_is_known_to_be_too_old_is_named() {
    let old = Some(EngineVersion::new(6, 2));
    let world =
        World::with(EngineKind::Redis, |config| config.caches[0].engine_version = old).await;
    let refused = world.create_as(json!({ "name": "acme", "auth": "iam" })).await;
    assert_eq!((refused.status, &refused.body["considered"][0]["reason"]), (507, &json!("auth")));
    let named = json!({ "name": "acme", "auth": "iam", "cache": "main" });
    let refused = world.create_as(named).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (400, &json!("/auth")));
    world.create("acme").await;
    let refused = world.send(Method::PATCH, ACME, json!({ "auth": "iam" })).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (400, &json!("/auth")));
}
