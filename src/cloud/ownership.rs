//! The tags that say a thing in AWS is ours.

use std::collections::BTreeMap;

use crate::domain::{InstallationId, TenantName, UserName};

/// The tags on every user and secret that Ringfence makes. What does not carry them is never
/// changed or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnershipTags {
    tenant: TenantName,
    user: UserName,
    installation: InstallationId,
}

const TENANT: &str = "ringfence:tenant";
const USER: &str = "ringfence:user";
const INSTALLATION: &str = "ringfence:installation";
const MANAGED: &str = "ringfence:managed";

impl OwnershipTags {
    /// The tags for one user of one tenant.
    #[must_use]
    pub fn new(tenant: &TenantName, user: &UserName, installation: &InstallationId) -> Self {
        Self { tenant: tenant.clone(), user: user.clone(), installation: installation.clone() }
    }

    /// Whether the tags that AWS shows prove that the thing is this user's.
    #[must_use]
    pub fn prove(&self, shown: &BTreeMap<String, String>) -> bool {
        self.pairs().iter().all(|(key, value)| shown.get(*key).is_some_and(|v| v == value))
    }

    pub(super) fn pairs(&self) -> [(&'static str, String); 4] {
        [
            (TENANT, self.tenant.to_string()),
            (USER, self.user.to_string()),
            (INSTALLATION, self.installation.as_str().to_owned()),
            (MANAGED, "true".to_owned()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_another_installation_prove_nothing() {
        let tenant = TenantName::parse("acme").unwrap();
        let user = UserName::new("acme".to_owned());
        let tags = |id: &str| OwnershipTags::new(&tenant, &user, &InstallationId::new(id.into()));
        let shown: BTreeMap<String, String> =
            tags("one").pairs().into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        assert!(tags("one").prove(&shown));
        assert!(!tags("two").prove(&shown));
        assert!(!tags("one").prove(&BTreeMap::new()));
    }
}
