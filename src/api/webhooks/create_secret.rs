//! `POST /webhooks/{id}/secrets`

use axum::{extract::State, http::StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    path::WebhookAtPath,
    secret_view::{CreatedWebhookSecret, new_secret},
};
use crate::{
    api::{
        Api,
        extract::{Json, given_whole},
        problem::{Code, Fault, Problem, problem_responses},
    },
    domain::Cause,
    store::NewWebhookSecret,
};

const OVERLAP_MAX: u32 = 604_800;
const OVERLAP_DEFAULT: u32 = 86_400;

/// How the secret is replaced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateWebhookSecret {
    /// How long messages are signed with the secrets before it too, in seconds. 0 where one has leaked.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(nullable = false, minimum = 0, maximum = 604_800, default = 86_400)]
    overlap_seconds: Option<u32>,
}

problem_responses!(CreateWebhookSecretProblems:
    InvalidBody,
    WebhookNotFound,
    TooManyWebhookSecrets,
    BodyTooLarge,
    UnsupportedMediaType,
    StoreUnavailable,
);

/// Replace the secret of a webhook.
///
/// For the overlap messages have a signature for each secret, so that the receiver can change over at any
/// time. At most 4 are valid at once. The secret is in this answer and in no other.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/secrets",
    operation_id = "create_webhook_secret",
    tag = "webhooks",
    params(
        ("id" = String, Path, description = "The webhook's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    request_body(content = CreateWebhookSecret, example = json!({"overlap_seconds": 86400})),
    responses(
        (status = 201, description = "The new secret.", body = CreatedWebhookSecret,
            example = json!(CreatedWebhookSecret::example())),
        CreateWebhookSecretProblems
    )
)]
pub(crate) async fn create_webhook_secret(
    State(api): State<Api>,
    cause: Cause,
    WebhookAtPath(webhook): WebhookAtPath,
    Json(body): Json<CreateWebhookSecret>,
) -> Result<(StatusCode, axum::Json<CreatedWebhookSecret>), Problem> {
    let (secret, made_at) = (new_secret(&api), api.clock.now());
    let others_until = body.others_until(made_at)?;
    let new = NewWebhookSecret { secret: secret.clone(), made_at, others_until };
    api.store.rotate_webhook_secret(webhook.id, new, cause).await?;
    Ok((StatusCode::CREATED, axum::Json(CreatedWebhookSecret::new(&secret, others_until))))
}

impl CreateWebhookSecret {
    fn others_until(&self, now: Timestamp) -> Result<Timestamp, Problem> {
        let seconds = self.overlap_seconds.unwrap_or(OVERLAP_DEFAULT);
        if seconds > OVERLAP_MAX {
            let why = format!("must be at most {OVERLAP_MAX}");
            return Err(Problem::new(Code::InvalidBody, "the secret cannot be replaced so")
                .with_faults([Fault::in_body("/overlap_seconds", why)]));
        }
        let overlap = SignedDuration::from_secs(i64::from(seconds));
        Ok(now.saturating_add(overlap).unwrap_or(Timestamp::MAX))
    }
}
