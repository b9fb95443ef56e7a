//! `POST /webhooks`

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::{read_description, read_types, read_url, refused},
    path::webhook_path,
    secret_view::{CreatedWebhook, new_secret},
    told_secret::{tell, tell_again},
};
use crate::{
    api::{
        Api,
        extract::{Asked, Json},
        idempotency::{Known, look_up},
        problem::{Problem, problem_responses},
    },
    domain::{Webhook, WebhookId, WebhookSecret},
    store::StoredAnswer,
};

/// Who is to be told what happens.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
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
    InvalidHeader,
    IdempotencyKeyInFlight,
    WebhookSecretGone,
    BodyTooLarge,
    UnsupportedMediaType,
    IdempotencyKeyReused,
    StoreUnavailable,
);

/// Have somebody told what happens.
///
/// From now on each event of these types is sent to the URL as a `CloudEvents` 1.0 message, signed as
/// Standard Webhooks says, until it is answered with a status of 2xx. The secret that proves the signature
/// is in this answer and in no other. There are at most 50 webhooks.
///
/// Send an `Idempotency-Key`: without one, each request makes another webhook. With it the repetition is
/// given the first answer for 24 hours, with the secret, as long as that signs messages (`410` after that).
#[utoipa::path(
    post,
    path = "/webhooks",
    operation_id = "create_webhook",
    tag = "webhooks",
    params(
        ("Idempotency-Key" = Option<String>, Header, nullable = false, description = "A name for this request, 1 to 255 printable ASCII characters.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
    ),
    request_body(content = CreateWebhook, example = json!({"url": "https://billing.example.com/hooks/ringfence", "types": ["tenant.provisioned", "tenant.deleted"], "description": "billing"})),
    responses(
        (status = 201, description = "The webhook with its secret.", body = CreatedWebhook,
            headers(("Location", description = "The webhook."), ("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request.")),
            example = json!(CreatedWebhook::example())),
        CreateWebhookProblems
    )
)]
pub(crate) async fn create_webhook(
    State(api): State<Api>,
    Asked { cause, key, .. }: Asked,
    Json(body): Json<CreateWebhook>,
) -> Result<Response, Problem> {
    let first = match look_up(&api, key, &("create_webhook", &body)).await? {
        Known::Answered(answer) => return tell_again(&api, answer).await,
        Known::New(first) => first,
    };
    let webhook = body.read(&api)?;
    let secret = new_secret(&api);
    let answer = show(&webhook, &secret);
    let kept = answer.clone();
    let keep = first.as_ref().map(|first| first.keep(&api, move |_| kept)).transpose()?;
    api.store.create_webhook(webhook, secret.clone(), keep, cause).await?;
    tell(answer, &secret)
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

fn show(webhook: &Webhook, secret: &WebhookSecret) -> StoredAnswer {
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::LOCATION, webhook_path(webhook.id)),
    ];
    StoredAnswer {
        status: StatusCode::CREATED.as_u16(),
        headers: headers.map(|(name, value)| (name.to_string(), value)).into(),
        body: serde_json::to_string(&CreatedWebhook::new(webhook, secret))
            .expect("a view is text, numbers and times"),
    }
}
