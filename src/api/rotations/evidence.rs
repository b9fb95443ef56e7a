//! What can be told of those who still use the old password.

use jiff::{SignedDuration, Timestamp, civil::Date};
use tracing::warn;

use crate::{
    api::Api,
    attestation::{Attestor, Subject},
    config::CacheConfig,
    domain::{CacheUser, Rotation, TenantCredentials, TierKind},
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
    let observer = observer(api, cache.config()).await?;
    let secret = observer.secret().ok_or("the observer logs in by IAM, and needs a password")?;
    let cloud = api.clouds.for_cache(&user.cache).ok_or("the cache is not configured")?;
    let secret = cloud.secret_string(secret).await;
    let secret = secret.map_err(|error| format!("the observer's secret: {error}"))?;
    let password = TenantCredentials::password_in(&secret)
        .map_err(|error| format!("the observer's secret: {error}"))?;
    let seen = cache.view().observed.ok_or("the cache has not been looked at yet")?;
    let subject = Subject {
        endpoint: &seen.endpoint,
        nodes: &seen.nodes,
        engine: seen.ground.engine,
        user: &observer.user_name,
        password: &password,
        pattern: &observer.key_pattern,
        access_string: "",
    };
    let ages = Attestor::default().connections(&subject, &user.user_name).await?;
    let now = api.clock.now();
    // Ages are in whole seconds, rounded down.
    let opened = ages.iter().map(|age| {
        let age = SignedDuration::try_from(*age).unwrap_or(SignedDuration::MAX);
        now.saturating_sub(age).unwrap_or(Timestamp::MIN) - SignedDuration::from_secs(1)
    });
    Ok(opened.filter(|opened| *opened < promoted).count() as u64)
}

/// The main user of the service that may see connections.
async fn observer(api: &Api, cache: &CacheConfig) -> Result<CacheUser, String> {
    let Some(name) = &cache.connection_observer else { return Err("nobody observes".to_owned()) };
    let found = api.store.tenant(name).await.map_err(|error| error.to_string())?;
    found
        .filter(|it| it.tier.kind() == TierKind::Service && it.cache == cache.name)
        .map(|service| service.main)
        .ok_or_else(|| format!("there is no service {name} in the cache {}", cache.name))
}
