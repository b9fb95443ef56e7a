//! What things cost.

use std::num::NonZeroU32;

use serde::Deserialize;

use super::rules;
use crate::domain::{Currency, Price, Rates};

/// The prices that `GET /reports/cost` reckons with. The defaults are examples: on-demand list prices
/// of AWS in us-east-1, November 2026, of Valkey nodes
/// ([ElastiCache](https://aws.amazon.com/elasticache/pricing/),
/// [Secrets Manager](https://aws.amazon.com/secrets-manager/pricing/)). Amounts are written as text, so
/// that they are exact. See [`docs/cost.md`](cost.md).
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct CostConfig {
    /// The currency of all prices, as three capital letters. Nothing is converted.
    ///
    /// Default: `USD`. Variable: `RINGFENCE_COST__CURRENCY`.
    #[serde(deserialize_with = "rules::from_text")]
    pub currency: Currency,

    /// What a node of a shared cache costs in an hour. The default is a `cache.r7g.large`.
    ///
    /// Default: `0.1752`. Variable: `RINGFENCE_COST__NODE_HOUR`.
    #[serde(deserialize_with = "rules::from_text")]
    pub node_hour: Price,

    /// How many nodes a shared cache has: shards, each with its primary and its replicas.
    ///
    /// Default: `2`. Variable: `RINGFENCE_COST__NODES_PER_CACHE`.
    pub nodes_per_cache: NonZeroU32,

    /// What a node costs in an hour that would be a tenant's own. The default is a `cache.t4g.micro`, the
    /// smallest there is.
    ///
    /// Default: `0.0128`. Variable: `RINGFENCE_COST__OWN_NODE_HOUR`.
    #[serde(deserialize_with = "rules::from_text")]
    pub own_node_hour: Price,

    /// How many nodes a tenant's own cluster would have. With one it would have no replica.
    ///
    /// Default: `2`. Variable: `RINGFENCE_COST__OWN_NODES`.
    pub own_nodes: NonZeroU32,

    /// What a secret costs in a month.
    ///
    /// Default: `0.40`. Variable: `RINGFENCE_COST__SECRET_MONTH`.
    #[serde(deserialize_with = "rules::from_text")]
    pub secret_month: Price,

    /// What ten thousand calls to Secrets Manager cost.
    ///
    /// Default: `0.05`. Variable: `RINGFENCE_COST__SECRET_CALLS`.
    #[serde(deserialize_with = "rules::from_text")]
    pub secret_calls: Price,

    /// How often a tenant's applications read a secret in a month. The default is one process with
    /// AWS's caching client, which reads each hour.
    ///
    /// Default: `730`. Variable: `RINGFENCE_COST__SECRET_READS`.
    pub secret_reads: u32,
}

impl Default for CostConfig {
    fn default() -> Self {
        let price = |text: &str| text.parse().expect("a default is a price");
        Self {
            currency: "USD".parse().expect("a default is a currency"),
            node_hour: price("0.1752"),
            nodes_per_cache: NonZeroU32::new(2).expect("two is not zero"),
            own_node_hour: price("0.0128"),
            own_nodes: NonZeroU32::new(2).expect("two is not zero"),
            secret_month: price("0.40"),
            secret_calls: price("0.05"),
            secret_reads: 730,
        }
    }
}

impl CostConfig {
    /// What is reckoned with.
    #[must_use]
    pub fn rates(&self) -> Rates {
        Rates {
            node_hour: self.node_hour,
            nodes_per_cache: self.nodes_per_cache.get(),
            own_node_hour: self.own_node_hour,
            own_nodes: self.own_nodes.get(),
            secret_month: self.secret_month,
            secret_calls: self.secret_calls,
            secret_reads: self.secret_reads,
        }
    }
}
