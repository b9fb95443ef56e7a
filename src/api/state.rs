//! What the operations work with.

use std::{fmt, ops::Deref, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Meters,
    access::{Authentication, Rates},
    idempotency::KeysInFlight,
    places::Places,
    scheme::Scheme,
    tenants::Placement,
};
use crate::{
    clock::{Clock, Entropy},
    cloud::Clouds,
    config::CostConfig,
    domain::{Profiles, TargetRules},
    reconcile::Caches,
    store::Store,
};

/// Everything that an operation may use. Clones share it; the router makes several for each request.
#[derive(Clone)]
pub struct Api(Arc<ApiParts>);

/// What an [`Api`] is made of.
pub struct ApiParts {
    /// Where wishes are written down and looked up.
    pub store: Store,
    /// Where credentials are read. Nothing is ever changed through them here.
    pub clouds: Clouds,
    /// The configured caches, and what was last seen of them.
    pub caches: Caches,
    /// What tenants may be allowed.
    pub profiles: Profiles,
    /// What is decided for a tenant that the caller leaves open.
    pub placement: Placement,
    /// The idempotency keys of the requests that are being handled.
    pub keys_in_flight: KeysInFlight,
    /// Room for requests.
    pub places: Places,
    /// How often callers have asked.
    pub rates: Rates,
    /// What is counted.
    pub meters: Meters,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance, for ids.
    pub entropy: Arc<dyn Entropy>,
    /// How the listener is spoken to.
    pub scheme: Scheme,
    /// How callers are known.
    pub authentication: Authentication,
    /// The limits.
    pub settings: ApiSettings,
    /// What things cost.
    pub prices: CostConfig,
    /// Where webhooks may lead.
    pub webhook_targets: TargetRules,
    /// Ends waits early, so that a stopping service need not sit them out.
    pub stopping: CancellationToken,
}

/// The limits that an operator may set.
#[derive(Clone, Copy, Debug)]
pub struct ApiSettings {
    /// How long a request may take, apart from the time that it asks to wait.
    pub request_timeout: Duration,
    /// How long a body may take to come in.
    pub body_timeout: Duration,
    /// The longest wait that a request is granted.
    pub wait_max: Duration,
    /// How long the answer to a request with an `Idempotency-Key` is kept.
    pub idempotency_ttl: Duration,
    /// How long an old password goes on working unless the request says otherwise.
    pub rotation_grace: Duration,
}

impl Api {
    /// Makes it ready to be shared.
    #[must_use]
    pub fn new(parts: ApiParts) -> Self {
        Self(Arc::new(parts))
    }

    /// A new id, for a request or a tenant.
    pub(super) fn new_id(&self) -> Uuid {
        self.entropy.uuid(self.clock.now())
    }
}

impl Deref for Api {
    type Target = ApiParts;

    fn deref(&self) -> &ApiParts {
        &self.0
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ApiParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("settings", &self.settings).finish_non_exhaustive()
    }
}
