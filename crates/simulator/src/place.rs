//! Regions, accounts and ARNs.

/// Where a resource is, as its ARN says, and where a caller is, as its credentials say. A caller
/// finds what is in its own place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) region: String,
    pub(crate) account: String,
}

impl Place {
    pub(crate) fn elasticache_arn(&self, kind: &str, id: &str) -> String {
        format!("arn:aws:elasticache:{}:{}:{kind}:{id}", self.region, self.account)
    }
}
