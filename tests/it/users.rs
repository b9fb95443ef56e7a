//! Several users of a tenant, each with rights, keys and a password of its own.

use reqwest::Method;
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use crate::world::{Answer, TenantLogin, World, code, on_both_engines};

async fn with_users(world: &World) -> Value {
    let users = json!([
        { "name": "sessions", "profile": "cache" },
        { "name": "reports", "profile": "read-only", "keys": "*" },
    ]);
    let created = world.create_as(json!({ "name": "acme", "users": users })).await;
    assert_eq!((created.status, &created.body["status"]), (201, &json!("active")), "{created:?}");
    created.body
}

async fn login_as(world: &World, user: &str) -> TenantLogin {
    world.login_with(&format!("/tenants/acme/users/{user}/credentials")).await
}

async fn refused(login: &mut TenantLogin, words: &[&str]) {
    let error = login.run(words).await.expect_err(&words.join(" "));
    assert_eq!(code(&error), "NOPERM", "{words:?}");
}

on_both_engines! {
    async fn each_user_has_its_own_login_rights_and_keys(kind) {
        let world = World::new(kind).await;
        let acme = with_users(&world).await;
        let names: Vec<_> = acme["users"].as_array().unwrap().iter().map(|u| &u["username"]).collect();
        assert_eq!(names, ["acme", "acme--reports", "acme--sessions"]);
        assert_eq!(acme["users"][2]["key_pattern"], "acme:sessions:*");

        let mut main = world.login("acme").await;
        main.set("acme:orders:1", "paid").await.unwrap();
        let mut sessions = login_as(&world, "sessions").await;
        sessions.set("acme:sessions:1", "s").await.unwrap();
        refused(&mut sessions, &["GET", "acme:orders:1"]).await;
        refused(&mut sessions, &["LPUSH", "acme:sessions:l", "1"]).await;
        let mut reports = login_as(&world, "reports").await;
        assert_eq!(reports.get("acme:orders:1").await.unwrap().as_deref(), Some("paid"));
        refused(&mut reports, &["SET", "acme:orders:1", "x"]).await;
        assert_eq!(main.get("acme:sessions:1").await.unwrap().as_deref(), Some("s"));
        let isolation = world.get("/isolation").await.body;
        assert_eq!(isolation["between_tenants"], "isolated", "{isolation}");
    }

    async fn a_user_is_added_changed_and_removed_while_the_others_work(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        let mut main = world.login("acme").await;
        let path = "/tenants/acme/users/queue";
        let added = world.send(Method::PUT, path, json!({ "profile": "queue" })).await;
        assert_eq!((added.status, &added.body["status"]), (201, &json!("active")), "{added:?}");
        assert_eq!(added.headers["location"], path);
        let mut queue = login_as(&world, "queue").await;
        queue.run(&["LPUSH", "acme:queue:jobs", "1"]).await.unwrap();

        let again = world.send(Method::PUT, path, json!({ "profile": "queue" })).await;
        assert_eq!((again.status, &again.body), (200, &added.body));
        let calls = world.control().calls().len();
        let changed = world.send(Method::PUT, path, json!({ "profile": "read-only" })).await;
        assert_eq!((changed.status, &changed.body["profile"]), (200, &json!("read-only")));
        let made: Vec<String> =
            world.control().calls().into_iter().skip(calls).map(|call| call.operation).collect();
        assert_eq!(made.iter().filter(|operation| *operation == "ModifyUser").count(), 1, "{made:?}");
        assert!(!made.contains(&"ModifyUserGroup".to_owned()), "{made:?}");
        // The connection is the old one: a change of rights cuts nobody off.
        refused(&mut queue, &["LPUSH", "acme:queue:jobs", "2"]).await;
        queue.run(&["LRANGE", "acme:queue:jobs", "0", "-1"]).await.unwrap();

        let moved = json!({ "profile": "read-only", "keys": "*" });
        let moved = world.send(Method::PUT, path, moved).await;
        assert_eq!((moved.status, moved.problem()), (409, "user-keys-fixed"));
        let only_new = world.request(Method::PUT, path).header("if-none-match", "*");
        let only_new = Answer::of(only_new.json(&json!({}))).await;
        assert_eq!((only_new.status, only_new.problem()), (412, "precondition-failed"));
        assert_eq!(world.remove(path).await.status, 204);
        assert!(queue.get("acme:queue:x").await.is_err(), "its connection was cut");
        assert_eq!(world.get(path).await.problem(), "user-not-found");
        main.set("acme:x", "1").await.unwrap();
        let left = world.aws().await;
        assert!(!left.user_ids().contains("rf-acme--queue"));
        assert_eq!(left.living_secrets(), ["ringfence/acme"].into());
        assert_eq!(world.get("/tenants/acme").await.body["status"], "active");
    }

    async fn another_profile_is_given_to_a_tenant_without_cutting_it_off(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        let mut open = world.login("acme").await;
        open.set("acme:x", "1").await.unwrap();
        let patch = json!({ "profile": "read-only", "labels": { "plan": "trial" } });
        let patched = world.send(Method::PATCH, "/tenants/acme", patch).await;
        assert_eq!((patched.status, &patched.body["profile"]), (200, &json!("read-only")));
        assert_eq!(patched.body["attested"]["verdict"], "isolated");
        assert_eq!(patched.body["labels"], json!({ "plan": "trial" }));
        refused(&mut open, &["SET", "acme:x", "2"]).await;
        assert_eq!(open.get("acme:x").await.unwrap().as_deref(), Some("1"));
        let back = json!({ "profile": "read-write", "labels": { "plan": null } });
        let back = world.send(Method::PATCH, "/tenants/acme", back).await;
        assert_eq!((back.status, &back.body["labels"]), (200, &json!({})), "{back:?}");
        open.set("acme:x", "3").await.unwrap();
    }

    async fn a_tenant_takes_all_its_users_with_it(kind) {
        let world = World::new(kind).await;
        let before = world.aws().await;
        with_users(&world).await;
        let mut sessions = login_as(&world, "sessions").await;
        assert_eq!(world.delete("acme").await.status, 204);
        assert!(sessions.get("acme:sessions:1").await.is_err());
        let after = world.aws().await;
        assert_eq!(after.user_ids(), before.user_ids());
        assert_eq!(after.member_ids(), before.member_ids());
        assert!(after.living_secrets().is_empty());
    }
}

#[tokio::test]
async fn what_a_user_cannot_be_is_refused_with_its_place() {
    let world = World::new(EngineKind::Valkey).await;
    let users = json!([
        { "name": "main" },
        { "name": "a--b" },
        { "name": "ok", "profile": "root" },
        { "name": "ok", "keys": "x*" },
    ]);
    let refused = world.create_as(json!({ "name": "acme", "users": users })).await;
    assert_eq!((refused.status, refused.problem()), (400, "invalid-body"), "{refused:?}");
    let places: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(places, ["/users/0/name", "/users/1/name", "/users/2/profile", "/users/3/keys"]);
    world.create("acme").await;
    let twice = json!([{ "name": "a" }, { "name": "a" }]);
    let twice = world.create_as(json!({ "name": "globex", "users": twice })).await;
    assert_eq!(twice.body["errors"][0]["pointer"], "/users/1/name", "{twice:?}");
    let many: Vec<Value> = (0..17).map(|i| json!({ "name": format!("u{i}") })).collect();
    let many = world.create_as(json!({ "name": "globex", "users": many })).await;
    assert_eq!(many.body["errors"][0]["pointer"], "/users", "{many:?}");
    let bad_name = world.send(Method::PUT, "/tenants/acme/users/A", json!({})).await;
    assert_eq!((bad_name.status, bad_name.problem()), (404, "user-not-found"));
    let main = world.remove("/tenants/acme/users/main").await;
    assert_eq!((main.status, main.problem()), (409, "main-user-stays"));
}

#[tokio::test]
async fn asked_for_again_a_tenant_is_the_same_whether_its_users_are_named_or_not() {
    let world = World::new(EngineKind::Valkey).await;
    let acme = with_users(&world).await;
    let plain = world.create("acme").await;
    assert_eq!((plain.status, &plain.body), (200, &acme));
    let fewer = json!({ "name": "acme", "users": [{ "name": "sessions", "profile": "cache" }] });
    let fewer = world.create_as(fewer).await;
    assert_eq!((fewer.status, fewer.problem()), (409, "tenant-name-taken"));
}

/// One user is in the way of nobody else: the others work, and the tenant says which it is.
#[tokio::test]
async fn a_blocked_user_is_named_and_the_others_work() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let fault =
        ringfence_simulator::Fault::before("CreateUser").error("InvalidParameterValue", 400);
    world.control().add_fault(fault.times(1));
    let path = "/tenants/acme/users/queue";
    let blocked = world.send(Method::PUT, path, json!({})).await;
    assert_eq!((blocked.status, &blocked.body["status"]), (202, &json!("blocked")), "{blocked:?}");
    let acme = world.get("/tenants/acme").await.body;
    assert_eq!(acme["status"], "blocked");
    assert_eq!(acme["problem"]["user"], "queue");
    world.login("acme").await.set("acme:x", "1").await.unwrap();
    let again = world.send(Method::PUT, path, json!({})).await;
    assert_eq!((again.status, &again.body["status"]), (200, &json!("active")), "{again:?}");
    assert_eq!(world.get("/tenants/acme").await.body["status"], "active");
}

#[tokio::test]
async fn a_further_user_is_attested_by_its_name() {
    let world = World::new(EngineKind::Valkey).await;
    with_users(&world).await;
    let path = "/tenants/acme/attestations?user=sessions";
    let made = world.send(Method::POST, path, json!({})).await;
    assert_eq!((made.status, &made.body["username"]), (201, &json!("acme--sessions")), "{made:?}");
    assert_eq!(made.body["finding"]["verdict"], "isolated");
    let missing = world.send(Method::POST, "/tenants/acme/attestations?user=x", json!({})).await;
    assert_eq!((missing.status, missing.problem()), (404, "user-not-found"));
}

#[tokio::test]
async fn a_tenant_has_so_many_users_and_no_more_however_they_are_asked_for() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let put = |i: usize| {
        let request = world.request(Method::PUT, &format!("/tenants/acme/users/u{i}"));
        Answer::of(request.json(&json!({})))
    };
    let answers = futures_util::future::join_all((0..20).map(put)).await;
    let accepted = answers.iter().filter(|answer| answer.status == 202).count();
    let refused = answers.iter().filter(|answer| answer.status == 400).count();
    assert_eq!((accepted, refused), (16, 4), "{answers:?}");
}

/// Credentials are for logins that were proved to be behind their fence.
#[tokio::test]
async fn nobody_is_handed_a_login_that_was_never_proved() {
    let world = World::with(EngineKind::Valkey, |config| {
        // Nobody listens here, so that no fence can be proved.
        config.caches[0].port = Some(1);
    })
    .await;
    let request = world.request(Method::POST, "/tenants").header("prefer", "wait=1");
    Answer::of(request.json(&json!({ "name": "acme" }))).await;
    let path = "/tenants/acme/users/main";
    world.until(path, |user| user.body["problem"].is_object()).await;
    let profile = json!({ "profile": "cache" });
    let patched = world.request(Method::PATCH, "/tenants/acme").json(&profile);
    assert_eq!(Answer::of(patched).await.status, 202);
    let calls = world.control().calls().len();
    world.until(path, |_| world.control().calls().len() > calls + 5).await;
    let user = world.get(path).await;
    assert_eq!(user.body["status"], "provisioning", "{user:?}");
    let refused = world.get("/tenants/acme/credentials").await;
    assert_eq!((refused.status, refused.problem()), (409, "tenant-not-active"), "{refused:?}");
}

/// A fence that was found leaky is not trusted while its user is being changed.
#[tokio::test]
async fn a_leaky_user_gets_no_credentials_when_it_is_taken_up_again() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let loosen = world.elasticache().modify_user().user_id("rf-acme");
    loosen.access_string("on ~* &* +@all").send().await.unwrap();
    let attested = world.send(Method::POST, "/tenants/acme/attestations", json!({})).await;
    assert_eq!(attested.body["finding"]["verdict"], "leaky");
    let fault = ringfence_simulator::Fault::before("ModifyUser").error("Throttling", 400);
    world.control().add_fault(fault);
    let patched =
        world.request(Method::PATCH, "/tenants/acme").json(&json!({ "profile": "cache" }));
    assert_eq!(Answer::of(patched).await.status, 202);
    world.until("/tenants/acme", |tenant| tenant.body["phase"] == "modifying-user").await;
    let refused = world.get("/tenants/acme/credentials").await;
    assert_eq!((refused.status, refused.problem()), (409, "tenant-not-active"), "{refused:?}");
    world.control().clear_faults();
    world.until("/tenants/acme", |tenant| tenant.body["status"] == "active").await;
    assert_eq!(world.get("/tenants/acme/credentials").await.status, 200);
}

#[tokio::test]
async fn a_tenant_can_be_deleted_while_its_rights_are_being_changed() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let fault = ringfence_simulator::Fault::before("ModifyUser").error("Throttling", 400);
    world.control().add_fault(fault);
    let patched =
        world.request(Method::PATCH, "/tenants/acme").json(&json!({ "profile": "cache" }));
    assert_eq!(Answer::of(patched).await.status, 202);
    world.until("/tenants/acme", |tenant| tenant.body["phase"] == "modifying-user").await;
    assert_eq!(world.delete("acme").await.status, 204);
    assert!(world.aws().await.living_secrets().is_empty());
}
