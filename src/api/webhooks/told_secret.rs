//! Answers that tell a secret, and are kept without it.
//!
//! What is kept under an idempotency key holds no secret. Such an answer is made with the secret's
//! fingerprint in its place, and the secret is put in when the answer is sent, now or again. It is found
//! by the fingerprint where messages are signed from; once it is removed there, nobody has it any more.

use aws_lc_rs::digest::{SHA256, digest};
use axum::response::Response;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;

use crate::{
    api::{
        Api,
        idempotency::{KeptAnswer, send},
        problem::{Code, Problem},
    },
    domain::WebhookSecret,
    store::StoredAnswer,
};

/// The member of such an answer that is read when it is given again.
#[derive(Deserialize)]
struct Kept {
    secret: String,
}

/// What stands in for a secret. Secrets are random, so nobody learns one from it, and no caller has
/// written it into another place of the answer.
pub(super) fn fingerprint(secret: &WebhookSecret) -> String {
    let hash = digest(&SHA256, secret.expose().as_bytes());
    format!("sha256:{}", BASE64_URL_SAFE_NO_PAD.encode(hash))
}

/// Sends an answer with the secret in it.
pub(super) fn tell(answer: StoredAnswer, secret: &WebhookSecret) -> Result<Response, Problem> {
    let told = answer.body.replace(&fingerprint(secret), secret.expose());
    // What can be kept never has it.
    let mut response = send(StoredAnswer { body: String::new(), ..answer })?;
    *response.body_mut() = told.into();
    Ok(response)
}

/// Gives a kept answer again, with its secret, if that still signs messages.
pub(super) async fn tell_again(api: &Api, answer: KeptAnswer) -> Result<Response, Problem> {
    let kept: Kept = serde_json::from_str(answer.body()).map_err(Problem::internal)?;
    let secrets = api.store.webhook_secrets(api.clock.now()).await?;
    let Some(secret) = secrets.iter().find(|secret| fingerprint(secret) == kept.secret) else {
        let detail = "the secret of the first answer was replaced, or its webhook deleted; \
                      POST /webhooks/{id}/secrets makes another secret, and a new key another webhook";
        return Err(Problem::new(Code::WebhookSecretGone, detail));
    };
    answer.replay_by(|answer| tell(answer, secret))
}
