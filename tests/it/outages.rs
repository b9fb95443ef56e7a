//! AWS out of reach for long: nothing is given up, it is told, and afterwards the work is done without
//! a rush.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use ringfence::{clock::Clock as _, config::Verify};
use ringfence_acl::EngineKind;
use ringfence_simulator::{Fault, Service};
use serde_json::{Value, json};

use crate::world::{Answer, Mortal, World};

const TENANTS: u32 = 20;

async fn ask_for(world: &World, name: &str) {
    let body = json!({ "name": name });
    let accepted = Answer::of(world.request(Method::POST, "/tenants").json(&body)).await;
    assert_eq!((accepted.status, &accepted.body["status"]), (202, &json!("provisioning")));
}

/// Waits until the next try of every tenant is to come, and answers their problems.
async fn until_all_wait(world: &World) -> BTreeMap<String, u32> {
    let waits = |tenant: &Value| {
        let retry_at = tenant["problem"]["retry_at"].as_str();
        retry_at.is_some_and(|at| at.parse::<Timestamp>().unwrap() > world.clock.now())
    };
    let all_wait = |answer: &Answer| answer.body["items"].as_array().unwrap().iter().all(waits);
    let answer = world.until("/tenants?limit=100", all_wait).await;
    let mut problems = BTreeMap::new();
    for tenant in answer.body["items"].as_array().unwrap() {
        let problem = &tenant["problem"];
        assert_eq!(problem["retryable"], true, "{tenant}");
        assert_ne!(tenant["status"], "blocked", "{tenant}");
        *problems.entry(problem["type"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    problems
}

async fn cache_failure(world: &World) -> String {
    let fails = |answer: &Answer| answer.body["failure"].is_string();
    let cache = world.until("/caches/main", fails).await;
    cache.body["failure"].as_str().unwrap().to_owned()
}

/// An hour passes on the service's clock, five minutes at a time.
#[tokio::test]
async fn after_an_hour_without_aws_what_waited_is_done_without_a_rush() {
    let world = World::with(EngineKind::Valkey, |config| {
        config.reconciler.period = Duration::from_millis(20);
        config.reconciler.retry_base = Duration::from_secs(1);
        config.reconciler.retry_max = Duration::from_mins(5);
    })
    .await;
    assert_eq!(world.create("leaver").await.body["status"], "active");
    world.control().add_fault(Fault::before("*"));
    world.control().clear_calls();
    let leaver = Answer::of(world.request(Method::DELETE, "/tenants/leaver")).await;
    assert_eq!(leaver.status, 202, "{leaver:?}");
    join_all((0..TENANTS).map(async |number| ask_for(&world, &format!("t{number}")).await)).await;
    for _ in 0..12 {
        world.clock.advance(SignedDuration::from_mins(5));
        assert_eq!(world.get("/readyz").await.status, 200, "requests are still taken");
        let problems = until_all_wait(&world).await;
        assert_eq!(problems.keys().collect::<Vec<_>>(), ["/problems/cloud-unavailable"]);
    }
    let failure = cache_failure(&world).await;
    assert!(failure.contains("refused or broke off"), "{failure}");
    let n_tried = world.control().calls().len();
    // The first tries come close together, and then one in five minutes.
    assert!(n_tried < 20 * (TENANTS as usize + 1), "{n_tried} calls in vain");

    world.control().clear_faults();
    world.control().clear_calls();
    world.clock.advance(SignedDuration::from_mins(5));
    for number in 0..TENANTS {
        world.until_phase(&format!("t{number}"), "active").await;
    }
    world.until("/tenants/leaver", |answer| answer.status == 404).await;
    let mut calls = BTreeMap::<String, usize>::new();
    for call in world.control().calls() {
        *calls.entry(call.operation).or_default() += 1;
    }
    let (n_calls, n_tenants) = (calls.values().sum::<usize>(), TENANTS as usize);
    // Nothing is tried twice. How many members share a change, and how often it is looked at, depends on
    // how fast the machine brings them: a change each, looked at three times, is the worst there is.
    assert!(n_calls < 8 * n_tenants, "{calls:?}");
    assert_eq!((calls["CreateSecret"], calls["CreateUser"]), (n_tenants, n_tenants), "{calls:?}");
    assert!(calls["ModifyUserGroup"] <= n_tenants + 1, "{calls:?}");
    world.until("/caches/main", |answer| answer.body["failure"].is_null()).await;
}

/// Names that nobody has (<https://www.rfc-editor.org/rfc/rfc2606>).
#[tokio::test]
async fn names_that_cannot_be_resolved_are_told_and_waited_for() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.stop_service().await;
    let nobody = |service: &str| format!("http://{service}.invalid");
    let lost = Mortal::with(
        &world,
        [
            ("AWS_ENDPOINT_URL_ELASTICACHE", nobody("elasticache")),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", nobody("secretsmanager")),
        ],
    );
    let accepted = lost.send(Method::POST, "/tenants", json!({ "name": "acme" })).await;
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let told = lost.until("/tenants/acme", |answer| answer.body["problem"].is_object()).await;
    assert_eq!(type_of_passing_problem(&told), "/problems/cloud-unavailable");
    lost.until("/caches/main", |answer| answer.body["failure"].is_string()).await;
    assert_eq!(lost.get("/readyz").await.status, 200);
    drop(lost);

    world.start_service().await;
    assert_eq!(world.create("acme").await.body["status"], "active");
}

/// The type of a tenant's problem, which is to pass by itself.
fn type_of_passing_problem(told: &Answer) -> &str {
    assert_eq!(told.body["status"], "provisioning", "{told:?}");
    assert_eq!(told.body["problem"]["retryable"], true, "{told:?}");
    told.body["problem"]["type"].as_str().unwrap()
}

#[tokio::test]
async fn expired_credentials_are_told_and_waited_for() {
    let mut world = World::new(EngineKind::Valkey).await;
    for (service, code, status) in [
        (Service::ElastiCache, "ExpiredToken", 403),
        (Service::SecretsManager, "ExpiredTokenException", 400),
    ] {
        world.control().add_fault(Fault::before("*").of(service).error(code, status));
    }
    world.stop_service().await;
    world.start_service().await;
    ask_for(&world, "acme").await;
    let told = world.until("/tenants/acme", |answer| answer.body["problem"].is_object()).await;
    assert_eq!(type_of_passing_problem(&told), "/problems/cloud-denied");
    let failure = cache_failure(&world).await;
    assert!(failure.contains("ExpiredToken"), "{failure}");
    assert_eq!(world.get("/readyz").await.status, 200);

    world.control().clear_faults();
    assert_eq!(world.create("acme").await.body["status"], "active", "nobody started it anew");
}

/// What is not proved is not called proved, and a tenant does not wait for it where that is the policy.
#[tokio::test]
async fn an_engine_out_of_reach_stops_no_tenant_where_attestations_only_warn() {
    let mut right = None;
    let mut world = World::with(EngineKind::Valkey, |config| {
        let cache = &mut config.caches[0];
        cache.verify = Verify::Warn;
        // Nobody listens there.
        right = cache.port.replace(1);
    })
    .await;
    let created = world.create("acme").await;
    assert_eq!(created.body["status"], "active", "{created:?}");
    assert_eq!(created.body["attested"]["verdict"], "inconclusive", "{created:?}");

    world.stop_service().await;
    world.config.caches[0].port = right;
    world.start_service().await;
    assert_eq!(world.attest("acme").await.body["finding"]["verdict"], "isolated");
}
