//! What can be told of those who still use the old password.

use jiff::{SignedDuration, Timestamp, civil::Date};
use tracing::warn;

use crate::{
    api::{Api, observer::Observer},
    attestation::Attestor,
    domain::{CacheUser, Rotation},
    reconcile::Cache,
};

/// What was found out of an old password.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// The day on which it was last read.
    pub(super) last_read_on: Option<Date>,
    /// How many connections were opened before the new one was `AWSCURRENT`, or why nobody can say.
    pub(super) old_connections: Option<Result<u64, String>>,
}

impl Evidence {
    /// Nothing was told in time.
    pub(super) fn late() -> Self {
        let why = "AWS or the engine did not answer in time".to_owned();
        Self { last_read_on: None, old_connections: Some(Err(why)) }
    }

    /// Looks at the secret and at the engine. What cannot be told is left out.
    pub(super) async fn gather(api: &Api, user: &CacheUser, rotation: &Rotation) -> Self {
        let (Some(old), Some(promoted)) = (&rotation.from, rotation.done.finished_at) else {
            return Self::default();
        };
        let Some(cloud) = api.clouds.for_cache(&user.cache) else { return Self::default() };
        let last_read_on = match cloud.version_last_read(&user.secret_name, old).await {
            Ok(day) => day,
            // Evidence that is missing is no reason to hide the rest.
            Err(error) => {
                warn!(operation = error.operation, error = %error, "cannot tell the last read");
                None
            }
        };
        let cache = api.caches.get(&user.cache);
        let observed = cache.filter(|cache| cache.config().connection_observer.is_some());
        let old_connections = match observed {
            Some(cache) => Some(old_connections(api, cache, user, promoted).await),
            None => None,
        };
        Self { last_read_on, old_connections }
    }
}

async fn old_connections(
    api: &Api,
    cache: &Cache,
    user: &CacheUser,
    promoted: Timestamp,
) -> Result<u64, String> {
    let observer = Observer::of(api, cache).await.map_err(|error| error.to_string())?;
    let ages = Attestor::default().connections(&observer.subject(), &user.user_name).await?;
    let now = api.clock.now();
    // Ages are in whole seconds, rounded down.
    let opened = ages.iter().map(|age| {
        let age = SignedDuration::try_from(*age).unwrap_or(SignedDuration::MAX);
        now.saturating_sub(age).unwrap_or(Timestamp::MIN) - SignedDuration::from_secs(1)
    });
    Ok(opened.filter(|opened| *opened < promoted).count() as u64)
}
