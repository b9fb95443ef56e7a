//! The clients of each cache.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::{AwsAccess, CallMetrics, Cloud, CloudSettings, ConnectError, access::Base};
use crate::domain::CacheName;

/// The clients of each cache. Caches that are reached in the same way share theirs, and with them
/// connections, credentials and what was listed. Clones share all.
#[derive(Clone)]
pub struct Clouds(Arc<BTreeMap<CacheName, Cloud>>);

impl Clouds {
    /// Makes the clients of these caches. Nothing is sent yet.
    pub async fn connect(
        access: &AwsAccess,
        caches: &[(CacheName, CloudSettings)],
        metrics: &CallMetrics,
    ) -> Result<Self, ConnectError> {
        let all: Vec<&CloudSettings> = caches.iter().map(|(_, settings)| settings).collect();
        let Some(first) = all.first() else { return Ok(Self(Arc::default())) };
        // Where each cache names its Region, nothing need be asked for another.
        let named = all.iter().all(|settings| settings.region.is_some());
        let region = first.region.as_deref().filter(|_| named);
        let base = Base::load(access, region, first.call_timeout).await?;
        let mut sets: Vec<(CloudSettings, Cloud)> = Vec::new();
        let mut clouds = BTreeMap::new();
        for (name, settings) in caches {
            let region = Some(base.region(settings)?.to_string());
            let settings = CloudSettings { region, ..settings.clone() };
            let cloud = match sets.iter().find(|(others, _)| *others == settings) {
                Some((_, cloud)) => cloud.clone(),
                None => base.clients(&settings, metrics).await?,
            };
            sets.push((settings, cloud.clone()));
            clouds.insert(name.clone(), cloud);
        }
        Ok(Self(Arc::new(clouds)))
    }

    /// The clients of a cache, if it is configured.
    #[must_use]
    pub fn for_cache(&self, name: &CacheName) -> Option<&Cloud> {
        self.0.get(name)
    }
}

impl fmt::Debug for Clouds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
