//! How often callers may ask.

use std::num::NonZeroU32;

use axum::http::StatusCode;
use ringfence::config::AuthMode;

use crate::api_router::Edge;

/// The clock stands still, so nothing that is used up comes back.
#[tokio::test]
async fn a_caller_is_told_what_is_left_and_refused_when_nothing_is() {
    let edge = Edge::configured(|config| {
        config.limits.requests_per_second = NonZeroU32::MIN;
        config.limits.burst = NonZeroU32::new(2).unwrap();
    })
    .await;
    for left in ["\"default\";r=1;t=1", "\"default\";r=0;t=2"] {
        let answer = edge.get("/tenants").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["ratelimit"], left);
        assert_eq!(answer.headers["ratelimit-policy"], "\"default\";q=2;w=2");
    }
    let refused = edge.get("/tenants").await;
    assert_eq!(refused.problem().as_deref(), Some("rate-limited"));
    assert_eq!(refused.status, 429);
    assert_eq!(refused.headers["ratelimit"], "\"default\";r=0;t=2");
    assert_eq!(refused.headers["retry-after"], "2");
    let probe = edge.get("/livez").await;
    assert_eq!(probe.status, 200);
    assert!(!probe.headers.contains_key("ratelimit"), "probes are not counted");
}

/// Pages are open to all, so whoever likes to could use up what those with a token may ask for.
#[tokio::test]
async fn pages_that_are_open_to_all_are_not_taken_from_what_all_with_a_token_may_ask() {
    let edge = Edge::configured(|config| {
        config.auth.mode = AuthMode::Bearer;
        config.limits.total_requests_per_second = NonZeroU32::MIN;
    })
    .await;
    for _ in 0..500 {
        for page in ["/openapi.json", "/problems/overloaded"] {
            assert_eq!(edge.get(page).await.status, StatusCode::OK);
        }
    }
    let refused = edge.get("/openapi.json").await;
    assert_eq!(refused.problem().as_deref(), Some("rate-limited"));
    assert_eq!(edge.get("/livez").await.status, StatusCode::OK);
}

#[tokio::test]
async fn requests_that_a_limit_has_refused_are_counted() {
    let edge = Edge::configured(|config| config.limits.burst = NonZeroU32::MIN).await;
    let refused = async |problem| {
        let text = edge.get("/metrics").await.body;
        let name = format!("ringfence_http_requests_refused_total{{problem=\"{problem}\"}} ");
        let count = text.lines().find_map(|line| line.strip_prefix(&name)).map(str::to_owned);
        count.unwrap_or_else(|| panic!("{problem} is not in {text}"))
    };
    assert_eq!(refused("rate-limited").await, "0");
    for _ in 0..3 {
        edge.get("/tenants").await;
    }
    assert_eq!(refused("rate-limited").await, "2");
    assert_eq!(refused("overloaded").await, "0");
    assert_eq!(refused("too-many-failures").await, "0");
}
