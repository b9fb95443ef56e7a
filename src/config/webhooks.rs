//! Where webhooks may lead.

use ipnet::IpNet;
use serde::Deserialize;

use super::auth::networks;

/// Where webhooks may lead. See [`docs/webhooks.md`](webhooks.md).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WebhookConfig {
    /// Networks that are not public and may be sent messages to, as `10.0.0.0/8`. Who may make webhooks can
    /// have Ringfence call any address and port in them. As a variable, with commas between them.
    ///
    /// Default: none. Variable: `RINGFENCE_WEBHOOKS__ALLOW_PRIVATE`.
    #[serde(deserialize_with = "networks")]
    pub allow_private: Vec<IpNet>,

    /// Whether messages may be sent by `http://`, where everybody on the way can read them.
    ///
    /// Default: `false`. Variable: `RINGFENCE_WEBHOOKS__ALLOW_HTTP`.
    pub allow_http: bool,
}
