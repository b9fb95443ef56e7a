//! What every answer carries.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};

use crate::api_router::Edge;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn a_request_keeps_its_id_and_gets_one_if_it_has_none() {
    let edge = Edge::new().await;
    let request = Request::get("/nowhere").header("x-request-id", "abc-1");
    let answer = edge.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("x-request-id"), "abc-1");
    assert_eq!(answer.json()["request_id"], "abc-1");

    let request = Request::get("/nowhere").header("x-request-id", "not a sane id");
    let answer = edge.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("x-request-id").len(), 36);
    assert_eq!(answer.json()["request_id"], answer.header("x-request-id"));
}

#[tokio::test]
async fn a_trace_goes_on_through_the_service() {
    let edge = Edge::new().await;
    let given = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let request = Request::get("/livez").header("traceparent", &given);
    let answer = edge.send(request.body(Body::empty()).unwrap()).await;
    let ours = answer.header("traceparent");
    assert!(ours.starts_with(&format!("00-{TRACE}-")) && ours.ends_with("-01"), "{ours}");
    assert_ne!(ours, given);

    let answer = edge.get("/livez").await;
    let begun = answer.header("traceparent");
    assert!(begun.len() == given.len() && begun.ends_with("-00"), "{begun}");
}

#[tokio::test]
async fn no_answer_is_stored_sniffed_framed_or_embedded() {
    let edge = Edge::new().await;
    let pages = ["/problems", "/problems/not-found", "/docs/", "/docs/nowhere"];
    let data = ["/livez", "/readyz", "/metrics", "/tenants", "/nowhere", "/openapi.json"];
    for path in pages.into_iter().chain(data) {
        let answer = edge.get(path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        if data.contains(&path) {
            assert_eq!(policy, "default-src 'none'; frame-ancestors 'none'", "{path}");
        }
    }
}

/// The pages load what belongs to them and nothing else, run no script that stands in them, and send no form.
#[tokio::test]
async fn a_page_has_a_policy_that_fits_it() {
    let edge = Edge::new().await;
    for (path, sources) in [
        ("/docs/", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"),
        ("/problems", "default-src 'none'; style-src 'unsafe-inline';"),
    ] {
        let answer = edge.get(path).await;
        let rest = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        assert_eq!(answer.header("content-security-policy"), format!("{sources} {rest}"));
        for script in answer.body.split("<script").skip(1) {
            assert!(script.trim_start().starts_with("src="), "{path}: {script}");
        }
    }
}

#[tokio::test]
async fn a_service_with_a_store_is_alive_and_ready() {
    let edge = Edge::new().await;
    for path in ["/livez", "/readyz"] {
        let answer = edge.get(path).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, r#"{"status":"ok"}"#));
    }
}

#[tokio::test]
async fn metrics_are_text_for_whoever_takes_text() {
    let edge = Edge::new().await;
    let request = Request::get("/metrics").header("accept", "text/plain;version=0.0.4");
    let answer = edge.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.header("content-type"), media_type);
    assert!(answer.body.ends_with("# EOF\n"), "{}", answer.body);
}
