//! `ringfence rotation`

use ringfence_simulator::Fault;

use super::*;
use crate::world::Metrics;

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
async fn an_old_password_is_retired_when_its_consumers_have_acknowledged_the_new_one() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let consumers = ["--consumer", "checkout", "--consumer", "worker"];
    let start = ["rotation", "start", "acme", "--grace", "0s", "--wait"];
    let started = ask_json(&world, &[&start[..], &consumers].concat()).await;
    let name = format!("acme/{}", started["id"].as_str().unwrap());
    let first = ask(&world, &["rotation", "ack", &name, "--consumer", "checkout"]).await;
    assert!(first.success, "{first:?}");
    assert_told(&first, "status", "grace");
    assert_told(&first, "consumers", "checkout, worker");
    assert_told(&first, "acknowledged", "checkout");
    let last = ask_json(&world, &["rotation", "ack", &name, "--consumer", "worker"]).await;
    assert_eq!(last["acknowledged"][1]["consumer"], "worker", "{last}");
    let watched = ask(&world, &["rotation", "watch", &name]).await;
    assert_told(&watched, "status", "completed");

    let late = ask(&world, &["rotation", "ack", &name, "--consumer", "batch"]).await;
    assert_eq!(late.code, Some(1), "{late:?}");
    assert!(late.stderr.contains("/problems/rotation-too-far"), "{late:?}");
}

#[tokio::test]
async fn what_is_acknowledged_has_to_be_a_tenants_rotation() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let id = "01a2001e-33c4-7e40-8f1a-e2ad052b5067";
    for (rotation, code, why) in [
        (format!("acme/{id}"), 4, "/problems/rotation-not-found"),
        (format!("nobody/{id}"), 4, "/problems/tenant-not-found"),
        (id.to_owned(), 2, "names a fleet rotation: give TENANT/ID"),
    ] {
        let outcome = ask(&world, &["rotation", "ack", &rotation, "--consumer", "checkout"]).await;
        assert_eq!(outcome.code, Some(code), "{outcome:?}");
        assert!(outcome.stderr.contains(why), "{outcome:?}");
    }
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

#[tokio::test]
async fn a_watch_goes_on_where_the_service_is_started_anew() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let start = ["rotation", "start", "acme", "--grace", "0s"];
    watch_through_a_restart(&mut world, &start, "/tenants/{name}/rotations/{id}").await;
}

#[tokio::test]
async fn a_watch_of_many_goes_on_where_the_service_is_started_anew() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let start = ["rotation", "start-fleet", "--all", "--reason", "drill", "--grace", "0s"];
    watch_through_a_restart(&mut world, &start, "/rotations/{id}").await;
}

/// Nothing is finished before the watch has met a service that is away.
async fn watch_through_a_restart(world: &mut World, start: &[&str], route: &str) {
    world.control().add_fault(Fault::before("PutSecretValue").error("ThrottlingException", 400));
    let started = ask_json(world, start).await;
    let id = started["id"].as_str().unwrap();
    let place = if start[1] == "start" { format!("acme/{id}") } else { id.to_owned() };
    world.config.listen = world.service_address();
    let url = url_of(world);
    let watched = ["rotation", "watch", &place, "--url", &url, "--output", "json"];
    let (watched, ()) = tokio::join!(run(&watched), restart(world, route));
    assert!(watched.success, "{watched:?}");
    let over: Value = serde_json::from_str(&watched.stdout).unwrap();
    let state = if start[1] == "start" { &over["status"] } else { &over["state"] };
    assert_eq!(state, "completed", "{over}");
}

/// Once somebody has looked along this route, it is away for a look, and comes back healthy.
async fn restart(world: &mut World, route: &str) {
    let has_looked = |metrics: &Metrics| {
        metrics.counts("ringfence_http_requests_total", "route").contains_key(route)
    };
    world.metrics_until(has_looked).await;
    world.stop_service().await;
    let proxy = TcpListener::bind(world.config.listen).await.unwrap();
    let (mut caller, _) = proxy.accept().await.unwrap();
    answer(&mut caller, "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
    drop((caller, proxy));
    world.control().clear_faults();
    world.start_service().await;
}
