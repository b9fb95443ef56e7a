//! `POST /webhooks`

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::{read_description, read_types, read_url, refused},
    path::webhook_path,
    secret_view::{CreatedWebhook, new_secret},
};
use crate::{
    api::{
        Api,
        extract::Json,
        problem::{Problem, problem_responses},
    },
    domain::{Cause, Webhook, WebhookId},
};

/// Who is to be told what happens.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateWebhook {
    /// Where messages are sent: `https://` and a host that is public, unless the settings in `[webhooks]`
    /// say otherwise.
    #[schema(example = "https://billing.example.com/hooks/ringfence", max_length = 2000)]
    url: String,
    /// Of what it is told: `tenant.provisioned`, `tenant.blocked`, `tenant.suspended`, `tenant.deleted`,
    /// `credential.rotated`, `credential.retiring`, `isolation.leaky`, `drift.found`, `drift.repaired`,
    /// `break-glass.opened`, `break-glass.closed`. None: of everything, and of what later versions add.
    #[serde(default)]
    #[schema(example = json!(["tenant.provisioned", "tenant.deleted"]))]
    types: Vec<String>,
    /// What it is for: one line of at most 200 characters.
    #[serde(default)]
    #[schema(example = "billing", max_length = 200)]
    description: String,
}

problem_responses!(CreateWebhookProblems:
    InvalidBody,
    BodyTooLarge,
    UnsupportedMediaType,
    StoreUnavailable,
);

/// Have somebody told what happens.
///
/// From now on each event of these types is sent to the URL as a `CloudEvents` 1.0 message, signed as
/// Standard Webhooks says, until it is answered with a status of 2xx. The secret that proves the signature
/// is in this answer and in no other. There are at most 50 webhooks.
#[utoipa::path(
    post,
    path = "/webhooks",
    operation_id = "create_webhook",
    tag = "webhooks",
    request_body(content = CreateWebhook, example = json!({"url": "https://billing.example.com/hooks/ringfence", "types": ["tenant.provisioned", "tenant.deleted"], "description": "billing"})),
    responses(
        (status = 201, description = "The webhook with its secret.", body = CreatedWebhook,
            headers(("Location", description = "The webhook.")),
            example = json!(CreatedWebhook::example())),
        CreateWebhookProblems
    )
)]
pub(crate) async fn create_webhook(
    State(api): State<Api>,
    cause: Cause,
    Json(body): Json<CreateWebhook>,
) -> Result<Response, Problem> {
    let webhook = body.read(&api)?;
    let secret = new_secret(&api);
    api.store.create_webhook(webhook.clone(), secret.clone(), cause).await?;
    let location = [(header::LOCATION, webhook_path(webhook.id))];
    let created = axum::Json(CreatedWebhook::new(&webhook, &secret));
    Ok((StatusCode::CREATED, location, created).into_response())
}

impl CreateWebhook {
    fn read(&self, api: &Api) -> Result<Webhook, Problem> {
        let url = read_url(api, &self.url);
        match (url, read_types(&self.types), read_description(&self.description)) {
            (Ok(url), Ok(notices), Ok(description)) => Ok(Webhook {
                id: WebhookId(api.new_id()),
                url,
                notices,
                description,
                disabled: None,
                delivered_at: None,
                created_at: api.clock.now(),
            }),
            (url, types, description) => {
                Err(refused([url.err(), types.err(), description.err()].into_iter().flatten()))
            }
        }
    }
}
