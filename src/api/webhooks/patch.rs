//! `PATCH /webhooks/{id}`

use axum::{Json as JsonAnswer, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::{read_description, read_types, read_url, refused},
    path::WebhookAtPath,
    view::WebhookView,
};
use crate::{
    api::{
        Api,
        extract::{Json, given},
        problem::{Problem, problem_responses},
    },
    domain::{Cause, WebhookChange},
};

/// What is to be different; what is not named stays (RFC 7396).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchWebhook {
    /// Where messages are sent.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "https://billing.example.com/hooks/2", max_length = 2000)]
    url: Option<String>,
    /// Of what it is told; none: of everything.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = json!(["tenant.deleted"]))]
    types: Option<Vec<String>>,
    /// What it is for.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "billing", max_length = 200)]
    description: Option<String>,
    /// `false`: nothing is sent, and of what happens meanwhile it is never told. `true`: what was on its way
    /// when it was disabled goes on.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = true)]
    enabled: Option<bool>,
}

problem_responses!(PatchWebhookProblems:
    InvalidBody,
    WebhookNotFound,
    BodyTooLarge,
    UnsupportedMediaType,
    StoreUnavailable,
);

/// Change a webhook.
///
/// Messages that are on their way already are sent to where it leads then.
#[utoipa::path(
    patch,
    path = "/webhooks/{id}",
    operation_id = "patch_webhook",
    tag = "webhooks",
    params(
        ("id" = String, Path, description = "The webhook's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    request_body(content = PatchWebhook, example = json!({"enabled": true})),
    responses(
        (status = 200, description = "The webhook as it is now.", body = WebhookView,
            example = json!(WebhookView::example())),
        PatchWebhookProblems
    )
)]
pub(crate) async fn patch_webhook(
    State(api): State<Api>,
    cause: Cause,
    WebhookAtPath(webhook): WebhookAtPath,
    Json(body): Json<PatchWebhook>,
) -> Result<JsonAnswer<WebhookView>, Problem> {
    let change = body.read(&api)?;
    let changed = api.store.change_webhook(webhook.id, change, cause, api.clock.now()).await?;
    Ok(JsonAnswer(WebhookView::from(&changed)))
}

impl PatchWebhook {
    fn read(self, api: &Api) -> Result<WebhookChange, Problem> {
        let url = self.url.map(|url| read_url(api, &url)).transpose();
        let notices = self.types.map(|types| read_types(&types)).transpose();
        let description = self.description.map(|text| read_description(&text)).transpose();
        match (url, notices, description) {
            (Ok(url), Ok(notices), Ok(description)) => {
                Ok(WebhookChange { url, notices, description, enabled: self.enabled })
            }
            (url, notices, description) => {
                Err(refused([url.err(), notices.err(), description.err()].into_iter().flatten()))
            }
        }
    }
}
