//! Things of ours that the store does not know, and things that are not ours.

use ringfence::config::SimulatorCache;
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use super::{kinds, repair, sweep};
use crate::world::World;

/// The database is lost, and a new one begun under the same installation.
#[tokio::test]
async fn what_a_lost_database_leaves_behind_is_listed_and_not_touched() {
    let mut world = World::with(EngineKind::Valkey, |config| {
        config.installation = Some(ringfence::domain::InstallationId::new("blue".to_owned()));
    })
    .await;
    world.create("acme").await;
    world.stop_service().await;
    world.config.database.set_file_name("another.db");
    world.start_service().await;
    let before = world.aws().await;
    let found = sweep(&world).await;
    assert_eq!(kinds(&found), ["secret-orphaned", "user-orphaned"], "{found:#?}");
    assert_eq!(found[1]["found"], "tagged for user acme of tenant acme");
    assert!(found[1]["repair"]["does"].as_str().unwrap().contains("ringfence import"));
    repair(&world, json!({})).await;
    sweep(&world).await;
    assert_eq!(world.aws().await, before);
}

/// Somebody's own user under our prefix, in our group, and somebody's secret.
#[tokio::test]
async fn what_does_not_carry_our_tags_is_nobodys_business() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let elasticache = world.elasticache();
    let user = elasticache.create_user().user_id("rf-foreign").user_name("foreign");
    let user = user.engine("valkey").access_string("on ~x:* resetchannels -@all +get");
    user.passwords("0123456789abcdef0123").send().await.unwrap();
    let change = elasticache.modify_user_group().user_group_id(SimulatorCache::USER_GROUP);
    change.user_ids_to_add("rf-foreign").send().await.unwrap();
    let secret = world.secrets_manager().create_secret().name("ringfence/foreign");
    secret.secret_string("{}").send().await.unwrap();
    assert_eq!(sweep(&world).await, Vec::<Value>::new());
    assert!(world.aws().await.member_ids().contains("rf-foreign"));
}
