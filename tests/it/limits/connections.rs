//! How many connections are held.

use std::num::NonZeroU32;

use ringfence_acl::EngineKind;

use super::Line;
use crate::world::World;

#[tokio::test]
async fn a_connection_beyond_the_limit_is_closed_and_the_others_are_served() {
    let two = NonZeroU32::new(2).unwrap();
    let world = World::with(EngineKind::Valkey, |config| config.limits.connections = two).await;
    let (mut first, mut second) = (Line::of(&world).await, Line::of(&world).await);
    assert!(first.get("/livez").await.starts_with("HTTP/1.1 200 OK"));
    assert!(second.get("/livez").await.starts_with("HTTP/1.1 200 OK"));
    assert_eq!(Line::of(&world).await.until_closed().await, "");
    assert!(first.get("/livez").await.starts_with("HTTP/1.1 200 OK"));
    drop(second);
    // The service learns a moment later that it is closed.
    loop {
        let mut next = Line::of(&world).await;
        let request =
            format!("GET /livez HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", next.host());
        next.say(&request).await;
        if next.until_closed().await.starts_with("HTTP/1.1 200 OK") {
            break;
        }
    }
}

#[tokio::test]
async fn a_stopping_service_does_not_wait_for_connections_that_nobody_uses() {
    let mut world = World::new(EngineKind::Valkey).await;
    let (mut fresh, mut used) = (Line::of(&world).await, Line::of(&world).await);
    let mut begun = Line::of(&world).await;
    assert!(used.get("/livez").await.starts_with("HTTP/1.1 200 OK"));
    begun.say("GET /livez HTTP/1.1\r\n").await;
    world.stop_service().await;
    for line in [&mut fresh, &mut used, &mut begun] {
        assert_eq!(line.until_closed().await, "");
    }
}
