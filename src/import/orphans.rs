//! Secrets of ours whose users are not there.

use super::{
    ImportError, Workplace, patience::patiently, report::OrphanedSecret, survey::Surveyed,
};
use crate::{
    cloud::{Cloud, OwnershipTags},
    domain::SecretName,
};

impl Workplace<'_> {
    /// Looks for secrets that say they are ours and that are no user's: neither in the store, as it is
    /// after the import, nor of one that was found and refused.
    ///
    /// Nothing tells the cache of a secret. So they are looked for only if all caches are.
    pub(super) async fn orphaned_secrets(
        &self,
        surveys: &[Surveyed<'_>],
    ) -> Result<Vec<OrphanedSecret>, ImportError> {
        let mut orphans = Vec::new();
        if self.request.cache.is_some() {
            return Ok(orphans);
        }
        let mut places: Vec<&Cloud> = Vec::new();
        for survey in surveys {
            if !places.iter().any(|place| place.is_same_way_as(survey.cloud)) {
                places.push(survey.cloud);
            }
        }
        for cloud in places {
            for name in self.strangers(cloud).await? {
                let Some(shown) = patiently(|| cloud.secret(&name)).await? else { continue };
                let owner = OwnershipTags::owner_in(&shown.tags, self.store.installation());
                let Some((tenant, user)) = owner else { continue };
                let is_found = surveys.iter().any(|survey| survey.has_user(tenant, user));
                if !shown.is_scheduled_for_deletion && !is_found {
                    orphans.push(OrphanedSecret::new(&name, tenant, user));
                }
            }
        }
        Ok(orphans)
    }

    /// The secrets under our prefix that are no living user's. Lists are minutes behind.
    async fn strangers(&self, cloud: &Cloud) -> Result<Vec<SecretName>, ImportError> {
        let mut strangers = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let prefix = &self.naming.secret_prefix;
            let page = patiently(|| cloud.secrets_page(prefix, next.as_deref())).await?;
            let living = page.secrets.iter().filter(|(_, shown)| !shown.is_scheduled_for_deletion);
            strangers.extend(self.store.unknown_secrets(living.map(|(name, _)| name)).await?);
            next = page.next;
            if next.is_none() {
                return Ok(strangers);
            }
        }
    }
}
