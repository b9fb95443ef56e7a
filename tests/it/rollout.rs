//! A changed definition of a profile reaches all users that have it.

use std::num::NonZeroUsize;

use reqwest::Method;
use ringfence::{
    config::ProfileConfig,
    domain::{KeyRights, ProfileName},
};
use ringfence_acl::{EngineKind, EngineVersion};
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use crate::world::{Answer, World};

const TENANTS: usize = 6;

/// A world whose tenants have rights that were made for an older engine than it says it has now.
async fn outdated(change: impl FnOnce(&mut World)) -> World {
    let mut world = World::with(EngineKind::Valkey, |config| {
        config.caches[0].engine_version = Some(EngineVersion::new(7, 2));
        config.reconciler.rollout_in_flight = NonZeroUsize::new(2).unwrap();
    })
    .await;
    for i in 0..TENANTS {
        assert_eq!(world.create(&format!("t{i}")).await.status, 201);
    }
    world.stop_service().await;
    world.config.caches[0].engine_version = Some(EngineVersion::new(9, 1));
    change(&mut world);
    world.start_service().await;
    world
}

fn access_strings(dump: &Value) -> Vec<String> {
    let users = dump["users"].as_array().unwrap();
    let ours = users.iter().filter(|user| user["user_id"].as_str().unwrap().starts_with("rf-t"));
    ours.map(|user| user["access_string"].as_str().unwrap().to_owned()).collect()
}

fn modified(world: &World) -> usize {
    world.control().calls().iter().filter(|call| call.operation == "ModifyUser").count()
}

async fn until_all_have_the_new_rights(world: &World) {
    for i in 0..TENANTS {
        let path = format!("/tenants/t{i}/attestations");
        let isolated = |item: &&Value| item["finding"]["verdict"] == "isolated";
        let twice = |list: &Answer| {
            list.body["items"].as_array().unwrap().iter().filter(isolated).count() == 2
        };
        world.until(&path, twice).await;
        world.until(&format!("/tenants/t{i}"), |t| t.body["status"] == "active").await;
    }
}

#[tokio::test]
async fn a_new_definition_is_given_to_every_user_once_and_each_is_attested_again() {
    let world = outdated(|_| {}).await;
    until_all_have_the_new_rights(&world).await;
    let strings = access_strings(&world.control().dump().await);
    assert_eq!(strings.len(), TENANTS);
    for string in strings {
        // What Valkey 9.1 has and 7.2 has not.
        assert!(string.contains("+client|no-touch"), "{string}");
    }
    assert_eq!(modified(&world), TENANTS);
}

/// A restart in the middle goes on where the last run was.
#[tokio::test]
async fn a_roll_out_goes_on_after_a_restart() {
    let mut world = outdated(|world| {
        // The third change hangs, so that the run ends with the work half done.
        world.control().add_fault(Fault::before("ModifyUser").error("Throttling", 400).skipping(2));
        world.config.reconciler.retry_max = std::time::Duration::from_hours(1);
        world.config.reconciler.retry_base = std::time::Duration::from_hours(1);
    })
    .await;
    world
        .until("/tenants?status=updating", |list| {
            let items = list.body["items"].as_array().unwrap();
            items.iter().filter(|item| item["problem"].is_object()).count() == 2
        })
        .await;
    world.stop_service().await;
    world.control().clear_faults();
    world.clock.advance(jiff::SignedDuration::from_hours(3));
    world.start_service().await;
    until_all_have_the_new_rights(&world).await;
}

/// What is wrong with one user is likely wrong with all: the others keep what they have.
#[tokio::test]
async fn a_blocked_user_holds_the_roll_out_up() {
    let world = outdated(|world| {
        world
            .control()
            .add_fault(Fault::before("ModifyUser").error("InvalidParameterValue", 400).times(2));
    })
    .await;
    world
        .until("/tenants?status=blocked", |list| list.body["items"].as_array().unwrap().len() == 2)
        .await;
    assert_eq!(
        world.get("/tenants?status=active").await.body["items"].as_array().unwrap().len(),
        4
    );
    // The others would be compared with what they were never given.
    let other = world.send(Method::POST, "/tenants/t5/attestations", json!({})).await;
    assert_eq!(other.body["finding"]["verdict"], "inconclusive", "{other:?}");
    for name in ["t0", "t1"] {
        assert_eq!(world.create(name).await.body["status"], "active");
    }
    until_all_have_the_new_rights(&world).await;
}

/// A definition that AWS refused is mended and the service started anew: nobody has to be asked for.
#[tokio::test]
async fn a_mended_definition_is_given_to_those_that_the_broken_one_had_blocked() {
    let mut world = outdated(|world| {
        world.control().add_fault(Fault::before("ModifyUser").error("InvalidParameterValue", 400));
    })
    .await;
    let blocked = "/tenants?status=blocked";
    world.until(blocked, |list| list.body["items"].as_array().unwrap().len() == 2).await;
    world.stop_service().await;
    world.control().clear_faults();
    world.start_service().await;
    until_all_have_the_new_rights(&world).await;
}

/// An operator edits a profile and restarts the service.
#[tokio::test]
async fn an_own_profile_that_was_edited_reaches_its_users() {
    let own = |commands: &str| ProfileConfig {
        name: ProfileName::parse("jobs").unwrap(),
        description: String::new(),
        commands: commands.parse().unwrap(),
        keys: KeyRights::ReadWrite,
        channels: false,
        allow: [].into(),
    };
    let mut world =
        World::with(EngineKind::Valkey, |config| config.profiles.push(own("+@list"))).await;
    world.create_as(json!({ "name": "acme", "profile": "jobs" })).await;
    let mut open = world.login("acme").await;
    open.run(&["LPUSH", "acme:l", "1"]).await.unwrap();
    assert!(open.set("acme:s", "1").await.is_err());
    world.stop_service().await;
    world.config.profiles[0] = own("+@list +@string");
    world.start_service().await;
    world
        .until("/tenants/acme/attestations", |list| {
            list.body["items"].as_array().unwrap().len() == 2
        })
        .await;
    open.set("acme:s", "1").await.unwrap();
    let shown = world.get("/profiles/jobs").await.body;
    let spread = json!({ "total": 1, "current": 1, "blocked": 0 });
    assert_eq!(shown["caches"][0]["users"], spread);
}
