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

    /// Whether a user group's id means another group than the same id elsewhere, as far as the
    /// configuration tells. A role is taken to be of another account than our own.
    pub(super) fn is_elsewhere(&self, other: &Self, region: Option<&String>) -> bool {
        let region_of = |access: &Self| access.region.as_ref().or(region).cloned();
        let regions_differ =
            region_of(self).zip(region_of(other)).is_some_and(|(one, another)| one != another);
        regions_differ || self.account() != other.account()
    }

    /// The account of the role: `arn:aws:iam::ACCOUNT:role/…`.
    fn account(&self) -> Option<&str> {
        self.assume_role.as_deref().and_then(|arn| arn.split(':').nth(4))
    }
}
