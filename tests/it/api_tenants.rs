//! Operations on tenants, as far as the store alone answers them.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use insta::assert_snapshot;
use ringfence::domain::KeyPatternTemplate;
use serde_json::Value;

use crate::api_router::{Answer, Edge};

const ACME: &str = r#"{"name": "acme", "labels": {"team": "checkout"}}"#;

async fn send(edge: &Edge, method: Method, path: &str, header: (&str, &str)) -> Answer {
    let request = Request::builder().method(method).uri(path).header(header.0, header.1);
    edge.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_tenant_is_accepted_and_can_be_looked_up() {
    let edge = Edge::new().await;
    let posted = edge.post(ACME).await;
    assert_snapshot!(posted.shown(), @r#"
    202 application/json
    {
      "auth": "password",
      "cache": "main",
      "created_at": "2026-11-21T20:15:00Z",
      "key_pattern": "acme:*",
      "key_prefix": "acme:",
      "labels": {
        "team": "checkout"
      },
      "name": "acme",
      "phase": "storing-secret",
      "phase_since": "2026-11-21T20:15:00Z",
      "profile": "read-write",
      "revision": 1,
      "secret_name": "ringfence/acme",
      "status": "provisioning",
      "suspended": false,
      "updated_at": "2026-11-21T20:15:00Z",
      "user_id": "rf-acme",
      "username": "acme",
      "users": [
        {
          "auth": "password",
          "key_pattern": "acme:*",
          "key_prefix": "acme:",
          "name": "main",
          "phase": "storing-secret",
          "phase_since": "2026-11-21T20:15:00Z",
          "profile": "read-write",
          "secret_name": "ringfence/acme",
          "status": "provisioning",
          "user_id": "rf-acme",
          "username": "acme"
        }
      ]
    }
    "#);
    assert_eq!(posted.header("location"), "/tenants/acme");
    assert_eq!(posted.header("cache-control"), "no-store");
    let found = edge.get("/tenants/acme").await;
    assert_eq!(found.status, StatusCode::OK);
    assert_eq!(found.body, posted.body);
    assert_eq!(found.header("etag"), posted.header("etag"));
}

#[tokio::test]
async fn the_same_request_is_the_same_tenant_and_another_is_a_conflict() {
    let edge = Edge::new().await;
    let first = edge.post(ACME).await;
    let again = edge.post(r#"{"labels": {"team": "checkout"}, "name": "acme", "cache": "main"}"#);
    let again = again.await;
    assert_eq!((again.status, &again.body), (StatusCode::ACCEPTED, &first.body));
    let other = edge.post(r#"{"name": "acme"}"#).await;
    assert_snapshot!(other.shown(), @r#"
    409 application/problem+json
    {
      "detail": "the name acme is taken by a tenant or service with another specification; choose another name, or send the specification that it has",
      "instance": "/tenants",
      "request_id": "test",
      "retryable": false,
      "status": 409,
      "title": "The tenant's name is taken",
      "type": "/problems/tenant-name-taken"
    }
    "#);
}

#[tokio::test]
async fn a_tenant_whose_keys_would_be_another_tenants_is_refused() {
    let edge = Edge::with(KeyPatternTemplate::Hyphen).await;
    edge.post(ACME).await;
    let answer = edge.post(r#"{"name": "acme-eu"}"#).await;
    assert_snapshot!(answer.shown(), @r#"
    409 application/problem+json
    {
      "detail": "the tenant acme could read this tenant's keys, and the other way round: both own the key \"acme-eu-\"; choose another name or another cache",
      "instance": "/tenants",
      "overlap": {
        "key": "acme-eu-",
        "tenant": "acme"
      },
      "request_id": "test",
      "retryable": false,
      "status": 409,
      "title": "The keys of two tenants would overlap",
      "type": "/problems/key-pattern-overlap"
    }
    "#);
}

#[tokio::test]
async fn a_kept_answer_is_given_again_whatever_has_happened_since() {
    let edge = Edge::new().await;
    let key = [("idempotency-key", "k1")];
    let first = edge.post_with(&key, ACME).await;
    edge.send(Request::delete("/tenants/acme").body(Body::empty()).unwrap()).await;
    let quoted = [("idempotency-key", "\"k1\"")];
    let again = edge.post_with(&quoted, r#"{ "labels": {"team": "checkout"}, "name": "acme" }"#);
    let again = again.await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    for name in ["etag", "location", "content-type"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn a_key_of_another_request_is_refused() {
    let edge = Edge::new().await;
    let key = [("idempotency-key", "k1")];
    edge.post_with(&key, ACME).await;
    let answer = edge.post_with(&key, r#"{"name": "globex"}"#).await;
    assert_snapshot!(answer.shown(), @r#"
    422 application/problem+json
    {
      "detail": "this idempotency key came with another request before; make a new key for each request",
      "instance": "/tenants",
      "request_id": "test",
      "retryable": false,
      "status": 422,
      "title": "The idempotency key belongs to another request",
      "type": "/problems/idempotency-key-reused"
    }
    "#);
    assert_eq!(edge.get("/tenants/globex").await.status, StatusCode::NOT_FOUND);
}

/// A refusal had no effect, so there is nothing to give again: the corrected world decides anew.
#[tokio::test]
async fn a_refusal_is_not_kept_under_the_key() {
    let edge = Edge::new().await;
    let key = [("idempotency-key", "k1")];
    assert_eq!(edge.post_with(&key, r#"{"name": "A"}"#).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(edge.post_with(&key, ACME).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_wait_that_is_not_fulfilled_is_answered_with_what_is_so_far() {
    let edge = Edge::new().await;
    let answer = edge.post_with(&[("prefer", "wait=120, respond-async")], ACME).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.header("preference-applied"), "respond-async, wait=60");
}

#[tokio::test]
async fn a_known_representation_is_not_sent_again() {
    let edge = Edge::new().await;
    let tag = edge.post(ACME).await.header("etag").to_owned();
    for known in [tag.as_str(), "*", &format!("W/{tag}"), &format!("\"x\", {tag}")] {
        let answer = send(&edge, Method::GET, "/tenants/acme", ("if-none-match", known)).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (StatusCode::NOT_MODIFIED, ""),
            "{known}"
        );
        assert_eq!(answer.header("etag"), tag, "{known}");
    }
    let answer = send(&edge, Method::GET, "/tenants/acme", ("if-none-match", "\"x\"")).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_tenant_that_has_changed_is_not_deleted_by_mistake() {
    let edge = Edge::new().await;
    let tag = edge.post(ACME).await.header("etag").to_owned();
    for stale in ["\"x\"", &format!("W/{tag}"), "x"] {
        let answer = send(&edge, Method::DELETE, "/tenants/acme", ("if-match", stale)).await;
        assert_eq!(answer.problem().as_deref(), Some("precondition-failed"), "{stale}");
    }
    let answer = send(&edge, Method::DELETE, "/tenants/acme", ("if-match", &tag)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.json()["status"], "deleting");
    assert_ne!(answer.header("etag"), tag);
    let again = send(&edge, Method::DELETE, "/tenants/acme", ("if-match", "*")).await;
    assert_eq!((again.status, &again.body), (StatusCode::ACCEPTED, &answer.body));
}

#[tokio::test]
async fn a_tenant_on_its_way_out_keeps_its_name() {
    let edge = Edge::new().await;
    edge.post(ACME).await;
    edge.send(Request::delete("/tenants/acme").body(Body::empty()).unwrap()).await;
    let answer = edge.post(ACME).await;
    assert_snapshot!(answer.shown(), @r#"
    409 application/problem+json
    {
      "detail": "acme is being deleted; ask again when it is gone",
      "instance": "/tenants",
      "request_id": "test",
      "retryable": true,
      "status": 409,
      "title": "The tenant is being deleted",
      "type": "/problems/tenant-being-deleted"
    }
    "#);
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn a_tenant_without_working_credentials_hands_none_out() {
    let edge = Edge::new().await;
    edge.post(ACME).await;
    let answer = edge.get("/tenants/acme/credentials").await;
    assert_snapshot!(answer.shown(), @r#"
    409 application/problem+json
    {
      "detail": "acme is provisioning; credentials are handed out while it is active",
      "instance": "/tenants/acme/credentials",
      "request_id": "test",
      "retryable": true,
      "status": 409,
      "title": "The tenant is not active",
      "type": "/problems/tenant-not-active"
    }
    "#);
    assert_eq!(answer.header("cache-control"), "no-store");
    edge.send(Request::delete("/tenants/acme").body(Body::empty()).unwrap()).await;
    let answer = edge.get("/tenants/acme/credentials").await;
    assert_eq!(answer.json()["retryable"], false);
    assert_eq!(answer.header("retry-after"), "");
}

#[tokio::test]
async fn pages_show_every_tenant_once() {
    let edge = Edge::new().await;
    let names: Vec<_> = (0..5).map(|i| format!("t{i}")).collect();
    for name in &names {
        edge.post(&format!(r#"{{"name": "{name}"}}"#)).await;
    }
    let mut seen = Vec::new();
    let mut path = "/tenants?limit=2".to_owned();
    loop {
        let page = edge.get(&path).await.json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        let Value::String(token) = &page["next_page_token"] else { break };
        assert_eq!(items.len(), 2);
        path = format!("/tenants?limit=2&page_token={token}");
    }
    // The order is that of the requests; here all come at one instant.
    seen.sort();
    assert_eq!(seen, names);
}

#[tokio::test]
async fn a_page_token_is_of_no_use_with_other_filters() {
    let edge = Edge::new().await;
    for name in ["a", "b"] {
        edge.post(&format!(r#"{{"name": "{name}"}}"#)).await;
    }
    let page = edge.get("/tenants?limit=1&status=provisioning").await.json();
    let token = page["next_page_token"].as_str().unwrap();
    let right = edge.get(&format!("/tenants?status=provisioning&page_token={token}")).await;
    assert_eq!(right.json()["items"].as_array().unwrap().len(), 1);
    let wrong = edge.get(&format!("/tenants?status=active&page_token={token}")).await;
    assert_snapshot!(wrong.shown(), @r#"
    400 application/problem+json
    {
      "detail": "take page_token from next_page_token of the page before, with the same filters; or leave it out to start over",
      "errors": [
        {
          "detail": "belongs to a list with other filters",
          "parameter": "page_token"
        }
      ],
      "instance": "/tenants",
      "request_id": "test",
      "retryable": false,
      "status": 400,
      "title": "The page token is not valid",
      "type": "/problems/invalid-page-token"
    }
    "#);
}

#[tokio::test]
async fn filters_narrow_the_list_together() {
    let edge = Edge::new().await;
    edge.post(r#"{"name": "a", "labels": {"team": "x", "plan": "gold"}}"#).await;
    edge.post(r#"{"name": "b", "labels": {"team": "x"}}"#).await;
    for (query, n_expected) in [
        ("", 2),
        ("status=provisioning", 2),
        ("status=active", 0),
        ("cache=main", 2),
        ("cache=spare", 0),
        ("label=team%3Dx", 2),
        ("label=team=x&label=plan=gold", 1),
        ("label=team=y", 0),
    ] {
        let page = edge.get(&format!("/tenants?{query}")).await.json();
        assert_eq!(page["items"].as_array().unwrap().len(), n_expected, "{query}");
    }
}

#[tokio::test]
async fn a_cache_tells_its_room_and_its_queue() {
    let edge = Edge::new().await;
    edge.post(ACME).await;
    let answer = edge.get("/caches/main").await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json
    {
      "draining": false,
      "labels": {},
      "name": "main",
      "places": {
        "free": 99,
        "ours": 1,
        "quota": 100,
        "source": "configured"
      },
      "profiles": [],
      "queue_depth": 1,
      "replication_group": "cache-main",
      "tenants": 1,
      "user_group": "ringfence",
      "user_quota": 100,
      "users": 1
    }
    "#);
    assert_eq!(edge.get("/caches").await.json()["items"][0], answer.json());
}
