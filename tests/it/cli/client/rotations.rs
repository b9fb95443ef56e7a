//! `ringfence rotation`

use super::*;

#[tokio::test]
async fn a_rotation_is_started_found_and_retired() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let start = ["rotation", "start", "acme", "--grace", "1h", "--reason", "drill", "--wait"];
    let started = ask_json(&world, &start).await;
    assert_eq!(started["status"], "grace", "{started}");
    let name = format!("acme/{}", started["id"].as_str().unwrap());
    let list = ask(&world, &["rotation", "list", "acme"]).await;
    assert!(list.stdout.lines().nth(1).unwrap().starts_with(&name), "{list:?}");

    let retired = ask(&world, &["rotation", "retire", &name]).await;
    assert!(retired.success, "{retired:?}");
    let watched = ask(&world, &["rotation", "watch", &name]).await;
    assert!(watched.success, "{watched:?}");
    assert_told(&watched, "status", "completed");
    assert_told(&watched, "reason", "drill");

    let late = ask(&world, &["rotation", "cancel", &name]).await;
    assert_eq!(late.code, Some(1), "{late:?}");
}

#[tokio::test]
async fn many_passwords_are_replaced_and_watched_to_the_end() {
    let world = World::new(EngineKind::Valkey).await;
    for name in ["acme", "globex"] {
        world.create(name).await;
    }
    let start = ["rotation", "start-fleet", "--all", "--reason", "drill", "--grace", "0s"];
    let started = ask_json(&world, &start).await;
    assert_eq!(started["members"]["total"], 2, "{started}");
    let watched = ask(&world, &["rotation", "watch", started["id"].as_str().unwrap()]).await;
    assert!(watched.success && !watched.stdout.contains('\x1b'), "{watched:?}");
    assert_told(&watched, "state", "completed");
    assert_told(&watched, "progress", "[####################] 2/2");
    let list = ask_json(&world, &["rotation", "list"]).await;
    assert_eq!(list["items"][0]["id"], started["id"]);
}
