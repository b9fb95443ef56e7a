//! `ringfence status`

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::*;

#[tokio::test]
async fn status_tells_of_caches_and_of_what_is_rotated() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let start =
        ["rotation", "start-fleet", "--all", "--reason", "drill", "--retire-when", "manual"];
    let fleet = ask_json(&world, &start).await;
    let told = ask(&world, &["status"]).await;
    assert!(told.success && !told.stdout.contains('\x1b'), "{told:?}");
    assert!(told.stdout.starts_with("CACHE "), "{told:?}");
    assert!(told.stdout.contains(fleet["id"].as_str().unwrap()), "{told:?}");
    let mut all = ask_json(&world, &["status"]).await;
    let mut served = world.get("/caches").await.body["items"].take();
    for cache in [&mut all["caches"][0], &mut served[0]] {
        // They are looked at again and again.
        assert!(cache["observed"].take().is_object());
    }
    assert_eq!(all["caches"], served);
    assert_eq!(all["blocked"], serde_json::json!([]));
    assert_eq!(all["fleet_rotations"][0]["state"], "running");
}

#[tokio::test]
async fn a_watch_goes_on_into_a_pipe_until_nobody_reads() {
    let world = World::new(EngineKind::Valkey).await;
    let url = url_of(&world);
    let arguments = ["status", "--watch=1", "--output", "json", "--url", &url];
    let mut watch = ringfence(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    for _ in 0..2 {
        let line = lines.next_line().await.unwrap().unwrap();
        let standing: Value = serde_json::from_str(&line).unwrap();
        assert!(standing["caches"].is_array(), "{standing}");
    }
    drop(lines);
    assert!(watch.wait().await.unwrap().success());
}
