//! The record of what happened, as callers read it.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use jiff::SignedDuration;
use reqwest::{Method, Response};
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use crate::world::{Answer, World};

/// All events that match, a page after the other.
async fn all(world: &World, query: &str, limit: usize) -> Vec<Value> {
    let (mut events, mut token) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/events?limit={limit}{query}{token}")).await;
        assert_eq!(page.status, 200, "{page:?}");
        let found = page.body["items"].as_array().unwrap();
        assert!(found.len() <= limit);
        events.extend(found.iter().cloned());
        match page.body["next_page_token"].as_str() {
            Some(next) => token = format!("&page_token={next}"),
            None => return events,
        }
    }
}

fn sequences(events: &[Value]) -> Vec<u64> {
    events.iter().map(|event| event["sequence"].as_u64().unwrap()).collect()
}

fn kinds(events: &[Value]) -> BTreeSet<&str> {
    events.iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

/// A stream of server-sent events.
struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    async fn open(world: &World, path: &str, last_seen: Option<u64>) -> Self {
        let mut request = world.request(Method::GET, path).header("accept", "text/event-stream");
        if let Some(last_seen) = last_seen {
            request = request.header("last-event-id", last_seen);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next event; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    let mut lines = block.lines();
                    lines.find_map(|line| line.strip_prefix(name)).map(str::to_owned)
                };
                let Some(data) = field("data: ") else { continue };
                let event: Value = serde_json::from_str(&data).unwrap();
                assert_eq!(field("id: ").unwrap(), event["sequence"].to_string());
                assert_eq!(field("event: ").unwrap(), event["kind"].as_str().unwrap());
                return Some(event);
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.text.push_str(str::from_utf8(&chunk).unwrap());
        }
    }
}

#[tokio::test]
async fn pages_tell_each_event_once_in_the_order_of_the_commits() {
    let world = World::new(EngineKind::Valkey).await;
    let names = ["acme", "globex", "initech"];
    join_all(names.map(|name| world.create(name))).await;
    let events = all(&world, "", 7).await;
    let n_events = events.len() as u64;
    assert_eq!(sequences(&events), (1..=n_events).collect::<Vec<_>>());
    for name in names {
        let of_tenant = all(&world, &format!("&tenant={name}"), 2).await;
        let kinds: Vec<&str> =
            of_tenant.iter().map(|event| event["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds[0], "tenant.requested");
        assert!(kinds.contains(&"tenant.activated"), "{kinds:?}");
        let actors: BTreeSet<&str> =
            of_tenant[1..].iter().map(|event| event["actor"].as_str().unwrap()).collect();
        assert_eq!((&of_tenant[0]["actor"], actors), (&json!("anonymous"), ["service"].into()));
    }
    let seen_to = &world.get("/events").await.body["seen_to"];
    assert_eq!(*seen_to, json!(n_events));
    assert!(all(&world, &format!("&after={seen_to}"), 7).await.is_empty());
    world.get("/tenants/acme/credentials").await;
    let news = all(&world, &format!("&after={seen_to}"), 7).await;
    assert_eq!(kinds(&news), ["credentials.read"].into());
}

#[tokio::test]
async fn all_that_a_filter_says_must_be_met() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.create("globex").await;
    let events = all(&world, "", 100).await;
    assert_eq!(
        kinds(&all(&world, "&kind=tenant.requested", 100).await),
        ["tenant.requested"].into()
    );
    let of_tenants = all(&world, "&kind=tenant.", 1).await;
    assert_eq!(kinds(&of_tenants), ["tenant.activated", "tenant.requested"].into());
    let asked = all(&world, "&actor=anonymous&tenant=globex", 100).await;
    assert_eq!((asked.len(), &asked[0]["kind"]), (1, &json!("tenant.requested")));
    // What happened in one millisecond is on the same side of it.
    let middle = events[events.len() / 2]["at"].as_str().unwrap();
    let before = all(&world, &format!("&until={middle}"), 100).await;
    let after = all(&world, &format!("&since={middle}"), 100).await;
    assert!(!after.is_empty() && before.len() + after.len() == events.len());
    let (before, after) = (sequences(&before), sequences(&after));
    assert!(before.iter().all(|sequence| !after.contains(sequence)));
    for bad in
        ["kind=requested", "actor=nobody", "since=yesterday", "tenant=A", "limit=0", "page=2"]
    {
        let refused = world.get(&format!("/events?{bad}")).await;
        assert_eq!(refused.problem(), "invalid-query", "{bad}");
    }
}

/// The stream is left and taken up again after every few events, while others write.
#[tokio::test]
async fn a_stream_that_is_taken_up_again_misses_nothing_while_tenants_sign_up() {
    let world = World::new(EngineKind::Valkey).await;
    let names: Vec<String> = (0..12).map(|i| format!("t{i}")).collect();
    let sign_ups = join_all(names.iter().map(|name| world.create(name)));
    let watch = async {
        let (mut seen, mut n_activated, mut last_seen) = (Vec::new(), 0, Some(0));
        while n_activated < names.len() {
            let mut stream = Stream::open(&world, "/events", last_seen).await;
            for _ in 0..5 {
                let event = stream.next().await.unwrap();
                last_seen = event["sequence"].as_u64();
                n_activated += usize::from(event["kind"] == "tenant.activated");
                seen.push(event);
                if n_activated == names.len() {
                    break;
                }
            }
        }
        seen
    };
    let (_created, seen) = tokio::join!(sign_ups, watch);
    assert_eq!(seen, all(&world, "", 1000).await[..seen.len()]);
}

#[tokio::test]
async fn a_stream_begins_with_what_happens_from_now_on_and_tells_what_was_asked_for() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let mut stream = Stream::open(&world, "/events?kind=tenant.&tenant=globex", None).await;
    world.create("initech").await;
    world.create("globex").await;
    assert_eq!(stream.next().await.unwrap()["kind"], "tenant.requested");
    assert_eq!(stream.next().await.unwrap()["kind"], "tenant.activated");
}

#[tokio::test]
async fn a_stream_ends_when_the_service_stops() {
    let mut world = World::new(EngineKind::Valkey).await;
    let mut stream = Stream::open(&world, "/events", None).await;
    world.create("acme").await;
    let (rest, ()) = tokio::join!(
        async {
            let mut n_events = 0;
            while stream.next().await.is_some() {
                n_events += 1;
            }
            n_events
        },
        world.stop_service()
    );
    assert!(rest > 0);
}

/// What happens before the end, at it and after it is told, in this stream or in the next.
#[tokio::test]
async fn a_stream_ends_after_a_quarter_of_an_hour_and_the_next_one_leaves_no_gap() {
    let world = World::new(EngineKind::Valkey).await;
    let mut stream = Stream::open(&world, "/events", Some(0)).await;
    world.create("acme").await;
    put_forward(Duration::from_mins(14)).await;
    world.create("globex").await;
    let mut seen = Vec::new();
    while !is_told_of(&seen, "globex") {
        seen.push(stream.next().await.unwrap());
    }
    put_forward(Duration::from_mins(1)).await;
    world.create("initech").await;
    while let Some(event) = stream.next().await {
        seen.push(event);
    }
    assert!(!is_told_of(&seen, "initech"), "its end came before");

    let last_seen = seen.last().unwrap()["sequence"].as_u64();
    let mut stream = Stream::open(&world, "/events", last_seen).await;
    while !is_told_of(&seen, "initech") {
        seen.push(stream.next().await.unwrap());
    }
    assert_eq!(seen, all(&world, "", 1000).await[..seen.len()]);
}

fn is_told_of(events: &[Value], tenant: &str) -> bool {
    events.iter().any(|event| event["kind"] == "tenant.activated" && event["tenant"] == tenant)
}

/// All timers of this thread, and with it those of the service, at once.
async fn put_forward(by: Duration) {
    tokio::time::pause();
    tokio::time::advance(by).await;
    tokio::time::resume();
}

#[tokio::test]
async fn lines_hold_what_pages_hold_and_no_password() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let credentials = world.get("/tenants/acme/credentials").await;
    let request = world.request(Method::GET, "/events").header("accept", "application/x-ndjson");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let text = response.text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, all(&world, "", 1000).await);
    assert!(!text.contains(credentials.body["password"].as_str().unwrap()));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused() {
    let world = World::new(EngineKind::Valkey).await;
    let refused = async |path: &str, accept: &str, last_seen: Option<&str>| {
        let mut request = world.request(Method::GET, path).header("accept", accept);
        if let Some(last_seen) = last_seen {
            request = request.header("last-event-id", last_seen);
        }
        Answer::of(request).await.problem().to_owned()
    };
    assert_eq!(refused("/events", "text/html", None).await, "not-acceptable");
    let stream = "text/event-stream";
    assert_eq!(refused("/events", stream, Some("last")).await, "invalid-header");
    for query in ["limit=5", "page_token=x", "until=2026-11-01T00:00:00Z"] {
        let path = format!("/events?{query}");
        let problem = refused(&path, stream, None).await;
        assert!(["invalid-query", "invalid-page-token"].contains(&problem.as_str()), "{query}");
    }
    // The record of another database, or of this one before it was restored.
    assert_eq!(refused("/events", stream, Some("4711")).await, "events-gone");
}

#[tokio::test]
async fn who_was_away_for_too_long_is_told_so() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.clock.advance(SignedDuration::from_hours(401 * 24));
    world.stop_service().await;
    world.start_service().await;
    let gone = world.until("/events?after=1", |answer| answer.status == 410).await;
    assert_eq!(gone.problem(), "events-gone");
    let oldest = &all(&world, "", 100).await[0];
    assert_eq!((&oldest["kind"], &oldest["actor"]), (&json!("audit.removed"), &json!("service")));
}
