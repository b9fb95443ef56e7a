//! Somebody who takes users out of the group faster than they are attested.
//!
//! No engine answers here, so that no user comes to rest before it is taken out again.

use std::time::Duration;

use reqwest::{Client, Method};
use ringfence::config::{Config, SimulatorCache};
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use super::{items, kinds, repair, report_only, sweep, until_nothing_differs};
use crate::world::{Answer, ServiceProcess, World};

const PATH: &str = "/drift?kind=not-in-group";
/// What is logged.
const TOLD: &str = "repairs are undone again and again";

/// A port on which nobody listens.
const NOBODYS_PORT: u16 = 1;

async fn world() -> World {
    let without_engine = |config: &mut Config| config.caches[0].port = Some(NOBODYS_PORT);
    World::with(EngineKind::Valkey, without_engine).await
}

async fn ask_for_acme(world: &World) {
    let asked = world.request(Method::POST, "/tenants").json(&json!({ "name": "acme" }));
    assert_eq!(Answer::of(asked).await.status, 202);
}

/// The members are what the other writer's file says, as soon as they are not. Whether it is refused,
/// because the group is being changed, is all the same.
async fn reset_members(world: &World) {
    if world.aws().await.member_ids().contains("rf-acme") {
        let change = world.elasticache().modify_user_group();
        let change = change.user_group_id(SimulatorCache::USER_GROUP).user_ids_to_remove("rf-acme");
        let _whatever = change.send().await;
    }
}

/// How often the membership was lost, by what is told of it.
fn losses(found: &[Value]) -> u32 {
    let who = found.iter().find_map(|item| item["undone_by"].as_str()).unwrap_or_default();
    let count = who.strip_prefix("Repaired ").and_then(|rest| rest.split(' ').next());
    count.map_or(0, |count| count.parse().unwrap())
}

async fn within_a_minute<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(1), work).await.expect("it never comes to that")
}

#[tokio::test]
async fn who_keeps_a_user_from_being_attested_is_told_of_until_that_ends() {
    let mut world = world().await;
    ask_for_acme(&world).await;
    let found = within_a_minute(async {
        loop {
            reset_members(&world).await;
            let found = items(&world.get(PATH).await);
            if losses(&found) >= 3 {
                return found;
            }
        }
    })
    .await;
    assert_eq!((&found[0]["tenant"], &found[0]["found"]), (&json!("acme"), &json!("no member")));
    let who = found[0]["undone_by"].as_str().unwrap();
    assert!(who.contains("ignore_changes = [user_ids]"), "{who}");
    // A sweep does not compare who is not at rest, and does not take it for well either.
    assert_eq!(sweep(&world).await.len(), 1);

    world.stop_service().await;
    world.config.caches[0].port = Some(world.engine_address().port());
    world.start_service().await;
    until_nothing_differs(&world).await;
    world.login("acme").await.set("acme:plan", "gold").await.unwrap();
}

/// With `ignore_changes`, Terraform changes the group and leaves our members.
#[tokio::test]
async fn who_leaves_our_members_alone_is_not_told_of_however_long_an_attestation_takes() {
    let world = world().await;
    let elasticache = world.elasticache();
    let user = elasticache.create_user().user_id("theirs").user_name("theirs").engine("valkey");
    let user = user.access_string("on ~x:* resetchannels -@all +get");
    user.passwords("0123456789abcdef0123").send().await.unwrap();
    ask_for_acme(&world).await;
    world.until_phase("acme", "attesting").await;
    for round in 0..10 {
        let change = elasticache.modify_user_group().user_group_id(SimulatorCache::USER_GROUP);
        let change = if round % 2 == 0 {
            change.user_ids_to_add("theirs")
        } else {
            change.user_ids_to_remove("theirs")
        };
        change.send().await.unwrap();
        assert_eq!(sweep(&world).await, Vec::<Value>::new());
    }
    assert!(world.aws().await.member_ids().contains("rf-acme"));
}

#[tokio::test]
async fn a_fight_is_logged_once() {
    let mut world = world().await;
    world.stop_service().await;
    let port = [("RINGFENCE_CACHES__0__PORT", NOBODYS_PORT.to_string())];
    let service = ServiceProcess::start_with(&world, port);
    let client = Client::new();
    let asked = client.post(format!("{}/tenants", service.url)).json(&json!({ "name": "acme" }));
    assert_eq!(Answer::of(asked).await.status, 202);
    within_a_minute(async {
        loop {
            reset_members(&world).await;
            let found = Answer::of(client.get(format!("{}{PATH}", service.url))).await;
            if losses(&items(&found)) >= 6 {
                return;
            }
        }
    })
    .await;
    let log = service.log();
    let told: Vec<&str> = log.lines().filter(|line| line.contains(TOLD)).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("\"level\":\"WARN\"") && told[0].contains("Terraform"), "{told:?}");
}

/// What was allowed is what somebody else has allowed.
#[tokio::test]
async fn who_is_found_leaky_before_it_was_active_gets_its_own_rights_back() {
    let mut world = World::with(EngineKind::Valkey, |config| {
        report_only(config);
        config.caches[0].port = Some(NOBODYS_PORT);
    })
    .await;
    ask_for_acme(&world).await;
    world.until("/tenants/acme", |tenant| tenant.body["phase"] == "attesting").await;
    let loosened = world.elasticache().modify_user().user_id("rf-acme");
    loosened.append_access_string("+lolwut").send().await.unwrap();

    world.stop_service().await;
    world.config.caches[0].port = Some(world.engine_address().port());
    world.start_service().await;
    world.until("/tenants/acme", |tenant| tenant.body["status"] == "blocked").await;
    let blocked = world.get("/tenants/acme").await;
    assert_eq!(blocked.body["problem"]["type"], "/problems/fence-leaky", "{blocked:?}");

    assert_eq!(kinds(&sweep(&world).await), ["access-changed"]);
    repair(&world, json!({})).await;
    until_nothing_differs(&world).await;
    assert!(!world.aws().await.access_string("rf-acme").contains("lolwut"));
}
