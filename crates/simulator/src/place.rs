//! Regions, accounts and ARNs.

use serde::{Deserialize, Serialize};

/// Where a resource is, as its ARN says.
///
/// ElastiCache is one account in one region here. It goes by whatever names a caller's
/// credentials give it, and gives these to the resources that the caller makes: a client that is
/// set to another region than the one before it still finds the caches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) region: String,
    pub(crate) account: String,
}

impl Place {
    pub(crate) fn elasticache_arn(&self, kind: &str, id: &str) -> String {
        format!("arn:aws:elasticache:{}:{}:{kind}:{id}", self.region, self.account)
    }
}
