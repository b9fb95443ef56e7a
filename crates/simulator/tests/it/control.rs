//! The knobs over HTTP, and who is let in.

use reqwest::{Client, Response, StatusCode};
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use crate::bench::Bench;

/// The control interface of a bench.
struct Knobs {
    http: Client,
    url: String,
}

impl Knobs {
    fn of(bench: &Bench) -> Self {
        Self { http: Client::new(), url: format!("{}/_simulator", bench.simulator.url()) }
    }

    async fn get(&self, path: &str) -> Value {
        self.http.get(format!("{}{path}", self.url)).send().await.unwrap().json().await.unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Response {
        self.http.post(format!("{}{path}", self.url)).json(&body).send().await.unwrap()
    }

    async fn patch(&self, path: &str, body: Value) -> Response {
        self.http.patch(format!("{}{path}", self.url)).json(&body).send().await.unwrap()
    }

    async fn delete(&self, path: &str) -> StatusCode {
        self.http.delete(format!("{}{path}", self.url)).send().await.unwrap().status()
    }
}

#[tokio::test]
async fn the_state_is_shown() {
    let bench = Bench::new().await;
    bench.user("acme").await;
    let state = Knobs::of(&bench).get("/state").await;
    assert_eq!(state, bench.control.dump().await);
    assert_eq!(state["users"][0]["user_id"], "acme");
    assert_eq!(state["secrets"], json!([]));
}

#[tokio::test]
async fn settings_are_patched() {
    let bench = Bench::new().await;
    let knobs = Knobs::of(&bench);
    let patch = json!({
        "latencies": { "user_create": { "min_ms": 60_000, "max_ms": 60_000 } },
        "throttling": { "*": 5.0 },
        "behaviour": { "acl_pubsub_default": "resetchannels" },
    });
    let patched: Value = knobs.patch("/settings", patch).await.json().await.unwrap();
    assert_eq!(patched["latencies"]["user_create"]["min_ms"], 60_000);
    assert_eq!(patched["quotas"]["users"], 2_000, "the rest stays");
    assert_eq!(patched, knobs.get("/settings").await);
    bench.new_user("acme").send().await.unwrap();
    assert_eq!(bench.status_of("acme").await, "creating");

    knobs.patch("/settings", json!({ "throttling": { "*": null } })).await;
    assert!(bench.control.settings().throttling.is_empty());
    for wrong in [json!({ "latency": {} }), json!({ "quotas": { "users": "many" } }), json!(1)] {
        let refused = knobs.patch("/settings", wrong).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn faults_are_armed_listed_and_cleared() {
    let bench = Bench::new().await;
    let knobs = Knobs::of(&bench);
    let fault = json!({
        "service": "elasticache",
        "operation": "DescribeUsers",
        "when": "before",
        "answer": { "error": { "code": "InternalFailure", "status": 500 } },
        "count": 2,
    });
    assert_eq!(knobs.post("/faults", fault).await.status(), StatusCode::CREATED);
    bench.elasticache.describe_users().send().await.unwrap_err();
    assert_eq!(knobs.get("/faults").await[0]["count"], 1);
    assert_eq!(knobs.delete("/faults").await, StatusCode::NO_CONTENT);
    bench.elasticache.describe_users().send().await.unwrap();

    let hang = json!({ "operation": "DescribeUsers", "when": { "hang": { "seconds": 0 } } });
    assert_eq!(knobs.post("/faults", hang).await.status(), StatusCode::CREATED);
    bench.elasticache.describe_users().send().await.unwrap();
    let wrong = knobs.post("/faults", json!({ "when": "sometimes" })).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn calls_are_listed_from_any_point() {
    let bench = Bench::new().await;
    let knobs = Knobs::of(&bench);
    for _ in 0..3 {
        bench.elasticache.describe_users().send().await.unwrap();
    }
    let all = knobs.get("/calls").await;
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert_eq!(all[0]["operation"], "DescribeUsers");
    assert_eq!(all[0]["outcome"], "answered");
    let rest = knobs.get("/calls?after=2").await;
    assert_eq!(rest.as_array().unwrap().len(), 1);
    assert_eq!(rest[0]["seq"], 3);
    assert_eq!(knobs.delete("/calls").await, StatusCode::NO_CONTENT);
    assert_eq!(knobs.get("/calls").await, json!([]));
}

#[tokio::test]
async fn the_clock_goes_forward() {
    let bench = Bench::new().await;
    let knobs = Knobs::of(&bench);
    let before = bench.control.now();
    let answer = knobs.post("/clock", json!({ "advance_ms": 3_600_000 })).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(bench.control.now() >= before + jiff::SignedDuration::from_hours(1));
    assert!(knobs.get("/clock").await["now"].is_string());
    let back = knobs.post("/clock", json!({ "advance_ms": -1 })).await;
    assert_eq!(back.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn nodes_are_failed_over_and_meddled_with() {
    let bench = Bench::with_cache(EngineKind::Redis).await;
    bench.member("acme").await;
    let knobs = Knobs::of(&bench);
    let failover = knobs.post("/failovers", json!({ "cache": "main", "shard": 1 })).await;
    assert_eq!(failover.status(), StatusCode::UNPROCESSABLE_ENTITY, "there is no replica");
    let change = json!({ "node": bench.address(), "user": "acme", "rules": ["+dbsize"] });
    let changed = knobs.post("/engine-users", change).await;
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
    let wrong = json!({ "node": bench.address(), "user": "acme", "rules": ["nonsense"] });
    let refused = knobs.post("/engine-users", wrong).await;
    assert_eq!(refused.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let users = knobs.get(&format!("/engine-users?node={}", bench.address())).await;
    let is_changed = |user: &Value| user.as_str().unwrap().starts_with("user acme on");
    assert!(users.as_array().unwrap().iter().any(is_changed), "{users}");
    let node = &knobs.get("/state").await["replication_groups"][0]["nodes"][0];
    assert_eq!((&node["id"], &node["is_primary"]), (&json!("main-001"), &json!(true)));
}

#[tokio::test]
async fn an_unknown_knob_is_not_found() {
    let bench = Bench::new().await;
    let knobs = Knobs::of(&bench);
    assert_eq!(knobs.delete("/nothing").await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn unsigned_requests_are_refused() {
    let bench = Bench::new().await;
    let post = || Client::new().post(bench.simulator.url());
    let query = post().body("Action=DescribeUsers&Version=2015-02-02").send().await.unwrap();
    assert_eq!(query.status(), StatusCode::FORBIDDEN);
    assert!(query.text().await.unwrap().contains("<Code>MissingAuthenticationToken</Code>"));
    let json = post().header("x-amz-target", "secretsmanager.ListSecrets").body("{}");
    let json = json.send().await.unwrap();
    assert_eq!(json.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        json.json::<Value>().await.unwrap()["__type"],
        "MissingAuthenticationTokenException"
    );
    assert!(bench.control.calls().is_empty());
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let bench = Bench::new().await;
    let authorization = "AWS4-HMAC-SHA256 Credential=k/20261121/eu-west-1/s/aws4_request, \
                         SignedHeaders=host, Signature=00";
    let post = || Client::new().post(bench.simulator.url()).header("authorization", authorization);
    let text = async |request: reqwest::RequestBuilder| {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        response.text().await.unwrap()
    };
    assert!(text(post().body("a=b")).await.contains("<Code>MissingAction</Code>"));
    assert!(text(post().body("Action=Fly")).await.contains("<Code>InvalidAction</Code>"));
    assert!(text(post().body("Action=CreateUser")).await.contains("<Code>MissingParameter</Code>"));
    let secrets = post().header("x-amz-target", "secretsmanager.ListSecrets");
    assert!(text(secrets.body("no json")).await.contains("SerializationException"));
}
