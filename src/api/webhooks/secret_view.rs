//! A secret, in the one answer that tells it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{told_secret::fingerprint, view::WebhookView};
use crate::{
    api::Api,
    domain::{Webhook, WebhookSecret},
};

/// A new webhook with its secret, which no other answer tells.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedWebhook {
    #[serde(flatten)]
    webhook: WebhookView,
    /// What messages are signed with.
    #[schema(example = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    secret: String,
}

/// A new secret of a webhook, which no other answer tells.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedWebhookSecret {
    /// What messages are signed with from now on.
    #[schema(example = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    secret: String,
    /// Until when they are signed with the secrets before it too.
    #[schema(format = DateTime, example = "2026-11-22T09:15:00Z")]
    others_until: String,
}

const EXAMPLE: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

impl CreatedWebhook {
    /// With the fingerprint in the place of the secret.
    pub(super) fn new(webhook: &Webhook, secret: &WebhookSecret) -> Self {
        Self { webhook: webhook.into(), secret: fingerprint(secret) }
    }

    /// One for the API document.
    pub(super) fn example() -> Self {
        Self { webhook: WebhookView::example(), secret: EXAMPLE.to_owned() }
    }
}

impl CreatedWebhookSecret {
    /// With the fingerprint in the place of the secret.
    pub(super) fn new(secret: &WebhookSecret, others_until: jiff::Timestamp) -> Self {
        Self { secret: fingerprint(secret), others_until: others_until.to_string() }
    }

    /// One for the API document.
    pub(super) fn example() -> Self {
        let others_until = "2026-11-22T09:15:00Z".to_owned();
        Self { secret: EXAMPLE.to_owned(), others_until }
    }
}

/// Makes a secret that nobody can guess.
pub(super) fn new_secret(api: &Api) -> WebhookSecret {
    let mut random = zeroize::Zeroizing::new([0; WebhookSecret::ENTROPY_BYTES]);
    api.entropy.fill(&mut *random);
    WebhookSecret::generate(&random)
}
