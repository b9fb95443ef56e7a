//! The service that may see who is connected to a cache.

use super::{
    Api,
    problem::{Code, Problem},
};
use crate::{
    attestation::Subject,
    cloud::CloudError,
    config::CacheConfig,
    domain::{CacheUser, CredentialsError, Password, TenantCredentials, TenantName, TierKind},
    reconcile::{Cache, ObservedCache},
    store::StoreError,
};

/// Who observes a cache, and its password.
#[derive(Debug)]
pub(super) struct Observer {
    user: CacheUser,
    password: Password,
    seen: ObservedCache,
}

/// Why nobody can observe a cache.
#[derive(Debug, thiserror::Error)]
pub(super) enum ObserverError {
    /// The configuration names nobody.
    #[error("nobody observes the cache: it has no `connection_observer`")]
    NotConfigured,
    /// The configuration names nobody who is there.
    #[error("there is no service {0} in the cache to observe it")]
    NoService(TenantName),
    /// It has no password.
    #[error("the observer logs in by IAM, and needs a password")]
    NoPassword,
    /// Where the nodes are is not known yet.
    #[error("the cache has not been looked at yet")]
    NotSeen,
    /// The store does not answer.
    #[error("the store does not answer")]
    Store(#[from] StoreError),
    /// Secrets Manager does not hand out the password.
    #[error("Secrets Manager does not hand out the observer's password")]
    Cloud(#[from] CloudError),
    /// There is no password in the secret.
    #[error("the observer's secret holds no password")]
    Secret(#[from] CredentialsError),
}

impl Observer {
    /// Reads the password of a cache's observer.
    pub(super) async fn of(api: &Api, cache: &Cache) -> Result<Self, ObserverError> {
        let user = user(api, cache.config()).await?;
        let secret = user.secret().ok_or(ObserverError::NoPassword)?;
        let seen = cache.view().observed.ok_or(ObserverError::NotSeen)?;
        let cloud = api.clouds.for_cache(&user.cache).ok_or(ObserverError::NotSeen)?;
        let secret = cloud.secret_string(secret).await?;
        let password = TenantCredentials::password_in(&secret)?;
        Ok(Self { user, password, seen })
    }

    /// As whom and where to log in.
    pub(super) fn subject(&self) -> Subject<'_> {
        Subject {
            endpoint: &self.seen.endpoint,
            nodes: &self.seen.nodes,
            engine: self.seen.ground.engine,
            user: &self.user.user_name,
            password: &self.password,
            pattern: &self.user.key_pattern,
            access_string: "",
        }
    }
}

/// The main user of the service that may see connections.
async fn user(api: &Api, cache: &CacheConfig) -> Result<CacheUser, ObserverError> {
    let Some(name) = &cache.connection_observer else { return Err(ObserverError::NotConfigured) };
    let found = api.store.tenant(name).await?;
    found
        .filter(|it| it.tier.kind() == TierKind::Service && it.cache == cache.name)
        .map(|service| service.main)
        .ok_or_else(|| ObserverError::NoService(name.clone()))
}

impl From<ObserverError> for Problem {
    fn from(error: ObserverError) -> Self {
        match error {
            ObserverError::Store(error) => error.into(),
            ObserverError::Cloud(error) => error.into(),
            ObserverError::NotSeen => {
                let detail = "the cache has not been looked at yet; ask again";
                Self::failure(Code::CacheUnobserved, detail, error)
            }
            error => Self::new(Code::ObserverMissing, error.to_string()),
        }
    }
}
