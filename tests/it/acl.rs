//! Asking the service about access strings.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::api_router::{Answer, Edge};

const RECIPE: &str = "on ~acme-* +@read +@write -@dangerous";

async fn ask(edge: &Edge, path: &str, body: &Value) -> Answer {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    edge.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn lint(body: Value) -> Value {
    let answer = ask(&Edge::new().await, "/acl/lint", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

/// The codes of the findings, and the commands that they name.
fn found(report: &Value) -> (Vec<&str>, Vec<&str>) {
    let findings = report["findings"].as_array().unwrap();
    let commands = findings.iter().filter_map(|finding| finding["commands"].as_array());
    (
        findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect(),
        commands.flatten().map(|command| command.as_str().unwrap()).collect(),
    )
}

/// What experiments with the recipe on real servers showed.
#[tokio::test]
async fn the_usual_recipe_is_told_its_leaks() {
    for (engine, version) in [("redis", "7.0"), ("valkey", "8.1"), ("valkey", "9.0")] {
        let body = json!({ "access_string": RECIPE, "engine": engine, "engine_version": version });
        let report = lint(body).await;
        let (codes, commands) = found(&report);
        for code in [
            "reveals-key-names",
            "reveals-counts",
            "manages-functions",
            "bypasses-key-check",
            "all-channels",
            "open-prefix",
            "client-needs",
        ] {
            assert!(codes.contains(&code), "{engine} {version}: {code} {codes:?}");
        }
        for command in ["scan", "randomkey", "dbsize", "georadius", "function|load"] {
            assert!(commands.contains(&command), "{engine} {version}: {command}");
        }
        assert_eq!(report["engine_version"], format!("{version}.0"));
    }
}

#[tokio::test]
async fn each_finding_names_its_rule_and_place() {
    let report =
        lint(json!({ "access_string": "on ~acme:* resetchannels -@all (%R~x +get +scan)" })).await;
    let leak = &report["findings"][0];
    assert_eq!(leak["code"], "reveals-key-names");
    assert_eq!((&leak["rule"], &leak["position"]), (&json!("+scan"), &json!(42)));
    assert_eq!(report["canonical"], "on ~acme:* resetchannels -@all (%R~x -@all +get +scan)");
}

#[tokio::test]
async fn a_string_that_cannot_be_read_is_a_finding_of_the_lint() {
    let edge = Edge::new().await;
    let answer = ask(&edge, "/acl/lint", &json!({ "access_string": "on ~acme:* >hunter2" })).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json
    {
      "engine": "valkey",
      "engine_version": "9.1.0",
      "findings": [
        {
          "code": "not-readable",
          "explanation": "ElastiCache takes passwords as parameters of the user, not in the access string; leave the rule out and give the password as `Passwords`",
          "position": 11,
          "rule": ">…",
          "severity": "error"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_string_that_cannot_be_read_is_a_problem_where_a_decision_is_asked_for() {
    let edge = Edge::new().await;
    let body = json!({ "access_string": "on acme:*", "command": ["GET", "a"] });
    let answer = ask(&edge, "/acl/explain", &body).await;
    assert_snapshot!(answer.shown(), @r#"
    400 application/problem+json
    {
      "detail": "the body has values that this operation cannot take",
      "errors": [
        {
          "detail": "rule `acme:*` at byte 3: this is not a rule; rules begin with `~`, `%`, `&`, `+`, `-` or `(`, or are words such as `on`",
          "pointer": "/access_string"
        }
      ],
      "instance": "/acl/explain",
      "request_id": "test",
      "retryable": false,
      "status": 400,
      "title": "The request body is not valid",
      "type": "/problems/invalid-body"
    }
    "#);
}

#[tokio::test]
async fn what_no_engine_would_look_at_is_refused_by_its_pointer() {
    let edge = Edge::new().await;
    for (string, command, pointer) in [
        ("on +@all", json!([]), "/command"),
        ("on +@all", json!(["NOSUCH"]), "/command"),
        ("on +@all", json!(["GET"]), "/command"),
        ("on +nosuch", json!(["GET", "a"]), "/access_string"),
    ] {
        let body = json!({ "access_string": string, "command": command });
        let answer = ask(&edge, "/acl/explain", &body).await;
        assert_eq!(answer.problem().as_deref(), Some("invalid-body"), "{body}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{body}");
    }
}

#[tokio::test]
async fn everything_that_is_wrong_with_the_target_is_said_at_once() {
    let edge = Edge::new().await;
    let body = json!({
        "access_string": "x".repeat(4097),
        "engine": "memcached",
        "engine_version": "nine",
        "cache": "spare",
    });
    let answer = ask(&edge, "/acl/lint", &body).await;
    assert_eq!(answer.problem().as_deref(), Some("invalid-body"));
    let errors = answer.json();
    let pointers: Vec<_> =
        errors["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, ["/access_string", "/engine", "/engine_version", "/cache"]);
}

#[tokio::test]
async fn a_decision_names_the_rules_that_made_it() {
    let edge = Edge::new().await;
    let body = json!({
        "access_string": "on ~acme:* resetchannels -@all +@read",
        "command": ["MGET", "acme:a", "acme:b"],
    });
    let answer = ask(&edge, "/acl/explain", &body).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json
    {
      "allowed": true,
      "canonical": "on ~acme:* resetchannels -@all +@read",
      "engine": "valkey",
      "engine_version": "9.1.0",
      "explanation": "allowed: `+@read` gives the command, `~acme:*` the key at argument 1, `~acme:*` the key at argument 2",
      "reasons": [
        {
          "position": 31,
          "rule": "+@read",
          "subject": "command"
        },
        {
          "argument": 1,
          "position": 3,
          "rule": "~acme:*",
          "subject": "key"
        },
        {
          "argument": 2,
          "position": 3,
          "rule": "~acme:*",
          "subject": "key"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn each_selector_is_told_what_it_lacks() {
    let edge = Edge::new().await;
    let body = json!({
        "access_string": "on ~acme:* resetchannels -@all +@read -get (%R~shared:* +get)",
        "command": ["GET", "globex:plan"],
        "engine": "redis",
        "engine_version": "7.0",
    });
    let answer = ask(&edge, "/acl/explain", &body).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json
    {
      "allowed": false,
      "canonical": "on ~acme:* resetchannels -@all +@read -get (%R~shared:* -@all +get)",
      "engine": "redis",
      "engine_version": "7.0.0",
      "explanation": "denied: `-get` takes the command away; in `(%R~shared:* +get)` no rule gives the key at argument 1 for reading",
      "reasons": [
        {
          "position": 38,
          "rule": "-get",
          "subject": "command"
        },
        {
          "argument": 1,
          "selector": "(%R~shared:* +get)",
          "subject": "key"
        }
      ]
    }
    "#);
}

/// The positions are those of the string that was sent, although the default is put in front.
#[tokio::test]
async fn without_a_rule_about_channels_the_default_of_elasticache_gives_them_all() {
    let edge = Edge::new().await;
    let body = json!({ "access_string": "on -@all +publish", "command": ["PUBLISH", "c", "x"] });
    let report = ask(&edge, "/acl/explain", &body).await.json();
    assert_eq!(report["allowed"], true);
    assert!(report["explanation"].as_str().unwrap().contains("acl-pubsub-default"), "{report}");
    let channel = json!({ "subject": "channel", "argument": 1 });
    let command = json!({ "subject": "command", "rule": "+publish", "position": 9 });
    assert_eq!(report["reasons"], json!([command, channel]));
    let body = json!({ "access_string": "on resetchannels -@all +publish", "command": ["PUBLISH", "c", "x"] });
    let report = ask(&edge, "/acl/explain", &body).await.json();
    assert_eq!(report["allowed"], false);
}

#[tokio::test]
async fn the_tenants_of_a_cache_are_neighbours() {
    let edge = Edge::new().await;
    assert_eq!(edge.post(r#"{"name": "acme-eu"}"#).await.status, StatusCode::ACCEPTED);
    let body = json!({ "access_string": "on ~acme-* resetchannels -@all +get", "cache": "main" });
    let report = ask(&edge, "/acl/lint", &body).await.json();
    let shared = report["findings"].as_array().unwrap().iter().find(|f| f["code"] == "shares-keys");
    let explanation = shared.unwrap()["explanation"].as_str().unwrap();
    assert!(explanation.contains("`acme-eu` both reach the key `acme-eu:`"), "{explanation}");
    let body = json!({ "access_string": "on ~acme-* resetchannels -@all +get" });
    let report = ask(&edge, "/acl/lint", &body).await.json();
    assert!(!found(&report).0.contains(&"shares-keys"));
}

#[tokio::test]
async fn a_cache_that_was_not_seen_yet_proves_nothing() {
    let edge = Edge::new().await;
    let answer = edge.get("/isolation").await;
    assert_eq!(answer.problem().as_deref(), Some("cloud-unavailable"));
    for cache in ["spare", "Main"] {
        let answer = edge.get(&format!("/isolation?cache={cache}")).await;
        assert_eq!(answer.problem().as_deref(), Some("invalid-query"));
        assert_eq!(answer.json()["errors"][0]["parameter"], "cache");
    }
}
