//! `ringfence import`, against a simulator.

use std::fs;

use ringfence::config::SimulatorCache;
use ringfence_acl::EngineKind;
use serde_json::Value;

use super::running::{finish, ringfence};
use crate::world::World;

#[tokio::test]
async fn import_tells_what_is_in_aws_and_fails_if_something_is_refused() {
    let mut world = World::new(EngineKind::Valkey).await;
    for tenant in ["acme", "globex"] {
        world.create(tenant).await;
    }
    world.stop_service().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ringfence.toml");
    let text = format!(
        "database = {:?}\n[[caches]]\nname = \"main\"\nreplication_group = {:?}\nuser_group = {:?}\n",
        directory.path().join("new.db"),
        SimulatorCache::REPLICATION_GROUP,
        SimulatorCache::USER_GROUP,
    );
    let engine = world.config.caches[0].engine_version.unwrap();
    fs::write(&path, format!("{text}engine_version = \"{engine}\"\n")).unwrap();
    let import = async |arguments: &[&str]| {
        let mut command = ringfence(&["import", "--config", path.to_str().unwrap()]);
        command.args(arguments).env("AWS_ENDPOINT_URL", world.simulator.url());
        command.env("AWS_REGION", "us-east-1").env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_ACCESS_KEY_ID", "somebody").env("AWS_SECRET_ACCESS_KEY", "else");
        finish(&mut command).await
    };

    let told = import(&[]).await;
    assert!(told.success, "{told:?}");
    assert!(
        told.stdout.starts_with("main/acme: tenant, read-write on acme:*: rf-acme\n"),
        "{told:?}"
    );
    assert!(told.stdout.contains("nothing was changed: run it again with --apply"), "{told:?}");
    let done = import(&["--apply", "--output", "json"]).await;
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(
        (&report["applied"], &report["tenants"][0]["outcome"]),
        (&true.into(), &"imported".into())
    );

    let outside = world.elasticache().modify_user_group();
    let outside = outside.user_group_id(SimulatorCache::USER_GROUP).user_ids_to_remove("rf-acme");
    outside.send().await.unwrap();
    world.elasticache().delete_user().user_id("rf-globex").send().await.unwrap();
    fs::remove_file(directory.path().join("new.db")).unwrap();
    let told = import(&[]).await;
    assert!(told.success, "{told:?}");
    assert!(
        told.stdout.contains("    rf-acme is not in the user group: it is suspended"),
        "{told:?}"
    );
    let orphan =
        "ringfence/globex: the user globex of globex that it is for is not there: ask for it";
    assert!(told.stdout.contains(orphan), "{told:?}");

    let changed = world.elasticache().modify_user().user_id("rf-acme");
    changed.access_string("on ~acme:* resetchannels -@all +get").send().await.unwrap();
    let refused = import(&[]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.stdout.contains("main/acme: refused: the rights of rf-acme are those of no access"),
        "{refused:?}"
    );
}
