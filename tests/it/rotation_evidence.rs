//! What a rotation tells of those who still use the old password.

use reqwest::Method;
use ringfence::{
    config::ProfileConfig,
    domain::{KeyRights, ProfileName, TenantName},
};
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use crate::world::{Answer, World, on_both_engines};

const ROTATIONS: &str = "/tenants/acme/rotations";

/// Starts a rotation and waits for its grace, which lasts.
async fn rotate(world: &World) -> Answer {
    world.send(Method::POST, ROTATIONS, json!({ "retire_when": "manual" })).await
}

fn path_of(rotation: &Answer) -> String {
    format!("{ROTATIONS}/{}", rotation.body["id"].as_str().unwrap())
}

#[tokio::test]
async fn the_day_on_which_the_old_password_was_last_read_is_told() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let grace = rotate(&world).await;
    let told = async || world.get(&path_of(&grace)).await.body["old_password_last_read_on"].clone();
    let first = told().await;
    assert!(first.is_string(), "{first}");

    world.control().advance_clock(std::time::Duration::from_hours(72)).await.unwrap();
    assert_eq!(told().await, first, "nobody has read it since");
    let late = world.secrets_manager().get_secret_value().secret_id("ringfence/acme");
    late.version_stage("AWSPREVIOUS").send().await.unwrap();
    assert!(told().await.as_str() > first.as_str());
    // What AWS does not tell is left out, and the rest is shown.
    let fault = Fault::before("ListSecretVersionIds");
    world.control().add_fault(fault.error("AccessDeniedException", 400));
    let shown = world.get(&path_of(&grace)).await;
    assert_eq!((shown.status, &shown.body["old_password_last_read_on"]), (200, &Value::Null));
}

on_both_engines! {
    async fn connections_that_are_older_than_the_new_password_are_counted(kind) {
        let world = World::with(kind, |config| {
            config.profiles.push(ProfileConfig {
                name: ProfileName::parse("watch").unwrap(),
                description: "May see who is connected.".to_owned(),
                commands: "+ping +client|list".parse().unwrap(),
                keys: KeyRights::None,
                channels: false,
                allow: ["shows-or-harms-clients".parse().unwrap()].into(),
            });
            config.caches[0].connection_observer = Some(TenantName::parse("watcher").unwrap());
        }).await;
        world.create("acme").await;
        let mut old = world.login("acme").await;
        let grace = rotate(&world).await;
        let unknown = world.get(&path_of(&grace)).await.body["old_connections_unknown"].clone();
        assert!(unknown.as_str().unwrap().contains("watcher"), "{unknown}");

        let watcher = json!({ "name": "watcher", "profile": "watch" });
        let made = world.send(Method::POST, "/services", watcher).await;
        assert_eq!(made.body["status"], "active", "{made:?}");
        let count = async || world.get(&path_of(&grace)).await.body["old_connections"].clone();
        assert_eq!(count().await, 1);
        old.get("acme:x").await.unwrap();
        drop(old);
        world.until(&path_of(&grace), |it| it.body["old_connections"] == 0).await;
    }
}
