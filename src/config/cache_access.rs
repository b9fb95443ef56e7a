//! How AWS is reached for one cache.

/// What one cache says of the way to AWS. What is `None` is as it is for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheAccess {
    /// The Region of the cache, its user group and its tenants' secrets.
    pub region: Option<String>,
    /// The role that is assumed for every call.
    pub assume_role: Option<String>,
    /// What the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Where `ElastiCache` calls go.
    pub elasticache_endpoint: Option<String>,
    /// Where Secrets Manager calls go.
    pub secrets_manager_endpoint: Option<String>,
}

impl CacheAccess {
    /// Refuses what makes no sense together.
    pub(super) fn checked(self) -> Result<Self, String> {
        if self.external_id.is_some() && self.assume_role.is_none() {
            return Err(
                "has external_id and no assume_role: name the role, or remove it".to_owned()
            );
        }
        Ok(self)
    }

    /// Whether a user group's id may mean another group than the same id elsewhere.
    pub(super) fn is_elsewhere(&self, other: &Self, region: Option<&String>) -> bool {
        self.assume_role != other.assume_role
            || self.elasticache_endpoint != other.elasticache_endpoint
            || self.region.as_ref().or(region) != other.region.as_ref().or(region)
    }
}
