//! Requests that cannot be used are refused, each as a problem that says what to change.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use insta::assert_snapshot;

use crate::api_router::Edge;

#[tokio::test]
async fn an_unknown_member_is_refused_by_its_pointer() {
    let answer = Edge::new().await.post(r#"{"name": "acme", "nmae": "acme"}"#).await;
    assert_snapshot!(answer.shown(), @r#"
    400 application/problem+json
    {
      "detail": "the body is JSON, but not what this operation takes",
      "errors": [
        {
          "detail": "unknown field `nmae`, expected one of `name`, `profile`, `cache`, `engine`, `auth`, `users`, `labels`, `rotate_every_seconds`, `inherit_keys`, `dry_run` at line 1 column 23",
          "pointer": "/nmae"
        }
      ],
      "instance": "/tenants",
      "request_id": "test",
      "retryable": false,
      "status": 400,
      "title": "The request body is not valid",
      "type": "/problems/invalid-body"
    }
    "#);
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_refused_by_its_pointer() {
    let answer = Edge::new().await.post(r#"{"name": "acme", "labels": {"a/b": 1}}"#).await;
    assert_snapshot!(answer.shown(), @r#"
    400 application/problem+json
    {
      "detail": "the body is JSON, but not what this operation takes",
      "errors": [
        {
          "detail": "invalid type: integer `1`, expected a string at line 1 column 36",
          "pointer": "/labels/a~1b"
        }
      ],
      "instance": "/tenants",
      "request_id": "test",
      "retryable": false,
      "status": 400,
      "title": "The request body is not valid",
      "type": "/problems/invalid-body"
    }
    "#);
}

#[tokio::test]
async fn everything_that_is_wrong_with_the_values_is_said_at_once() {
    let body = r#"{"name": "Acme", "profile": "root", "cache": "-", "labels": {"A": "x"}}"#;
    let answer = Edge::new().await.post(body).await;
    assert_snapshot!(answer.shown(), @r#"
    400 application/problem+json
    {
      "detail": "the body has values that this operation cannot take",
      "errors": [
        {
          "detail": "must start with a lower-case letter (a to z)",
          "pointer": "/name"
        },
        {
          "detail": "must start with a lower-case letter (a to z)",
          "pointer": "/cache"
        },
        {
          "detail": "\"root\" is no access profile: use read-write, read-only, queue, cache or pubsub",
          "pointer": "/profile"
        },
        {
          "detail": "the key \"A\" must have 1 to 63 characters from a-z, 0-9, '-', '_', '.', '/'",
          "pointer": "/labels/A"
        }
      ],
      "instance": "/tenants",
      "request_id": "test",
      "retryable": false,
      "status": 400,
      "title": "The request body is not valid",
      "type": "/problems/invalid-body"
    }
    "#);
}

#[tokio::test]
async fn an_unknown_cache_is_refused() {
    let answer = Edge::new().await.post(r#"{"name": "acme", "cache": "spare"}"#).await;
    assert_snapshot!(answer.shown(), @r#"
    400 application/problem+json
    {
      "detail": "the body names a cache that does not exist",
      "errors": [
        {
          "detail": "no cache named spare is configured; GET /caches lists them",
          "pointer": "/cache"
        }
      ],
      "instance": "/tenants",
      "request_id": "test",
      "retryable": false,
      "status": 400,
      "title": "The request body is not valid",
      "type": "/problems/invalid-body"
    }
    "#);
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    let edge = Edge::new().await;
    for body in ["", "{", "acme", "{} {}", r#"{"name": "a", "name": "b"}"#, "[]", "null"] {
        let answer = edge.post(body).await;
        assert_eq!(answer.problem().as_deref(), Some("invalid-body"), "{body}");
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_declared_to_be_json_is_not_read() {
    let edge = Edge::new().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = Request::post("/tenants")
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(r#"{"name": "acme"}"#))
            .unwrap();
        let answer = edge.send(request).await;
        assert_eq!(answer.problem().as_deref(), Some("unsupported-media-type"));
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    assert_eq!(edge.get("/tenants/acme").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_body_of_more_than_64_kib_is_refused_with_and_without_a_declared_length() {
    let edge = Edge::new().await;
    let body = format!(r#"{{"name": "{}"}}"#, "a".repeat(64 * 1024));
    let answer = edge.post(&body).await;
    assert_snapshot!(answer.shown(), @r#"
    413 application/problem+json
    {
      "detail": "the body may have at most 65536 bytes",
      "instance": "/tenants",
      "request_id": "test",
      "retryable": false,
      "status": 413,
      "title": "The request body is too large",
      "type": "/problems/body-too-large"
    }
    "#);
    let length = body.len().to_string();
    let answer = edge.post_with(&[("content-length", &length)], &body).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_by_its_name() {
    let answer = Edge::new().await.get("/tenants?sort=name").await;
    assert_snapshot!(answer.shown(), @r#"
    400 application/problem+json
    {
      "detail": "the query has a parameter that this operation cannot take",
      "errors": [
        {
          "detail": "unknown field `sort`, expected one of `status`, `cache`, `label`, `rotation_due_before`, `limit`, `page_token`",
          "parameter": "sort"
        }
      ],
      "instance": "/tenants",
      "request_id": "test",
      "retryable": false,
      "status": 400,
      "title": "The query is not valid",
      "type": "/problems/invalid-query"
    }
    "#);
}

#[tokio::test]
async fn a_parameter_with_an_impossible_value_is_refused_by_its_name() {
    let edge = Edge::new().await;
    for (query, parameter) in [
        ("status=asleep", "status"),
        ("status=deleted", "status"),
        ("status=active&status=blocked", "status"),
        ("cache=Main", "cache"),
        ("label=team", "label"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
    ] {
        let answer = edge.get(&format!("/tenants?{query}")).await;
        assert_eq!(answer.problem().as_deref(), Some("invalid-query"), "{query}");
        assert_eq!(answer.json()["errors"][0]["parameter"], parameter, "{query}");
    }
}

#[tokio::test]
async fn a_page_token_that_is_not_ours_is_refused() {
    let edge = Edge::new().await;
    for token in ["x", "e30", "%F0%9F%92%A5"] {
        let answer = edge.get(&format!("/tenants?page_token={token}")).await;
        assert_eq!(answer.problem().as_deref(), Some("invalid-page-token"), "{token}");
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn an_idempotency_key_that_cannot_be_read_is_refused() {
    let edge = Edge::new().await;
    for key in ["", "\"\"", &"k".repeat(256)] {
        let answer = edge.post_with(&[("idempotency-key", key)], r#"{"name": "acme"}"#).await;
        assert_eq!(answer.problem().as_deref(), Some("invalid-header"), "{key}");
        assert_eq!(answer.json()["errors"][0]["header"], "Idempotency-Key");
    }
    assert_eq!(edge.get("/tenants/acme").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_path_that_no_operation_has_is_a_problem() {
    let answer = Edge::new().await.get("/tenant").await;
    assert_snapshot!(answer.shown(), @r#"
    404 application/problem+json
    {
      "detail": "no operation has this path; /docs shows them all",
      "instance": "/tenant",
      "request_id": "test",
      "retryable": false,
      "status": 404,
      "title": "There is no such path",
      "type": "/problems/not-found"
    }
    "#);
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_a_problem_that_names_those_it_takes() {
    let edge = Edge::new().await;
    let answer = edge.send(Request::put("/tenants/acme").body(Body::empty()).unwrap()).await;
    assert_snapshot!(answer.shown(), @r#"
    405 application/problem+json
    {
      "detail": "use one of the methods that the Allow header names",
      "instance": "/tenants/acme",
      "request_id": "test",
      "retryable": false,
      "status": 405,
      "title": "The path does not take this method",
      "type": "/problems/method-not-allowed"
    }
    "#);
    let mut methods: Vec<_> = answer.header("allow").split(',').collect();
    methods.sort_unstable();
    assert_eq!(methods, ["DELETE", "GET", "HEAD", "PATCH"]);
    for path in ["/docs/", "/problems", "/openapi.json", "/livez"] {
        let answer = edge.send(Request::post(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.problem().as_deref(), Some("method-not-allowed"), "{path}");
    }
}

#[tokio::test]
async fn a_caller_that_takes_no_json_is_told_so() {
    let edge = Edge::new().await;
    let request = Request::get("/tenants").header(header::ACCEPT, "text/html");
    let answer = edge.send(request.body(Body::empty()).unwrap()).await;
    assert_snapshot!(answer.shown(), @r#"
    406 application/problem+json
    {
      "detail": "let Accept include application/json, or leave it out",
      "instance": "/tenants",
      "request_id": "test",
      "retryable": false,
      "status": 406,
      "title": "The answer is only to be had as JSON",
      "type": "/problems/not-acceptable"
    }
    "#);
}

#[tokio::test]
async fn a_name_that_no_tenant_can_have_is_not_found() {
    let edge = Edge::new().await;
    for name in ["Acme", "a--b", "%FF", "default"] {
        for path in [format!("/tenants/{name}"), format!("/tenants/{name}/credentials")] {
            let answer = edge.get(&path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(answer.problem().as_deref(), Some("tenant-not-found"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_cache_that_is_not_configured_is_not_found() {
    let edge = Edge::new().await;
    for name in ["spare", "%FF", "Main"] {
        let answer = edge.get(&format!("/caches/{name}")).await;
        assert_eq!(answer.problem().as_deref(), Some("cache-not-found"), "{name}");
    }
}
