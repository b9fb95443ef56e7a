//! What can be set at the start and turned while the simulator runs.

mod behaviour;
mod latencies;
mod quotas;
mod roles;

pub use behaviour::{Behaviour, PubsubDefault};
pub use latencies::{Latencies, Span};
pub use quotas::Quotas;
pub use roles::Role;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::secretsmanager::SecretsQuotas;

/// Every knob of the simulator, in one place.
///
/// `PATCH /_simulator/settings` takes the same shape as JSON, with any subset of the fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How long things take.
    pub latencies: Latencies,
    /// How many of each thing there may be in ElastiCache.
    pub quotas: Quotas,
    /// The limits of Secrets Manager.
    pub secrets: SecretsQuotas,
    /// What to do where AWS's own behaviour is not known.
    pub behaviour: Behaviour,
    /// Calls per second that are let through, by operation; `*` stands for any operation that
    /// has no rate of its own. Beyond the rate, ElastiCache and STS answer `Throttling` and Secrets
    /// Manager `ThrottlingException`, all with status 400.
    pub throttling: BTreeMap<String, f64>,
    /// The roles that may be assumed, by their ARNs. There are none at the start.
    pub roles: BTreeMap<String, Role>,
}
