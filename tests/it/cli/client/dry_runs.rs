//! `--dry-run`: what is told of a request before it is made.

use serde_json::json;

use super::*;

/// In the order of a tenant's life; each is refused for a tenant that is not there.
const CHANGES: [&[&str]; 4] = [
    &["tenant", "update", "acme", "--profile", "read-only"],
    &["tenant", "suspend", "acme"],
    &["tenant", "resume", "acme"],
    &["tenant", "delete", "acme", "--purge-keys"],
];

#[tokio::test]
async fn a_creation_is_told_before_it_is_made() {
    let world = World::new(EngineKind::Valkey).await;
    let create = ["tenant", "create", "acme", "--label", "plan=gold", "--dry-run"];
    let told = ask(&world, &create).await;
    assert!(told.success, "{told:?}");
    assert_told(&told, "dry run", "nothing was done");
    assert_told(&told, "outcome", "created");
    let calls = "CreateSecret, CreateUser, ModifyUserGroup, GetSecretValue";
    assert_told(&told, "calls to AWS", calls);
    assert!(told.stdout.contains("\nmain  storing-secret  CreateSecret\n"), "{told:?}");

    let body = json!({ "name": "acme", "labels": { "plan": "gold" }, "dry_run": true });
    let plan = world.create_as(body).await.body;
    let access_string = plan["users"][0]["access_string"].as_str().unwrap();
    assert!(told.stdout.contains(&format!("acme      rf-acme  {access_string}\n")), "{told:?}");
    assert_eq!(ask_json(&world, &create).await, plan);
    assert_eq!(world.get("/tenants/acme").await.status, 404);
}

#[tokio::test]
async fn a_change_is_told_before_it_is_made_and_changes_nothing() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let tenant = world.get("/tenants/acme").await.body;
    for (command, outcome, calls) in [
        (CHANGES[0], "changed", "ListTagsForResource, ModifyUser, GetSecretValue"),
        (CHANGES[1], "changed", "ModifyUserGroup"),
        (CHANGES[2], "unchanged", "none"),
    ] {
        // It would be waited for in vain.
        let told = ask(&world, &[command, &["--dry-run", "--wait"]].concat()).await;
        assert!(told.success, "{told:?}");
        assert_told(&told, "outcome", outcome);
        assert_told(&told, "calls to AWS", calls);
    }
    let delete = [CHANGES[3], &["--dry-run", "--wait"]].concat();
    let told = ask(&world, &delete).await;
    assert_told(&told, "outcome", "changed");
    assert!(told.stdout.contains("acme---purge"), "{told:?}");
    let path = "/tenants/acme?purge_keys=true&dry_run=true";
    assert_eq!(ask_json(&world, &delete).await, world.remove(path).await.body);
    assert_eq!(world.get("/tenants/acme").await.body, tenant);
}

#[tokio::test]
async fn a_dry_run_is_refused_as_the_command_would_be() {
    let world = World::new(EngineKind::Valkey).await;
    for command in CHANGES {
        let unknown = ask(&world, &[command, &["--dry-run"]].concat()).await;
        assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(4), ""), "{unknown:?}");
        assert!(unknown.stderr.contains("/problems/tenant-not-found"), "{unknown:?}");
    }
    world.create("acme").await;
    let taken = ["tenant", "create", "acme", "--profile", "queue", "--dry-run"];
    let taken = ask(&world, &taken).await;
    assert_eq!((taken.code, taken.stdout.as_str()), (Some(1), ""), "{taken:?}");
    assert!(taken.stderr.contains("/problems/tenant-name-taken"), "{taken:?}");
}

#[tokio::test]
async fn how_many_would_be_rotated_is_told_without_rotating_them() {
    let world = World::new(EngineKind::Valkey).await;
    for name in ["acme", "globex"] {
        world.create(name).await;
    }
    let start = ["rotation", "start-fleet", "--all", "--reason", "drill", "--dry-run"];
    let told = ask(&world, &start).await;
    assert!(told.success, "{told:?}");
    assert_told(&told, "dry run", "nothing was done");
    assert_told(&told, "selected", "2");
    assert_eq!(ask_json(&world, &start).await, json!({ "selected": 2 }));
    let list = ask_json(&world, &["rotation", "list"]).await;
    assert_eq!(list["items"], json!([]));
    let nobody =
        ["rotation", "start-fleet", "--tenant", "nobody", "--reason", "drill", "--dry-run"];
    let nobody = ask(&world, &nobody).await;
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
    assert!(nobody.stderr.contains("/selector/tenants/0: "), "{nobody:?}");
}
