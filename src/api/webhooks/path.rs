//! The webhook that a path names.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use uuid::Uuid;

use crate::{
    api::{Api, problem::Problem},
    domain::{MessageId, Webhook, WebhookId},
    store::StoreError,
};

/// The webhook that the path names, as it was when the request came.
pub(crate) struct WebhookAtPath(pub(crate) Webhook);

/// The id in the path, which need not be a webhook's.
pub(crate) struct WebhookIdAtPath(pub(crate) WebhookId);

/// The message that the path names, which need not have been on its way.
pub(crate) struct MessageAtPath(pub(crate) MessageId);

impl FromRequestParts<Api> for WebhookAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let WebhookIdAtPath(id) = WebhookIdAtPath::from_request_parts(parts, api).await?;
        let webhook = api.store.webhook(id).await?;
        Ok(Self(webhook.ok_or(StoreError::WebhookNotFound)?))
    }
}

impl FromRequestParts<Api> for WebhookIdAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        // A text that is no id names no webhook.
        let id = parameter(parts, api, "id").await.and_then(|text| Uuid::parse_str(&text).ok());
        Ok(Self(WebhookId(id.ok_or(StoreError::WebhookNotFound)?)))
    }
}

impl FromRequestParts<Api> for MessageAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let id = parameter(parts, api, "delivery").await.and_then(|text| text.parse().ok());
        Ok(Self(id.ok_or(StoreError::DeliveryNotFound)?))
    }
}

async fn parameter(parts: &mut Parts, api: &Api, name: &str) -> Option<String> {
    let path = RawPathParams::from_request_parts(parts, api).await.ok()?;
    let found = path.iter().find(|(parameter, _)| *parameter == name);
    found.map(|(_, text)| text.to_owned())
}

/// Where a webhook is found.
pub(super) fn webhook_path(id: WebhookId) -> String {
    format!("/webhooks/{id}")
}
