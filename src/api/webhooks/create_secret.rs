//! `POST /webhooks/{id}/secrets`

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::Response,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    path::WebhookAtPath,
    secret_view::{CreatedWebhookSecret, new_secret},
    told_secret::{tell, tell_again},
};
use crate::{
    api::{
        Api,
        extract::{Asked, Json, given_whole},
        idempotency::{Known, look_up},
        problem::{Code, Fault, Problem, problem_responses},
    },
    store::{NewWebhookSecret, StoredAnswer},
};

const OVERLAP_MAX: u32 = 604_800;
const OVERLAP_DEFAULT: u32 = 86_400;

/// How the secret is replaced.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateWebhookSecret {
    /// How long messages are signed with the secrets before it too, in seconds. 0 where one has leaked.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(nullable = false, minimum = 0, maximum = 604_800, default = 86_400)]
    overlap_seconds: Option<u32>,
}

problem_responses!(CreateWebhookSecretProblems:
    InvalidBody,
    InvalidHeader,
    WebhookNotFound,
    TooManyWebhookSecrets,
    IdempotencyKeyInFlight,
    WebhookSecretGone,
    BodyTooLarge,
    UnsupportedMediaType,
    IdempotencyKeyReused,
    StoreUnavailable,
);

/// Replace the secret of a webhook.
///
/// For the overlap messages have a signature for each secret, so that the receiver can change over at any
/// time. At most 4 are valid at once. The secret is in this answer and in no other.
///
/// Send an `Idempotency-Key`: without one, each request makes another secret. With it the repetition is
/// given the first answer for 24 hours, with the secret, as long as that signs messages (`410` after that).
#[utoipa::path(
    post,
    path = "/webhooks/{id}/secrets",
    operation_id = "create_webhook_secret",
    tag = "webhooks",
    params(
        ("id" = String, Path, description = "The webhook's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, description = "A name for this request, 1 to 255 printable ASCII characters.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
    ),
    request_body(content = CreateWebhookSecret, example = json!({"overlap_seconds": 86400})),
    responses(
        (status = 201, description = "The new secret.", body = CreatedWebhookSecret,
            headers(("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request.")),
            example = json!(CreatedWebhookSecret::example())),
        CreateWebhookSecretProblems
    )
)]
pub(crate) async fn create_webhook_secret(
    State(api): State<Api>,
    Asked { cause, key, .. }: Asked,
    WebhookAtPath(webhook): WebhookAtPath,
    Json(body): Json<CreateWebhookSecret>,
) -> Result<Response, Problem> {
    let payload = ("create_webhook_secret", webhook.id.to_string(), &body);
    let first = match look_up(&api, key, &payload).await? {
        Known::Answered(answer) => return tell_again(&api, answer).await,
        Known::New(first) => first,
    };
    let (secret, made_at) = (new_secret(&api), api.clock.now());
    let others_until = body.others_until(made_at)?;
    let new = NewWebhookSecret { secret: secret.clone(), made_at, others_until };
    let keep = first.as_ref().map(|first| first.keep(&api, show)).transpose()?;
    let answer = show(&new);
    api.store.rotate_webhook_secret(webhook.id, new, keep, cause).await?;
    tell(answer, &secret)
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

fn show(new: &NewWebhookSecret) -> StoredAnswer {
    let headers = [(header::CONTENT_TYPE.to_string(), "application/json".to_owned())];
    StoredAnswer {
        status: StatusCode::CREATED.as_u16(),
        headers: headers.into(),
        body: serde_json::to_string(&CreatedWebhookSecret::new(&new.secret, new.others_until))
            .expect("a view is text"),
    }
}
