//! What comes beyond what is answered at once.

use std::num::NonZeroU32;

use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::json;

use super::Line;
use crate::world::{Answer, World};

/// The one place of each sort is taken while the others go on as ever.
#[tokio::test]
async fn whoever_waits_keeps_neither_reads_nor_writes_nor_probes_from_being_answered() {
    let world = World::with(EngineKind::Valkey, |config| {
        config.limits.waits_at_once = NonZeroU32::MIN;
        config.limits.writes_at_once = NonZeroU32::MIN;
        config.limits.reads_at_once = NonZeroU32::MIN;
    })
    .await;
    world.control().add_fault(Fault::before("CreateUser").error("Throttling", 400));
    let wait = |name: &str| {
        let request = world.request(Method::POST, "/tenants").header("prefer", "wait=60");
        Answer::of(request.json(&json!({ "name": name })))
    };
    let (waited, ()) = tokio::join!(wait("acme"), async {
        world.until("/tenants/acme", |answer| !answer.body["problem"].is_null()).await;
        let refused = wait("globex").await;
        assert_eq!((refused.status, &refused.body["type"]), (503, &json!("/problems/overloaded")));
        assert!(refused.headers.contains_key("retry-after"));
        assert_eq!(world.get("/tenants/globex").await.status, 404, "nothing was done");
        let request = world.request(Method::POST, "/tenants");
        assert_eq!(Answer::of(request.json(&json!({ "name": "globex" }))).await.status, 202);
        assert_eq!(world.get("/readyz").await.status, 200);
        world.control().clear_faults();
    });
    assert_eq!((waited.status, &waited.body["status"]), (201, &json!("active")));
}

#[tokio::test]
async fn a_stream_keeps_its_place_until_its_reader_is_gone() {
    let world = World::with(EngineKind::Valkey, |config| {
        config.limits.streams_at_once = NonZeroU32::MIN;
    })
    .await;
    let stream = |line: &Line| {
        let host = line.host();
        format!("GET /events HTTP/1.1\r\nhost: {host}\r\naccept: text/event-stream\r\n\r\n")
    };
    let mut first = Line::of(&world).await;
    first.say(&stream(&first)).await;
    assert!(first.answer().await.starts_with("HTTP/1.1 200 OK"));
    let mut second = Line::of(&world).await;
    second.say(&stream(&second)).await;
    let refused = second.answer().await;
    assert!(refused.contains("/problems/overloaded"), "{refused}");
    assert_eq!(world.get("/events").await.status, 200, "a page is no stream");
    drop(first);
    // The service learns a moment later that the reader is gone.
    loop {
        second.say(&stream(&second)).await;
        if second.answer().await.starts_with("HTTP/1.1 200 OK") {
            break;
        }
    }
}
