//! Each operation of the document, tried by those who may not use it.

use std::num::NonZeroU32;

use axum::http::StatusCode;
use ringfence::{bearer::BearerSecret, domain::Scope};

use super::desk::{Guarded, labelled};
use crate::api_router::{Answer, DOCUMENT};

/// An operation, and what the document says that it needs.
struct Operation {
    method: String,
    /// With something in the place of each parameter.
    path: String,
    scope: Option<Scope>,
}

fn operations() -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            let needed = operation["security"].as_array().unwrap_or_else(|| panic!("{name}"));
            let scope = needed.first().map(|needed| {
                let [scope] = needed["bearer"].as_array().unwrap().as_slice() else {
                    panic!("{name} does not need exactly one scope")
                };
                scope.as_str().unwrap().parse().unwrap()
            });
            let path = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
            let path = path.collect::<Vec<_>>().join("/");
            operations.push(Operation { method: method.to_uppercase(), path, scope });
        }
    }
    operations
}

impl Operation {
    async fn send(&self, guarded: &Guarded, token: Option<&BearerSecret>) -> Answer {
        guarded.send((self.method.as_str(), self.path.as_str()), token, "{}").await
    }
}

fn challenge(answer: &Answer) -> &str {
    answer.header("www-authenticate")
}

async fn guarded() -> Guarded {
    Guarded::with(|config| config.auth.failures_per_minute = NonZeroU32::MAX).await
}

#[tokio::test]
async fn a_stranger_is_told_nothing_but_what_is_open_to_all() {
    let mut guarded = guarded().await;
    let (expired, revoked) = (guarded.expired_token().await, guarded.revoked_token().await);
    let mut open = Vec::new();
    for operation in operations() {
        let name = format!("{} {}", operation.method, operation.path);
        let answer = operation.send(&guarded, None).await;
        let Some(scope) = operation.scope else {
            assert_eq!(answer.status, StatusCode::OK, "{name}");
            open.push(name);
            continue;
        };
        assert_eq!(answer.problem().as_deref(), Some("unauthenticated"), "{name}");
        let expected = format!("Bearer realm=\"ringfence\", scope=\"{scope}\"");
        assert_eq!(challenge(&answer), expected, "{name}");
        for (token, why) in
            [(&expired, "the token has expired"), (&revoked, "the token was revoked")]
        {
            let answer = operation.send(&guarded, Some(token)).await;
            assert_eq!(answer.problem().as_deref(), Some("unauthenticated"), "{name}");
            assert!(challenge(&answer).contains("error=\"invalid_token\""), "{name}");
            assert!(challenge(&answer).contains(why), "{name}");
        }
    }
    assert_eq!(open, ["GET /livez", "GET /readyz"]);
}

#[tokio::test]
async fn a_caller_with_another_scope_is_refused_and_one_with_the_right_one_is_not() {
    let mut guarded = guarded().await;
    let mut tokens = Vec::new();
    for (index, scope) in Scope::ALL.into_iter().enumerate() {
        tokens.push((scope, guarded.token(&format!("t{index}"), &[scope]).await));
    }
    for operation in operations() {
        let Some(needed) = operation.scope else { continue };
        for (scope, token) in &tokens {
            let name = format!("{} {} with {scope}", operation.method, operation.path);
            let answer = operation.send(&guarded, Some(token)).await;
            if scope.includes(needed) {
                let is_let_through = !["unauthenticated", "forbidden"]
                    .contains(&answer.problem().unwrap_or_default().as_str());
                assert!(is_let_through, "{name}: {}", answer.body);
                continue;
            }
            assert_eq!(answer.problem().as_deref(), Some("forbidden"), "{name}");
            let expected = format!(
                "Bearer realm=\"ringfence\", error=\"insufficient_scope\", scope=\"{needed}\""
            );
            assert_eq!(challenge(&answer), expected, "{name}");
        }
    }
}

/// What is not about one tenant, or kept to the bounds by its handler, would tell of others.
#[tokio::test]
async fn a_caller_who_is_bound_to_some_tenants_uses_nothing_that_looks_at_others() {
    let mut guarded = guarded().await;
    let token = guarded.narrow_token("narrow", &[Scope::Admin], labelled("team", "x")).await;
    let mut allowed = Vec::new();
    for operation in operations().iter().filter(|operation| operation.scope.is_some()) {
        let answer = operation.send(&guarded, Some(&token)).await;
        if answer.problem().as_deref() != Some("forbidden") {
            allowed.push(operation.path.split('/').nth(1).unwrap_or_default().to_owned());
        }
    }
    allowed.dedup();
    assert_eq!(allowed, ["profiles", "tenants"]);
}

#[tokio::test]
async fn what_there_is_not_is_told_to_known_callers_only() {
    let mut guarded = guarded().await;
    let token = guarded.token("any", &[Scope::MetricsRead]).await;
    for (request, problem) in
        [(("GET", "/nowhere"), "not-found"), (("DELETE", "/tenants"), "method-not-allowed")]
    {
        let answer = guarded.send(request, None, "").await;
        assert_eq!(answer.problem().as_deref(), Some("unauthenticated"), "{request:?}");
        assert_eq!(challenge(&answer), "Bearer realm=\"ringfence\"");
        let answer = guarded.send(request, Some(&token), "").await;
        assert_eq!(answer.problem().as_deref(), Some(problem), "{request:?}");
    }
}

#[tokio::test]
async fn the_documentation_is_open_to_all() {
    let guarded = guarded().await;
    for path in ["/openapi.json", "/docs/", "/docs/index.css", "/problems", "/problems/forbidden"] {
        let answer = guarded.send(("GET", path), None, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
    }
    for path in ["/docsx", "/problemsx", "/openapi.jsonx"] {
        let answer = guarded.send(("GET", path), None, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}
