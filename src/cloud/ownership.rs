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

    /// Whose thing these tags say that it is, if they say that this installation made it: the tenant
    /// and the user, as they stand there.
    #[must_use]
    pub fn owner_in<'a>(
        shown: &'a BTreeMap<String, String>,
        installation: &InstallationId,
    ) -> Option<(&'a str, &'a str)> {
        let is_ours = shown.get(INSTALLATION).is_some_and(|id| id == installation.as_str());
        is_ours.then_some(())?;
        Some((shown.get(TENANT)?, shown.get(USER)?))
    }

    /// Those of our tags that are among these.
    #[must_use]
    pub fn ours_among(shown: &BTreeMap<String, String>) -> BTreeMap<&str, &str> {
        let ours = [TENANT, USER, INSTALLATION, MANAGED];
        ours.into_iter().filter_map(|key| Some((key, shown.get(key)?.as_str()))).collect()
    }

    /// The tags by their keys.
    #[must_use]
    pub fn by_key(&self) -> BTreeMap<&str, &str> {
        BTreeMap::from([
            (TENANT, self.tenant.as_str()),
            (USER, self.user.as_str()),
            (INSTALLATION, self.installation.as_str()),
            (MANAGED, "true"),
        ])
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
        let owner = |id: &str| OwnershipTags::owner_in(&shown, &InstallationId::new(id.into()));
        assert_eq!(owner("one"), Some(("acme", "acme")));
        assert_eq!(owner("two"), None);
    }
}
