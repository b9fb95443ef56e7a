//! Somebody who undoes what is repaired.

use std::time::Duration;

use ringfence::config::SimulatorCache;
use ringfence_acl::EngineKind;
use serde_json::Value;

use super::{items, kinds, sweep, until_nothing_differs};
use crate::world::World;

async fn world() -> World {
    World::with(EngineKind::Valkey, |config| {
        config.drift.recheck = Duration::from_millis(20);
        config.drift.period = Duration::from_millis(200);
    })
    .await
}

/// What Terraform does without `ignore_changes`: the members are what its file says. It comes by when
/// the last repair has come to its end.
async fn apply(world: &World) {
    let group = SimulatorCache::USER_GROUP;
    let is_active = world.get("/tenants/acme").await.body["status"] == "active";
    if is_active && world.aws().await.member_ids().contains("rf-acme") {
        let change = world.elasticache().modify_user_group().user_group_id(group);
        change.user_ids_to_remove("rf-acme").send().await.unwrap();
    }
}

#[tokio::test]
async fn a_second_writer_that_takes_members_out_again_and_again_is_told_of() {
    let world = world().await;
    world.create("acme").await;
    let path = "/drift?kind=not-in-group";
    let told = async {
        loop {
            apply(&world).await;
            let found = items(&world.get(path).await);
            if let Some(who) = found.iter().find_map(|item| item["undone_by"].as_str()) {
                return who.to_owned();
            }
        }
    };
    let who = tokio::time::timeout(Duration::from_mins(1), told).await.expect("it is not told");
    assert!(who.contains("ignore_changes = [user_ids]"), "{who}");
    // It ends with the fight: with `ignore_changes` nobody takes the user out any more.
    until_nothing_differs(&world).await;
    world.login("acme").await.set("acme:plan", "gold").await.unwrap();
}

/// With `ignore_changes`, Terraform changes other things of the group and leaves the members.
#[tokio::test]
async fn a_second_writer_that_leaves_our_members_alone_is_no_drift() {
    let world = world().await;
    world.create("acme").await;
    let elasticache = world.elasticache();
    let user = elasticache.create_user().user_id("theirs").user_name("theirs").engine("valkey");
    let user = user.access_string("on ~x:* resetchannels -@all +get");
    user.passwords("0123456789abcdef0123").send().await.unwrap();
    for adds in [true, false, true] {
        let change = elasticache.modify_user_group().user_group_id(SimulatorCache::USER_GROUP);
        let change = if adds {
            change.user_ids_to_add("theirs")
        } else {
            change.user_ids_to_remove("theirs")
        };
        change.send().await.unwrap();
        assert_eq!(kinds(&sweep(&world).await), Vec::<&str>::new());
    }
    assert_eq!(sweep(&world).await, Vec::<Value>::new());
}
