//! What keeps a repair back, and what must not.

use std::time::Duration;

use reqwest::Method;
use ringfence::config::{Config, SimulatorCache};
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use super::{as_before, items, kinds, repair, reporting, set_policy, sweep, until_nothing_differs};
use crate::world::{Answer, World};

fn ignore(config: &mut Config, kind: &str) {
    let ignored = [(kind.parse().unwrap(), "ignore".parse().unwrap())];
    config.caches[0].drift_policy = ignored.into_iter().collect();
}

async fn take_out(world: &World, user: &str) {
    let change = world.elasticache().modify_user_group();
    let change = change.user_group_id(SimulatorCache::USER_GROUP).user_ids_to_remove(user);
    change.send().await.unwrap();
}

async fn delete_for_good(world: &World, secret: &str) {
    let call = world.secrets_manager().delete_secret().secret_id(secret);
    call.force_delete_without_recovery(true).send().await.unwrap();
}

async fn schedule_deletion(world: &World, secret: &str) {
    let call = world.secrets_manager().delete_secret().secret_id(secret);
    call.recovery_window_in_days(7).send().await.unwrap();
}

/// Whoever ignores other rights does not give our tags to somebody else's user.
#[tokio::test]
async fn what_is_ignored_proves_nothing_ours() {
    let world = World::with(EngineKind::Valkey, |config| {
        set_policy(config, "repair");
        ignore(config, "access-changed");
    })
    .await;
    world.create("acme").await;
    let elasticache = world.elasticache();
    let rights = format!("{} +flushall", world.aws().await.access_string("rf-acme"));
    let change = elasticache.modify_user().user_id("rf-acme").access_string(rights);
    change.send().await.unwrap();
    let users = elasticache.describe_users().user_id("rf-acme").send().await.unwrap();
    let untag = elasticache.remove_tags_from_resource();
    let untag = untag.resource_name(users.users()[0].arn().unwrap());
    untag.tag_keys("ringfence:installation").send().await.unwrap();
    let before = world.aws().await;
    for _ in 0..2 {
        assert_eq!(kinds(&sweep(&world).await), ["user-tags-lost"]);
    }
    assert_eq!(world.aws().await, before);
}

/// Without its secret a member could not be attested, whether that is told of or not.
#[tokio::test]
async fn what_is_ignored_stands_in_the_way_all_the_same() {
    let world = World::with(EngineKind::Valkey, |config| ignore(config, "secret-missing")).await;
    world.create("acme").await;
    delete_for_good(&world, "ringfence/acme").await;
    take_out(&world, "rf-acme").await;
    let before = world.aws().await;
    assert_eq!(kinds(&sweep(&world).await), ["not-in-group"]);
    assert_eq!(world.get("/tenants/acme").await.body["status"], "active");
    assert_eq!(world.aws().await, before);
}

/// The sweep after a repair does not look at secrets, and must not forget them.
#[tokio::test]
async fn a_sweep_that_does_not_look_at_secrets_remembers_what_they_lack() {
    let world = World::with(EngineKind::Valkey, |config| {
        config.drift.recheck = Duration::from_millis(20);
    })
    .await;
    for name in ["acme", "globex"] {
        world.create(name).await;
    }
    delete_for_good(&world, "ringfence/acme").await;
    take_out(&world, "rf-globex").await;
    sweep(&world).await;
    world.until("/tenants/globex", |tenant| tenant.body["status"] == "active").await;
    take_out(&world, "rf-acme").await;
    let told = |answer: &Answer| !items(answer).is_empty();
    world.until("/drift?tenant=acme&kind=not-in-group", told).await;
    assert_eq!(kinds(&sweep(&world).await), ["not-in-group", "secret-missing"]);
    assert_eq!(world.get("/tenants/acme").await.body["status"], "active");
    repair(&world, json!({ "kinds": ["secret-missing"] })).await;
    until_nothing_differs(&world).await;
    world.login("acme").await.set("acme:a", "1").await.unwrap();
}

/// Secrets Manager shows a restored secret before it lets it be read.
#[tokio::test]
async fn a_restored_secret_that_cannot_be_read_yet_keeps_its_password() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let rotation = json!({ "grace_seconds": 0 });
    let rotation = world.send(Method::POST, "/tenants/acme/rotations", rotation).await;
    let path = format!("/tenants/acme/rotations/{}", rotation.body["id"].as_str().unwrap());
    world.until(&path, |rotation| rotation.body["status"] == "completed").await;
    let url = world.get("/tenants/acme/credentials").await.body["url"].clone();
    let shape = world.aws().await.shape();
    schedule_deletion(&world, "ringfence/acme").await;
    let unreadable = Fault::before("GetSecretValue").error("InvalidRequestException", 400);
    world.control().add_fault(unreadable.times(3));
    until_nothing_differs(&world).await;
    as_before(&world, &shape, &url).await;
}

/// Two things differ, and one is repaired after the other. Between the two the user is being worked on,
/// and what a sweep does not see then is not gone.
#[tokio::test]
async fn a_repair_that_was_asked_for_waits_for_the_one_before_it() {
    let world = World::with(EngineKind::Valkey, |config| {
        set_policy(config, "report");
        config.drift.recheck = Duration::from_millis(20);
    })
    .await;
    world.create("acme").await;
    let shape = world.aws().await.shape();
    let url = world.get("/tenants/acme/credentials").await.body["url"].clone();
    take_out(&world, "rf-acme").await;
    let credentials = world.get("/tenants/acme/credentials").await.body;
    let passwords = [credentials["password"].as_str().unwrap(), "fedcba9876543210"];
    let passwords = passwords.map(str::to_owned).to_vec();
    let change = world.elasticache().modify_user().user_id("rf-acme");
    change.set_passwords(Some(passwords)).send().await.unwrap();
    assert_eq!(kinds(&sweep(&world).await), ["not-in-group", "passwords-changed"]);

    let busy = Fault::before("ModifyUserGroup").error("InvalidUserGroupState", 400);
    world.control().add_fault(busy);
    repair(&world, json!({})).await;
    let left = sweep(&world).await;
    let left = left.iter().find(|item| item["kind"] == "passwords-changed");
    assert_eq!(left.unwrap()["repair"]["state"], "asked", "{left:#?}");
    world.control().clear_faults();
    // Nobody asks again.
    world.until("/drift", |answer| items(answer).is_empty()).await;
    world.until("/tenants/acme", |tenant| tenant.body["status"] == "active").await;
    as_before(&world, &shape, &url).await;
}

/// The rest is compared and repaired.
#[tokio::test]
async fn secrets_that_may_not_be_looked_at_keep_nobody_from_the_users() {
    let world = reporting(EngineKind::Valkey).await;
    for name in ["acme", "globex"] {
        world.create(name).await;
    }
    schedule_deletion(&world, "ringfence/acme").await;
    assert_eq!(kinds(&sweep(&world).await), ["secret-scheduled"]);
    take_out(&world, "rf-globex").await;
    for call in ["DescribeSecret", "ListSecrets"] {
        world.control().add_fault(Fault::before(call).error("AccessDeniedException", 400));
        let found = sweep(&world).await;
        assert_eq!(kinds(&found), ["not-in-group", "secret-scheduled"], "{call}");
        world.control().clear_faults();
    }
    repair(&world, json!({})).await;
    until_nothing_differs(&world).await;
}

/// Somebody lets a suspended tenant in behind our back.
#[tokio::test]
async fn who_is_suspended_is_kept_out() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    set_suspended(&world, true).await;
    let shape = world.aws().await.shape();
    assert_eq!(sweep(&world).await, Vec::<Value>::new());
    let change = world.elasticache().modify_user_group();
    let change = change.user_group_id(SimulatorCache::USER_GROUP).user_ids_to_add("rf-acme");
    change.send().await.unwrap();
    until_kept_out(&world).await;
    assert_eq!(world.aws().await.shape(), shape);

    // What else somebody does to it is put right too, and it stays out.
    schedule_deletion(&world, "ringfence/acme").await;
    world.elasticache().delete_user().user_id("rf-acme").send().await.unwrap();
    until_kept_out(&world).await;
    assert_eq!(world.aws().await.shape(), shape);
    set_suspended(&world, false).await;
    world.login("acme").await.set("acme:a", "1").await.unwrap();
    assert_eq!(sweep(&world).await, Vec::<Value>::new());
}

/// Rights that nobody can use are put right before somebody can.
#[tokio::test]
async fn who_is_let_in_again_has_the_rights_of_before() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let rights = world.aws().await.access_string("rf-acme").to_owned();
    set_suspended(&world, true).await;
    let widen = world.elasticache().modify_user().user_id("rf-acme");
    widen.append_access_string("~*").send().await.unwrap();
    until_kept_out(&world).await;

    set_suspended(&world, false).await;
    assert_eq!(world.aws().await.access_string("rf-acme"), rights);
    world.login("acme").await.get("other:a").await.unwrap_err();
}

async fn set_suspended(world: &World, suspended: bool) {
    let answer =
        world.send(Method::PATCH, "/tenants/acme", json!({ "suspended": suspended })).await;
    let status = if suspended { "suspended" } else { "active" };
    assert_eq!(answer.body["status"], status, "{answer:?}");
}

async fn until_kept_out(world: &World) {
    assert_ne!(sweep(world).await, Vec::<Value>::new());
    for _ in 0..200 {
        world.until("/tenants/acme", |tenant| tenant.body["phase"] == "suspended").await;
        if sweep(world).await.is_empty() {
            return;
        }
    }
    panic!("it still differs: {:?}", world.get("/drift").await);
}
