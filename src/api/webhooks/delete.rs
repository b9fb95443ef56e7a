//! `DELETE /webhooks/{id}`

use axum::{extract::State, http::StatusCode};

use super::path::WebhookIdAtPath;
use crate::{
    api::{
        Api,
        problem::{Problem, problem_responses},
    },
    domain::Cause,
};

problem_responses!(DeleteWebhookProblems: WebhookNotFound, StoreUnavailable);

/// Delete a webhook.
///
/// What is on its way to it is not sent any more, and its secrets are forgotten.
#[utoipa::path(
    delete,
    path = "/webhooks/{id}",
    operation_id = "delete_webhook",
    tag = "webhooks",
    params(
        ("id" = String, Path, description = "The webhook's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    responses(
        (status = 204, description = "It is gone."),
        DeleteWebhookProblems
    )
)]
pub(crate) async fn delete_webhook(
    State(api): State<Api>,
    cause: Cause,
    // One that cannot be read can be deleted.
    WebhookIdAtPath(id): WebhookIdAtPath,
) -> Result<StatusCode, Problem> {
    api.store.delete_webhook(id, cause, api.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
