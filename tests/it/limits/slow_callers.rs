//! Callers that take their time, and requests that are too large.

use std::time::Duration;

use ringfence_acl::EngineKind;
use tokio::io::AsyncWriteExt as _;

use super::Line;
use crate::{api_router::Edge, world::World};

const SHORT: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_hours(1);
/// Long enough for who asks at once.
const HEAD: Duration = Duration::from_millis(100);

async fn with_short_heads() -> World {
    World::with(EngineKind::Valkey, |config| {
        config.limits.head_timeout = HEAD;
        config.limits.idle_timeout = LONG;
    })
    .await
}

#[tokio::test]
async fn a_head_that_does_not_end_is_cut() {
    let world = with_short_heads().await;
    let mut line = Line::of(&world).await;
    line.say("GET /livez HTTP/1.1\r\nhost: ").await;
    assert_eq!(line.until_closed().await, "");
    let mut used = Line::of(&world).await;
    assert!(used.get("/livez").await.starts_with("HTTP/1.1 200 OK"));
    used.say("G").await;
    assert_eq!(used.until_closed().await, "");
}

/// Or whoever does nothing but connect has all the places.
#[tokio::test]
async fn a_connection_on_which_nothing_is_ever_asked_is_cut_like_a_head_that_does_not_end() {
    let world = with_short_heads().await;
    assert_eq!(Line::of(&world).await.until_closed().await, "");
}

/// Each of the requests that follow comes after another connection's head has run out of time.
#[tokio::test]
async fn a_connection_is_kept_between_requests_for_longer_than_a_head_may_take() {
    let world = with_short_heads().await;
    let mut used = Line::of(&world).await;
    for _ in 0..3 {
        assert!(used.get("/livez").await.starts_with("HTTP/1.1 200 OK"));
        assert_eq!(Line::of(&world).await.until_closed().await, "");
    }
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_closed() {
    let world = World::with(EngineKind::Valkey, |config| config.limits.idle_timeout = SHORT).await;
    assert_eq!(Line::of(&world).await.until_closed().await, "");
    let mut used = Line::of(&world).await;
    assert!(used.get("/livez").await.starts_with("HTTP/1.1 200 OK"));
    assert_eq!(used.until_closed().await, "");
}

#[tokio::test]
async fn a_body_that_does_not_end_is_answered_and_nothing_is_done() {
    let world = World::with(EngineKind::Valkey, |config| config.limits.body_timeout = SHORT).await;
    let mut line = Line::of(&world).await;
    let head = format!(
        "POST /tenants HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{\"name\": ",
        line.host()
    );
    line.say(&head).await;
    let answer = line.until_closed().await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("/problems/body-timed-out"), "{answer}");
    assert_eq!(world.get("/tenants").await.body["items"].as_array().unwrap().len(), 0);
}

/// The page is longer than what the sockets hold, and nobody reads it.
#[tokio::test]
async fn an_answer_that_nobody_takes_is_cut() {
    let world = World::with(EngineKind::Valkey, |config| config.limits.write_timeout = SHORT).await;
    let mut line = Line::of(&world).await;
    let request = format!("GET /openapi.json HTTP/1.1\r\nhost: {}\r\n\r\n", line.host());
    // Sooner or later there is no room for requests either, until the connection is cut.
    while line.0.write_all(request.as_bytes()).await.is_ok() {}
}

#[tokio::test]
async fn a_head_that_is_too_long_is_answered() {
    let world = World::new(EngineKind::Valkey).await;
    let many =
        (0..101).map(|number| ["x-", &number.to_string(), ": 1\r\n"].concat()).collect::<String>();
    for headers in [format!("x-long: {}\r\n", "a".repeat(16 * 1024)), many] {
        let mut line = Line::of(&world).await;
        line.say(&format!("GET /livez HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", line.host())).await;
        let answer = line.until_closed().await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn a_query_that_is_too_long_is_a_problem() {
    let edge = Edge::new().await;
    let fits = format!("/livez?{}", "a".repeat(8 * 1024 - 6));
    assert_ne!(edge.get(&fits).await.problem().as_deref(), Some("uri-too-long"));
    let answer = edge.get(&format!("{fits}a")).await;
    assert_eq!(answer.problem().as_deref(), Some("uri-too-long"));
}

#[tokio::test]
async fn json_that_is_nested_too_deep_is_a_problem() {
    let edge = Edge::new().await;
    for depth in [33, 30_000] {
        let body = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let answer = edge.post(&body).await;
        assert_eq!(answer.problem().as_deref(), Some("invalid-body"));
        assert!(answer.shown().contains("nested more than 32 deep"), "{}", answer.shown());
    }
}
