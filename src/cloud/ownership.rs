//! The tags that say a thing in AWS is ours.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::domain::{CacheUserId, InstallationId, TenantName, TierKind, UserName};

/// The tags on every user and secret that Ringfence makes. What does not carry them is never
/// changed or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnershipTags {
    tenant: TenantName,
    user: UserName,
    installation: InstallationId,
    life: Option<CacheUserId>,
    tier: Option<TierKind>,
}

const TENANT: &str = "ringfence:tenant";
const USER: &str = "ringfence:user";
const INSTALLATION: &str = "ringfence:installation";
const MANAGED: &str = "ringfence:managed";
const LIFE: &str = "ringfence:id";
const TIER: &str = "ringfence:tier";

impl OwnershipTags {
    /// The tags for one user of one tenant.
    #[must_use]
    pub fn new(tenant: &TenantName, user: &UserName, installation: &InstallationId) -> Self {
        Self {
            tenant: tenant.clone(),
            user: user.clone(),
            installation: installation.clone(),
            life: None,
            tier: None,
        }
    }

    /// The same with what proves nothing, and from which a lost store is made again.
    #[must_use]
    pub fn remembering(self, life: CacheUserId, tier: TierKind) -> Self {
        Self { life: Some(life), tier: Some(tier), ..self }
    }

    /// Reads the tags of a thing; `None` if they are not ours.
    #[must_use]
    pub fn read(shown: &BTreeMap<String, String>) -> Option<Self> {
        shown.get(MANAGED).filter(|managed| *managed == "true")?;
        Some(Self {
            tenant: TenantName::parse(shown.get(TENANT)?).ok()?,
            user: UserName::new(shown.get(USER)?.clone()),
            installation: InstallationId::new(shown.get(INSTALLATION)?.clone()),
            life: shown.get(LIFE).and_then(|id| Uuid::parse_str(id).ok()).map(CacheUserId),
            tier: shown.get(TIER).and_then(|tier| tier.parse().ok()),
        })
    }

    /// Whose it is.
    #[must_use]
    pub fn tenant(&self) -> &TenantName {
        &self.tenant
    }

    /// The installation that made it.
    #[must_use]
    pub fn installation(&self) -> &InstallationId {
        &self.installation
    }

    /// The id of this life of the user, if the tags tell it.
    #[must_use]
    pub fn life(&self) -> Option<CacheUserId> {
        self.life
    }

    /// Whose users they are, if the tags tell it.
    #[must_use]
    pub fn tier(&self) -> Option<TierKind> {
        self.tier
    }

    /// Whether the tags that AWS shows prove that the thing is this user's.
    #[must_use]
    pub fn prove(&self, shown: &BTreeMap<String, String>) -> bool {
        self.proof().iter().all(|(key, value)| shown.get(*key).is_some_and(|v| v == value))
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

    /// All of them, as they are written.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let life = self.life.map(|life| (LIFE, life.to_string()));
        let tier = self.tier.map(|tier| (TIER, tier.to_string()));
        self.proof().into_iter().chain(life).chain(tier).collect()
    }

    fn proof(&self) -> [(&'static str, String); 4] {
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

    #[test]
    fn what_is_only_remembered_proves_nothing_and_reads_back() {
        let tenant = TenantName::parse("acme").unwrap();
        let user = UserName::new("acme".to_owned());
        let tags = OwnershipTags::new(&tenant, &user, &InstallationId::new("one".into()));
        let life = CacheUserId(Uuid::from_u128(7));
        let written = tags.clone().remembering(life, TierKind::Service);
        let shown: BTreeMap<String, String> =
            written.pairs().into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        assert_eq!(OwnershipTags::read(&shown), Some(written.clone()));
        assert!(tags.prove(&shown));
        let older: BTreeMap<String, String> =
            tags.pairs().into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        assert!(written.prove(&older), "tags of older versions prove as much");
        assert_eq!(OwnershipTags::read(&BTreeMap::new()), None);
    }
}
