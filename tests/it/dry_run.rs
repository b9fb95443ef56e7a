//! Requests that only ask what they would do, compared with what they do.

use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use crate::world::{Answer, World};

/// Looks that all users of a cache share, and that go on until AWS has come to its end.
const POLLS: [&str; 4] = [
    "DescribeUsers",
    "DescribeUserGroups",
    "DescribeReplicationGroups",
    "DescribeServerlessCaches",
];

/// The calls to AWS since the first `skipped`, without polls.
fn calls(world: &World, skipped: usize) -> Vec<String> {
    let calls = world.control().calls().into_iter().skip(skipped).map(|call| call.operation);
    calls.filter(|operation| !POLLS.contains(&operation.as_str())).collect()
}

async fn ask(world: &World, method: Method, path: &str, body: &Value) -> Answer {
    let request = world.request(method, path).header("prefer", "wait=60");
    Answer::of(if body.is_null() { request } else { request.json(body) }).await
}

/// Asks what a request would do, does it, and finds that the calls were those.
async fn is_as_foreseen(world: &World, method: Method, path: &str, body: Value) -> Answer {
    let (mut dry_body, mut dry_path) = (body.clone(), path.to_owned());
    match method {
        Method::POST => dry_body["dry_run"] = json!(true),
        _ if path.contains('?') => dry_path = format!("{path}&dry_run=true"),
        _ => dry_path = format!("{path}?dry_run=true"),
    }
    let before = world.control().calls().len();
    let plan = ask(world, method.clone(), &dry_path, &dry_body).await;
    assert_eq!(plan.status, 200, "{plan:?}");
    assert!(calls(world, before).is_empty(), "a dry run called AWS");
    let before = world.control().calls().len();
    let done = ask(world, method.clone(), path, &body).await;
    assert!(done.status == 200 || done.status == 201 || done.status == 204, "{done:?}");
    assert_eq!(plan.body["calls"], json!(calls(world, before)), "{method} {path} {body}");
    plan
}

async fn live(world: &World, tenant: Value) {
    let path = "/tenants/acme";
    let plan = is_as_foreseen(world, Method::POST, "/tenants", tenant).await;
    assert_eq!((&plan.body["outcome"], &plan.body["cache"]), (&json!("created"), &json!("main")));
    let findings = plan.body["users"][0]["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["severity"] == "note"), "{findings:?}");
    let made = world.control().calls().into_iter().find(|call| call.operation == "CreateUser");
    let made = made.unwrap().parameters;
    assert_eq!(plan.body["users"][0]["access_string"], made["AccessString"], "{made}");
    let other = json!({ "profile": "read-only" });
    is_as_foreseen(world, Method::PATCH, path, other.clone()).await;
    let plan = is_as_foreseen(world, Method::PATCH, path, other).await;
    assert_eq!((&plan.body["outcome"], &plan.body["calls"]), (&json!("unchanged"), &json!([])));
    is_as_foreseen(world, Method::PATCH, path, json!({ "labels": { "a": "b" } })).await;
    is_as_foreseen(world, Method::PATCH, path, json!({ "suspended": true })).await;
    is_as_foreseen(world, Method::PATCH, path, json!({ "profile": "queue" })).await;
    is_as_foreseen(world, Method::PATCH, path, json!({ "suspended": false })).await;
    is_as_foreseen(world, Method::DELETE, path, Value::Null).await;
}

#[tokio::test]
async fn a_tenants_whole_life_makes_the_calls_that_were_foreseen() {
    live(&World::new(EngineKind::Valkey).await, json!({ "name": "acme" })).await;
}

#[tokio::test]
async fn a_purge_makes_the_calls_that_were_foreseen() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let purge = "/tenants/acme?purge_keys=true";
    let plan = is_as_foreseen(&world, Method::DELETE, purge, Value::Null).await;
    assert_eq!(plan.body["users"][1]["username"], "acme---purge");
}

#[tokio::test]
async fn a_tenant_of_iam_makes_the_calls_that_were_foreseen() {
    let world = World::with_iam(EngineKind::Valkey, |_| {}).await;
    live(&world, json!({ "name": "acme", "auth": "iam" })).await;
}

/// Users are worked on side by side; each has its own calls in its own order.
#[tokio::test]
async fn each_of_several_users_makes_the_calls_that_were_foreseen() {
    let world = World::new(EngineKind::Valkey).await;
    let body = json!({ "name": "acme", "users": [{ "name": "sessions", "profile": "cache" }] });
    let mut dry = body.clone();
    dry["dry_run"] = json!(true);
    let plan = world.create_as(dry).await;
    assert_eq!(world.create_as(body).await.status, 201);
    for user in plan.body["users"].as_array().unwrap() {
        let id = user["user_id"].as_str().unwrap();
        let secret = id.replacen("rf-", "ringfence/", 1).replacen("--", "/", 1);
        let concerns = |parameters: &Value| {
            let text = parameters.to_string();
            [id, &secret].iter().any(|name| text.contains(&format!("\"{name}\"")))
        };
        let calls = world.control().calls().into_iter();
        let calls = calls.filter(|call| concerns(&call.parameters)).map(|call| call.operation);
        let calls: Vec<String> = calls.filter(|name| !POLLS.contains(&name.as_str())).collect();
        let steps = user["steps"].as_array().unwrap().iter();
        let foreseen: Vec<&Value> = steps.flat_map(|s| s["calls"].as_array().unwrap()).collect();
        assert_eq!(json!(foreseen), json!(calls), "{id}");
    }
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("globex").await;
    let recorded = world.recorded("globex").await;
    let dry = json!({ "name": "acme", "dry_run": true });
    assert_eq!(world.create_as(dry).await.status, 200);
    assert_eq!(world.get("/tenants/acme").await.problem(), "tenant-not-found");
    let tenant = world.get("/tenants/globex").await;
    let path = "/tenants/globex?dry_run=true";
    for method in [Method::PATCH, Method::DELETE] {
        let dry = world.request(method, path).json(&json!({ "suspended": true }));
        assert_eq!(Answer::of(dry).await.status, 200);
    }
    assert_eq!(world.get("/tenants/globex").await.body, tenant.body);
    assert_eq!(world.recorded("acme").await, []);
    assert_eq!(world.recorded("globex").await, recorded);
}

/// A person says by the same request that the cause is gone.
#[tokio::test]
async fn what_takes_a_blocked_tenant_up_again_changes_something() {
    let world = World::new(EngineKind::Valkey).await;
    let refused = Fault::before("CreateUser").error("InvalidParameterValue", 400);
    world.control().add_fault(refused.times(1));
    assert_eq!(world.create("acme").await.body["status"], "blocked");
    let plan = world.create_as(json!({ "name": "acme", "dry_run": true })).await;
    assert_eq!((plan.status, &plan.body["outcome"]), (200, &json!("changed")), "{plan:?}");
    assert_eq!(world.get("/tenants/acme").await.body["status"], "blocked");
}

/// What the request would be refused for, its dry run is refused for.
#[tokio::test]
async fn a_dry_run_is_refused_as_the_request_would_be() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let ask = async |body: Value| world.create_as(body).await;
    let taken = ask(json!({ "name": "acme", "profile": "queue", "dry_run": true })).await;
    assert_eq!((taken.status, taken.problem()), (409, "tenant-name-taken"));
    let same = ask(json!({ "name": "acme", "dry_run": true })).await;
    assert_eq!((same.status, &same.body["outcome"]), (200, &json!("unchanged")), "{same:?}");
    let elsewhere = ask(json!({ "name": "globex", "cache": "none", "dry_run": true })).await;
    assert_eq!(elsewhere.problem(), "invalid-body");
    world.delete("acme").await;
    let left = ask(json!({ "name": "acme", "dry_run": true })).await;
    assert_eq!((left.status, left.problem()), (409, "keys-left-behind"));
    let patched = world.request(Method::PATCH, "/tenants/acme?dry_run=true").json(&json!({}));
    assert_eq!(Answer::of(patched).await.problem(), "tenant-not-found");
    let unknown = world.request(Method::DELETE, "/tenants/acme?dry=true");
    assert!(matches!(Answer::of(unknown).await.status, 400 | 404));
}
