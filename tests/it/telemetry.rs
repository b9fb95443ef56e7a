//! Traces: what a request asks for is found from it, whenever it is done and by which process.

mod collector;

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use self::collector::{Collector, Span};
use crate::world::{Answer, Mortal, World};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

async fn world() -> World {
    let mut world = World::new(EngineKind::Valkey).await;
    world.stop_service().await;
    world
}

/// A service that exports to this URL, without waiting for more to export.
fn exporting(world: &World, url: &str) -> Mortal {
    let endpoint = ("RINGFENCE_TELEMETRY__OTLP_ENDPOINT", url.to_owned());
    Mortal::with(world, [endpoint, ("OTEL_BSP_SCHEDULE_DELAY", "20".to_owned())])
}

/// Asks for a tenant within a trace; answers with the span that the service says it has in it.
async fn post(service: &Mortal, name: &str, wait: u32) -> (Answer, (String, String)) {
    post_to(service, "/tenants", json!({ "name": name }), wait).await
}

/// The same of anything else that is asked for.
async fn post_to(
    service: &Mortal,
    path: &str,
    body: Value,
    wait: u32,
) -> (Answer, (String, String)) {
    let request = service.request(Method::POST, path).json(&body);
    let request = request.header("traceparent", format!("00-{TRACE}-{CALLER}-01"));
    let answer = Answer::of(request.header("prefer", format!("wait={wait}"))).await;
    let ours: Vec<&str> = answer.headers["traceparent"].to_str().unwrap().split('-').collect();
    let context = (ours[1].to_owned(), ours[2].to_owned());
    (answer, context)
}

/// The span of the work in which a call succeeded, if it is linked with this one.
fn work_of(spans: &[Span], call: &str, linked: &(String, String)) -> Option<Span> {
    let calls = spans.iter().filter(|span| span.name == call && !span.failed);
    let works = calls.filter_map(|call| spans.iter().find(|span| span.id == call.parent));
    works.into_iter().find(|work| work.links.contains(linked)).cloned()
}

#[tokio::test]
async fn a_request_leads_to_the_work_and_the_calls_that_it_has_caused() {
    let (world, collector) = (world().await, Collector::start().await);
    let service = exporting(&world, &collector.url());
    let (answer, request) = post(&service, "acme", 60).await;
    assert_eq!((answer.status, request.0.as_str()), (201, TRACE));

    let is_request = |span: &Span| span.id == request.1;
    let span = collector.until(|spans| spans.iter().find(|span| is_request(span)).cloned()).await;
    assert_eq!((span.trace.as_str(), span.parent.as_str()), (TRACE, CALLER));
    assert_eq!((span.name.as_str(), span.kind), ("POST /tenants", SpanKind::Server));
    assert_eq!(span.attributes["http.response.status_code"], "201");
    assert_eq!(span.attributes["http.route"], "/tenants");
    assert_eq!(span.resource["service.name"], "ringfence");

    for (call, work) in [
        ("Secrets Manager/CreateSecret", "reconcile user"),
        ("ElastiCache/CreateUser", "reconcile user"),
        ("ElastiCache/ModifyUserGroup", "change user group"),
        ("AUTH", "reconcile user"),
    ] {
        let found = collector.until(|spans| work_of(spans, call, &request)).await;
        assert_eq!((found.name.as_str(), found.kind), (work, SpanKind::Internal), "{call}");
        assert_ne!(found.trace, TRACE, "it is linked, and a trace of its own");
    }
    let spans = collector.spans();
    let call = spans.iter().find(|span| span.name == "ElastiCache/CreateUser").unwrap();
    assert_eq!((call.kind, call.attributes["rpc.system"].as_str()), (SpanKind::Client, "aws-api"));
    assert_eq!(call.attributes["rpc.service"], "ElastiCache");
    assert_eq!(call.attributes["rpc.method"], "CreateUser");
    let work = spans.iter().find(|span| span.id == call.parent).unwrap();
    assert_eq!(work.attributes["ringfence.tenant.name"], "acme");
}

/// The tenant was there before, by another request.
#[tokio::test]
async fn the_work_of_a_rotation_is_that_of_the_request_for_it() {
    let (world, collector) = (world().await, Collector::start().await);
    let service = exporting(&world, &collector.url());
    let (_, sign_up) = post(&service, "acme", 60).await;
    collector.clear();
    let (answer, request) = post_to(&service, "/tenants/acme/rotations", json!({}), 0).await;
    assert_eq!(answer.status, 202);

    let mut traces = Vec::new();
    for (call, phase) in
        [("Secrets Manager/PutSecretValue", "creating"), ("ElastiCache/ModifyUser", "setting")]
    {
        let work = collector.until(|spans| work_of(spans, call, &request)).await;
        assert_eq!(work.name, "reconcile rotation", "{call}");
        assert!(!work.links.contains(&sign_up), "{work:?}");
        assert_eq!(work.attributes["ringfence.request_id"], id_of(&answer), "{call}");
        assert_eq!(work.attributes["ringfence.phase"], phase, "{call}");
        traces.push((work.trace, phase));
    }
    let log = service.stop().await;
    for (trace, phase) in traces {
        let has_left =
            |line: &Value| line["message"] == "rotation moved on" && line["from"] == phase;
        let span = logged_in(&log, has_left);
        assert_eq!(span["trace.id"], trace);
        assert_eq!(span["request.id"], id_of(&answer));
    }
}

#[tokio::test]
async fn the_logins_of_an_attestation_are_found_from_the_request_for_it() {
    let (world, collector) = (world().await, Collector::start().await);
    let service = exporting(&world, &collector.url());
    let (_, sign_up) = post(&service, "acme", 60).await;
    collector.clear();
    let (answer, request) = post_to(&service, "/tenants/acme/attestations", json!({}), 60).await;
    assert_eq!(answer.status, 201);

    let work = collector.until(|spans| work_of(spans, "AUTH", &request)).await;
    assert_eq!(work.name, "attest user");
    assert!(!work.links.contains(&sign_up), "{work:?}");
    assert_eq!(work.attributes["ringfence.request_id"], id_of(&answer));
    let span = logged_in(&service.stop().await, |line| line["message"] == "attested");
    assert_eq!(span["trace.id"], work.trace);
    assert_eq!(span["request.id"], id_of(&answer));
}

fn id_of(answer: &Answer) -> &str {
    answer.headers["x-request-id"].to_str().unwrap()
}

/// The innermost span of the first line of the log that is like this.
fn logged_in(log: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let mut lines = log.lines().filter_map(|line| serde_json::from_str(line).ok());
    let line: Value = lines.find(is_wanted).unwrap_or_else(|| panic!("no such line in {log}"));
    line["spans"].as_array().and_then(|spans| spans.last()).cloned().unwrap()
}

/// The trace is written down with the work, and not in the memory of who has answered.
#[tokio::test]
async fn work_that_another_process_does_is_linked_with_the_request_all_the_same() {
    let (world, collector) = (world().await, Collector::start().await);
    let mut service = exporting(&world, &collector.url());
    world.control().add_fault(Fault::before("CreateUser").error("Throttling", 400));
    let (answer, request) = post(&service, "acme", 0).await;
    assert_eq!(answer.status, 202);
    let failed = |spans: &[Span]| {
        let call = spans.iter().find(|span| span.name == "ElastiCache/CreateUser")?;
        Some((call.failed, call.attributes["error.type"].clone()))
    };
    assert_eq!(collector.until(failed).await, (true, "Throttling".to_owned()));

    service.kill_and_start().await;
    collector.clear();
    world.control().clear_faults();
    service.until("/tenants/acme", |tenant| tenant.body["status"] == "active").await;
    let call = "ElastiCache/CreateUser";
    let work = collector.until(|spans| work_of(spans, call, &request)).await;
    assert_eq!(work.name, "reconcile user");
}

/// Two tenants of one round wait for the group together, unless the second one comes too late.
#[tokio::test]
async fn a_change_for_several_tenants_is_linked_with_the_request_of_each() {
    let (world, collector) = (world().await, Collector::start().await);
    let service = exporting(&world, &collector.url());
    for round in 0..50 {
        collector.clear();
        let [first, acme, globex] =
            ["first", "acme", "globex"].map(|name| format!("{name}-{round}"));
        world.control().add_fault(Fault::delay("ModifyUserGroup").times(1));
        post(&service, &first, 0).await;
        let is_held_up = |_: &Answer| world.control().faults().is_empty();
        service.until(&format!("/tenants/{first}"), is_held_up).await;
        let mut requests = Vec::new();
        for name in [&acme, &globex] {
            requests.push(post(&service, name, 0).await.1);
            until(&service, name, "joining-group").await;
        }
        world.control().release_delayed();
        until(&service, &acme, "active").await;
        until(&service, &globex, "active").await;
        let is_for =
            |request, span: &Span| span.name == "change user group" && span.links.contains(request);
        let of_globex =
            |spans: &[Span]| spans.iter().find(|span| is_for(&requests[1], span)).cloned();
        let change = collector.until(of_globex).await;
        assert_eq!(change.attributes["ringfence.cache"], "main");
        if is_for(&requests[0], &change) {
            return;
        }
    }
    panic!("no two tenants ever waited together");
}

async fn until(service: &Mortal, tenant: &str, phase: &str) {
    service.until(&format!("/tenants/{tenant}"), |answer| answer.body["phase"] == phase).await;
}

#[tokio::test]
async fn without_a_collector_nothing_is_traced_and_nothing_written_down() {
    let world = world().await;
    let service = Mortal::new(&world);
    assert_eq!(post(&service, "acme", 60).await.0.status, 201);
    assert_eq!(n_written_down(&world).await, 0);
}

#[tokio::test]
async fn a_caller_that_is_not_sampled_is_not_traced() {
    let (world, collector) = (world().await, Collector::start().await);
    let service = exporting(&world, &collector.url());
    let request = service.request(Method::POST, "/tenants").json(&json!({ "name": "acme" }));
    let request = request.header("traceparent", format!("00-{TRACE}-{CALLER}-00"));
    assert_eq!(Answer::of(request.header("prefer", "wait=60")).await.status, 201);
    service.get("/tenants/acme").await;
    let others = |spans: &[Span]| spans.iter().any(|span| span.name == "GET /tenants/{name}");
    collector.until(|spans| others(spans).then_some(())).await;
    let spans = collector.spans();
    assert!(spans.iter().all(|span| span.trace != TRACE), "{spans:?}");
    assert!(spans.iter().all(|span| span.name != "reconcile user"), "{spans:?}");
}

#[tokio::test]
async fn a_collector_that_is_not_there_does_no_harm() {
    let world = world().await;
    let service = exporting(&world, "http://127.0.0.1:1");
    for name in ["acme", "globex", "initech"] {
        assert_eq!(post(&service, name, 60).await.0.status, 201);
    }
    let log = service.stop().await;
    assert_eq!(log.matches("traces cannot be exported").count(), 1, "{log}");
}

/// All that is in the queue is sent before the process ends.
#[tokio::test]
async fn no_password_and_no_header_is_exported_and_a_stop_loses_nothing() {
    let (world, collector) = (world().await, Collector::start().await);
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20hunter2".to_owned()),
        ("OTEL_SERVICE_NAME", "tenants".to_owned()),
        ("OTEL_BSP_SCHEDULE_DELAY", "3600000".to_owned()),
    ];
    let service = Mortal::with(&world, variables);
    post(&service, "acme", 60).await;
    let path = "/tenants/acme/credentials";
    let first = service.get(path).await.body["password"].as_str().unwrap().to_owned();
    service.send(Method::POST, "/tenants/acme/rotations", json!({})).await;
    service.until(path, |shown| shown.body["password"] != first.as_str()).await;
    let second = service.get(path).await.body["password"].as_str().unwrap().to_owned();
    let log = service.stop().await;

    let spans = collector.spans();
    assert!(spans.iter().any(|span| span.name == "GET /tenants/{name}/credentials"), "{spans:?}");
    assert!(spans.iter().any(|span| span.name == "reconcile rotation"), "{spans:?}");
    assert!(spans.iter().all(|span| span.resource["service.name"] == "tenants"));
    assert!(collector.headers().iter().all(|headers| headers["authorization"] == "Bearer hunter2"));
    for secret in [first.as_str(), second.as_str(), "hunter2"] {
        let exported = collector.bytes();
        let is_there = exported.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!is_there, "a secret was exported");
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

/// How many requests have a trace that work could be linked with.
async fn n_written_down(world: &World) -> i64 {
    let options = SqliteConnectOptions::new().filename(&world.config.database).read_only(true);
    let mut database = SqliteConnection::connect_with(&options).await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM request_traces");
    count.fetch_one(&mut database).await.unwrap()
}
