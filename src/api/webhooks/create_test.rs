//! `POST /webhooks/{id}/test`

use axum::{extract::State, http::StatusCode};

use super::path::WebhookAtPath;
use crate::{
    api::{
        Api,
        problem::{Problem, problem_responses},
    },
    domain::Cause,
};

problem_responses!(CreateWebhookTestProblems: WebhookNotFound, StoreUnavailable);

/// Try a webhook.
///
/// A message of type `ringfence.webhook.test` is sent to it, whatever it is told of and even if it is
/// disabled. `GET /webhooks/{id}/deliveries` says what came of it.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/test",
    operation_id = "create_webhook_test",
    tag = "webhooks",
    params(
        ("id" = String, Path, description = "The webhook's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    responses(
        (status = 202, description = "The message is on its way."),
        CreateWebhookTestProblems
    )
)]
pub(crate) async fn create_webhook_test(
    State(api): State<Api>,
    cause: Cause,
    WebhookAtPath(webhook): WebhookAtPath,
) -> Result<StatusCode, Problem> {
    api.store.test_webhook(webhook.id, cause, api.clock.now()).await?;
    Ok(StatusCode::ACCEPTED)
}
