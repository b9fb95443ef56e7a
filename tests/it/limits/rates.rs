//! How often callers may ask.

use std::num::NonZeroU32;

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
