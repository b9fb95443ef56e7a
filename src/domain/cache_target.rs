//! What a configured cache is in AWS.

/// What the user group of a cache is attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheTarget {
    /// A node-based cluster, by its replication group's id in lower case.
    ReplicationGroup(String),
    /// A serverless cache, by its name in lower case.
    ServerlessCache(String),
}

impl CacheTarget {
    /// The id or the name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::ReplicationGroup(name) | Self::ServerlessCache(name) => name,
        }
    }
}
