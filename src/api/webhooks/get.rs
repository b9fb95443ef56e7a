//! `GET /webhooks/{id}`

use axum::Json;

use super::{path::WebhookAtPath, view::WebhookView};
use crate::api::problem::problem_responses;

problem_responses!(GetWebhookProblems: WebhookNotFound, StoreUnavailable);

/// Show a webhook.
///
/// Without its secrets: each is in the answer that made it.
#[utoipa::path(
    get,
    path = "/webhooks/{id}",
    operation_id = "get_webhook",
    tag = "webhooks",
    params(
        ("id" = String, Path, description = "The webhook's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    responses(
        (status = 200, description = "The webhook.", body = WebhookView,
            example = json!(WebhookView::example())),
        GetWebhookProblems
    )
)]
pub(crate) async fn get_webhook(WebhookAtPath(webhook): WebhookAtPath) -> Json<WebhookView> {
    Json(WebhookView::from(&webhook))
}
