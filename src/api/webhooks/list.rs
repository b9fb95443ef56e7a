//! `GET /webhooks`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::WebhookView;
use crate::api::{
    Api,
    problem::{Problem, problem_responses},
};

/// All webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookList {
    /// The webhooks, in the order in which they were made.
    items: Vec<WebhookView>,
}

impl WebhookList {
    /// A list for the API document.
    fn example() -> Self {
        Self { items: vec![WebhookView::example()] }
    }
}

problem_responses!(ListWebhooksProblems: StoreUnavailable);

/// List webhooks.
///
/// All of them: there are at most 50. One that the database holds and that cannot be read is left out: the log
/// says which.
#[utoipa::path(
    get,
    path = "/webhooks",
    operation_id = "list_webhooks",
    tag = "webhooks",
    responses(
        (status = 200, description = "The webhooks.", body = WebhookList,
            example = json!(WebhookList::example())),
        ListWebhooksProblems
    )
)]
pub(crate) async fn list_webhooks(State(api): State<Api>) -> Result<Json<WebhookList>, Problem> {
    let webhooks = api.store.webhooks().await?;
    Ok(Json(WebhookList { items: webhooks.iter().map(WebhookView::from).collect() }))
}
