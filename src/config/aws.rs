//! How AWS is reached.

use serde::Deserialize;

use super::rules;

/// Settings that stand before AWS's own variables and files. Credentials have none: they come from
/// the standard chain only.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AwsConfig {
    /// The region of the caches and secrets; without it, what AWS's own chain says (`AWS_REGION`,
    /// profile, instance metadata).
    ///
    /// Default: none. Variable: `RINGFENCE_AWS__REGION`.
    #[serde(deserialize_with = "rules::region")]
    pub region: Option<String>,

    /// The URL that ElastiCache calls go to, `http://…` or `https://…`; without it, the value of
    /// `AWS_ENDPOINT_URL_ELASTICACHE` or AWS's own.
    ///
    /// Default: none. Variable: `RINGFENCE_AWS__ELASTICACHE_ENDPOINT`.
    #[serde(deserialize_with = "rules::endpoint")]
    pub elasticache_endpoint: Option<String>,

    /// The URL that Secrets Manager calls go to, `http://…` or `https://…`; without it, the value
    /// of `AWS_ENDPOINT_URL_SECRETS_MANAGER` or AWS's own.
    ///
    /// Default: none. Variable: `RINGFENCE_AWS__SECRETS_MANAGER_ENDPOINT`.
    #[serde(deserialize_with = "rules::endpoint")]
    pub secrets_manager_endpoint: Option<String>,
}
