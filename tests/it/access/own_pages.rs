//! Where nobody is asked who they are, web pages of others are kept out.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use reqwest::Method;
use ringfence_acl::EngineKind;

use crate::{
    api_router::{Answer, Edge},
    world::{self, World},
};

async fn ask(edge: &Edge, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    edge.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_page_whose_name_points_to_this_machine_reads_nothing() {
    let edge = Edge::new().await;
    for path in ["/tenants", "/tenants/acme/credentials", "/readyz", "/docs/", "/nowhere"] {
        for host in ["rebound.example:8080", "localhost:9090", "localhost"] {
            let answer = ask(&edge, path, &[("host", host)]).await;
            assert_eq!(answer.problem().as_deref(), Some("foreign-origin"), "{path} at {host}");
        }
    }
    for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"] {
        assert_eq!(ask(&edge, "/tenants", &[("host", host)]).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_page_of_another_origin_sends_nothing() {
    let edge = Edge::new().await;
    for header in [
        ("origin", "https://evil.example"),
        ("origin", "http://localhost:3000"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let answer = ask(&edge, "/tenants", &[("host", "localhost:8080"), header]).await;
        assert_eq!(answer.problem().as_deref(), Some("foreign-origin"), "{header:?}");
        // The documentation may be linked to.
        let answer = ask(&edge, "/docs/", &[("host", "localhost:8080"), header]).await;
        assert_eq!(answer.status, StatusCode::OK, "{header:?}");
    }
    let own = [("host", "localhost:8080"), ("origin", "http://localhost:8080")];
    assert_eq!(ask(&edge, "/tenants", &own).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_running_service_knows_its_port() {
    let world = World::new(EngineKind::Valkey).await;
    assert_eq!(world.get("/tenants").await.status, 200);
    let rebound = world.request(Method::GET, "/tenants").header("host", "rebound.example");
    assert_eq!(world::Answer::of(rebound).await.problem(), "foreign-origin");
}
