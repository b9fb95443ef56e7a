//! The life of a token, as requests notice it.

use std::num::NonZeroU32;

use axum::http::StatusCode;
use ringfence::{bearer::BearerSecret, clock::SystemEntropy, domain::Scope, store::NewSecret};
use serde_json::{Value, json};

use super::desk::{Guarded, key, later};
use crate::api_router::Edge;

#[tokio::test]
async fn a_token_that_is_revoked_counts_for_no_request_after_that() {
    let mut guarded = Guarded::new().await;
    let token = guarded.token("signup", &[Scope::TenantsRead]).await;
    assert_eq!(guarded.get("/tenants", &token).await.status, StatusCode::OK);
    guarded.desk.revoke(&key("signup"), Edge::now()).await.unwrap();
    assert_eq!(guarded.get("/tenants", &token).await.status, StatusCode::UNAUTHORIZED);
    let again = guarded.token("signup", &[Scope::TenantsRead]).await;
    assert_eq!(guarded.get("/tenants", &again).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_rotated_token_goes_on_beside_its_successor_for_as_long_as_was_said() {
    let mut guarded = Guarded::new().await;
    let first = guarded.token("signup", &[Scope::TenantsRead]).await;
    let mut secrets = vec![first];
    for others_until in [later(60), later(60), later(0)] {
        let next = BearerSecret::generate(&SystemEntropy::default());
        let new = NewSecret { hash: next.hash(), made_at: Edge::now(), others_until };
        guarded.desk.rotate(&key("signup"), new).await.unwrap();
        secrets.push(next);
        let is_over = others_until == Edge::now();
        for (index, secret) in secrets.iter().enumerate() {
            let works = guarded.get("/tenants", secret).await.status == StatusCode::OK;
            assert_eq!(works, !is_over || index == secrets.len() - 1, "{index}");
        }
    }
}

/// Units are committed in the order in which they were handed over, so what comes after shows it.
#[tokio::test]
async fn the_last_use_of_a_token_is_written_down() {
    let mut guarded = Guarded::new().await;
    let token = guarded.token("signup", &[Scope::TenantsWrite]).await;
    assert_eq!(guarded.desk.list().await.unwrap()[0].last_used_at, None);
    guarded.post(r#"{"name": "acme"}"#, &token).await;
    assert_eq!(guarded.desk.list().await.unwrap()[0].last_used_at, Some(Edge::now()));
}

#[tokio::test]
async fn two_callers_with_one_idempotency_key_do_not_meet() {
    let mut guarded = Guarded::new().await;
    let one = guarded.token("one", &[Scope::TenantsWrite]).await;
    let other = guarded.token("other", &[Scope::TenantsWrite]).await;
    let key = [("idempotency-key", "k1")];
    let post =
        async |token, body| guarded.send_with(("POST", "/tenants"), Some(token), &key, body).await;
    let acme = r#"{"name": "acme"}"#;
    assert_eq!(post(&one, acme).await.header("idempotency-replayed"), "");
    assert_eq!(post(&one, acme).await.header("idempotency-replayed"), "true");
    let globex = post(&other, r#"{"name": "globex"}"#).await;
    assert_eq!(globex.status, StatusCode::ACCEPTED, "{}", globex.body);
    assert_eq!(globex.header("idempotency-replayed"), "");
}

/// Their answers hold secrets.
#[tokio::test]
async fn two_callers_with_one_idempotency_key_make_two_webhooks() {
    let mut guarded = Guarded::new().await;
    let one = guarded.token("one", &[Scope::Admin]).await;
    let other = guarded.token("other", &[Scope::Admin]).await;
    let post = async |token| {
        let body = r#"{"url": "https://billing.example.com/hooks"}"#;
        let key = [("idempotency-key", "k1")];
        guarded.send_with(("POST", "/webhooks"), Some(token), &key, body).await
    };
    let (first, second, third) = (post(&one).await, post(&other).await, post(&one).await);
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    assert_eq!(second.header("idempotency-replayed"), "");
    assert_ne!(second.json()["secret"], first.json()["secret"]);
    assert_ne!(second.json()["id"], first.json()["id"]);
    assert_eq!(third.header("idempotency-replayed"), "true");
    assert_eq!(third.body, first.body);
}

#[tokio::test]
async fn who_shows_too_many_bad_tokens_waits_and_a_good_one_is_answered_all_the_same() {
    let mut guarded =
        Guarded::with(|config| config.auth.failures_per_minute = NonZeroU32::new(3).unwrap()).await;
    let good = guarded.token("good", &[Scope::TenantsRead, Scope::AuditRead]).await;
    let bad = BearerSecret::generate(&SystemEntropy::default());
    for _ in 0..3 {
        assert_eq!(guarded.get("/tenants", &bad).await.status, StatusCode::UNAUTHORIZED);
    }
    let refused = guarded.get("/tenants", &bad).await;
    assert_eq!(refused.problem().as_deref(), Some("too-many-failures"));
    assert_eq!(refused.header("retry-after"), "21");
    assert_eq!(guarded.get("/tenants", &good).await.status, StatusCode::OK);
    let nothing = guarded.send(("GET", "/tenants"), None, "").await;
    assert_eq!(nothing.status, StatusCode::UNAUTHORIZED);
    // Each that was looked at is on record, and none of those that were only refused.
    let failed = guarded.get("/events?kind=authentication.", &good).await;
    assert_eq!(failed.status, StatusCode::OK, "{}", failed.body);
    let failed: Value = serde_json::from_str(&failed.body).unwrap();
    let failed = failed["items"].as_array().unwrap();
    assert_eq!(failed.len(), 3, "{failed:?}");
    assert_eq!(
        (&failed[0]["outcome"], &failed[0]["actor"]),
        (&json!("refused"), &json!("anonymous"))
    );
}

#[tokio::test]
async fn what_is_no_token_of_this_service_is_refused() {
    let guarded = Guarded::new().await;
    for line in ["Bearer", "Bearer rf_x", "Bearer eyJhbGciOiJub25lIn0.e30.", "Basic dTpw"] {
        let answer =
            guarded.send_with(("GET", "/tenants"), None, &[("authorization", line)], "").await;
        assert_eq!(answer.problem().as_deref(), Some("unauthenticated"), "{line}");
    }
}
