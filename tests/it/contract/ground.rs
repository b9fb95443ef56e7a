//! What the paths of the document lead to.

use axum::{body::Body, http::Request};

use crate::{api_router::Edge, store::execute};

/// An API that has one of everything that a path can name.
pub(super) struct Ground {
    pub(super) edge: Edge,
    webhook: String,
    rotation: String,
}

impl Ground {
    pub(super) async fn new() -> Self {
        let edge = Edge::new().await;
        let tenant = r#"{"name": "acme", "users": [{"name": "sessions"}]}"#;
        made(&edge, "/tenants", tenant).await;
        // Nobody works here, so what would have been done is written down.
        let database = edge.database();
        let active = "UPDATE users SET phase = 'active', activated_at = created_at, \
                      access_revision = '00000000-0000-0000-0000-000000000000'";
        execute(&database, active).await.unwrap();
        let rotation = made(&edge, "/tenants/acme/rotations", "{}").await;
        let promoted = "UPDATE rotations SET phase = 'grace', from_version = 'first', \
                        finished_step = created_at";
        execute(&database, promoted).await.unwrap();
        let webhook = made(&edge, "/webhooks", r#"{"url": "https://example.com/"}"#).await;
        Self { edge, webhook, rotation }
    }

    /// A path with what there is in the place of its parameters.
    pub(super) fn filled(&self, path: &str) -> String {
        path.replace("/webhooks/{id}", &format!("/webhooks/{}", self.webhook))
            .replace("/rotations/{id}", &format!("/rotations/{}", self.rotation))
            .replace("{name}", "acme")
            .replace("{user}", "sessions")
    }
}

async fn made(edge: &Edge, path: &str, body: &str) -> String {
    let request = Request::post(path).header("content-type", "application/json");
    let answer = edge.send(request.body(Body::from(body.to_owned())).unwrap()).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.body);
    answer.json()["id"].as_str().map(str::to_owned).unwrap_or_default()
}
