//! A webhook as callers see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{DisabledBecause, Notice, Webhook};

/// Who is told what happens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct WebhookView {
    /// Its id.
    #[schema(format = Uuid, example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067")]
    id: String,
    /// Where messages are sent.
    #[schema(example = "https://billing.example.com/hooks/ringfence")]
    url: String,
    /// Of what it is told; empty: of everything.
    #[schema(example = json!(["tenant.provisioned", "tenant.deleted"]))]
    types: Vec<&'static str>,
    /// What it is for.
    #[schema(example = "billing")]
    description: String,
    /// Whether anything is sent.
    #[schema(example = true)]
    enabled: bool,
    /// Why nothing is sent: `asked`, somebody has switched it off; `gone`, the receiver has answered 410;
    /// `failing`, no message has arrived for three days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "failing")]
    disabled_because: Option<&'static str>,
    /// Since when nothing is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime, example = "2026-11-21T09:15:09Z")]
    disabled_at: Option<String>,
    /// When a message last arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime, example = "2026-11-21T09:15:09Z")]
    delivered_at: Option<String>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-21T09:15:00Z")]
    created_at: String,
}

impl From<&Webhook> for WebhookView {
    fn from(webhook: &Webhook) -> Self {
        Self {
            id: webhook.id.to_string(),
            url: webhook.url.to_string(),
            types: webhook.notices.named().map(Notice::as_str).collect(),
            description: webhook.description.clone(),
            enabled: webhook.disabled.is_none(),
            disabled_because: webhook.disabled.map(|(because, _)| DisabledBecause::as_str(because)),
            disabled_at: webhook.disabled.map(|(_, at)| at.to_string()),
            delivered_at: webhook.delivered_at.map(|at| at.to_string()),
            created_at: webhook.created_at.to_string(),
        }
    }
}

impl WebhookView {
    /// A webhook for the API document.
    pub(super) fn example() -> Self {
        Self {
            id: "01a2001e-33c4-7e40-8f1a-e2ad052b5067".to_owned(),
            url: "https://billing.example.com/hooks/ringfence".to_owned(),
            types: vec!["tenant.provisioned", "tenant.deleted"],
            description: "billing".to_owned(),
            enabled: true,
            disabled_because: None,
            disabled_at: None,
            delivered_at: Some("2026-11-21T09:15:09Z".to_owned()),
            created_at: "2026-11-21T09:15:00Z".to_owned(),
        }
    }
}
