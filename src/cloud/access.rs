//! How AWS is reached.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_elasticache::config::{Credentials, SharedCredentialsProvider};

use super::{
    CallMetrics, CloudError,
    calls::{Call, Clients},
    connect_token::TokenSigner,
    gate::Gate,
    listings::Listings,
    pacing::Pacing,
    role::{Role, RoleCredentials},
};
use crate::{config::PacingConfig, domain::Urgency};

/// Where AWS is, and as whom Ringfence speaks to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AwsAccess {
    /// AWS's own chain: environment, profile, container or instance role; endpoints by
    /// `AWS_ENDPOINT_URL_ELASTICACHE`, `AWS_ENDPOINT_URL_SECRETS_MANAGER` and `AWS_ENDPOINT_URL_STS`.
    Standard,
    /// A simulator on this machine. The endpoint is set in code for all services and must be
    /// loopback, so that a mistyped setting or variable cannot send a made-up credential to AWS.
    Simulator {
        /// `http://127.0.0.1:4566`
        url: String,
    },
}

impl AwsAccess {
    /// The access key id before a simulator, and its secret too: there is nothing to protect.
    pub const SIMULATOR_KEY: &str = "simulator";
}

/// Settings of the clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudSettings {
    /// Region, where the standard chain is not to choose it.
    pub region: Option<String>,
    /// The role that is assumed for every call.
    pub role: Option<Role>,
    /// Endpoint of `ElastiCache`, where it is not AWS's own.
    pub elasticache_endpoint: Option<String>,
    /// Endpoint of Secrets Manager, where it is not AWS's own.
    pub secrets_manager_endpoint: Option<String>,
    /// The longest that one call may take.
    pub call_timeout: Duration,
    /// How fast they are used.
    pub pacing: PacingConfig,
}

/// The clients. Clones share their connections, their pace and what was listed.
#[derive(Clone)]
pub struct Cloud {
    gate: Arc<Gate>,
    urgency: Urgency,
    pub(super) signer: TokenSigner,
    pub(super) listings: Listings,
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cloud").finish_non_exhaustive()
    }
}

/// Why the clients cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The simulator's address is not on this machine.
    #[error("the simulator's address {url:?} is not a loopback address")]
    NotLoopback {
        /// The address.
        url: String,
    },
    /// No Region is known.
    #[error("no AWS Region is known: set AWS_REGION, or `region` in the configuration")]
    NoRegion,
}

impl Cloud {
    /// Makes the clients. Nothing is sent yet. What they send is [`Routine`](Urgency::Routine) unless
    /// [`at`](Self::at) says otherwise, so that nothing overtakes sign-ups by mistake.
    pub async fn connect(
        access: &AwsAccess,
        settings: &CloudSettings,
        metrics: &CallMetrics,
    ) -> Result<Self, ConnectError> {
        let base = Base::load(access, settings.region.as_deref(), settings.call_timeout).await?;
        base.clients(settings, metrics).await
    }

    /// The same clients for work of this urgency.
    #[must_use]
    pub fn at(&self, urgency: Urgency) -> Self {
        Self { urgency, ..self.clone() }
    }

    /// Whether both reach AWS in the same way, and so share what was listed.
    #[must_use]
    pub fn is_same_way_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.gate, &other.gate)
    }

    /// Sends a call when it is its turn.
    pub(super) async fn send<C: Call>(&self, call: C) -> Result<C::Answer, CloudError> {
        self.gate.send(call, self.urgency).await
    }
}

/// What all clients of this process begin with: its own credentials, and the Region that holds where
/// no other is set.
pub(super) struct Base {
    shared: SdkConfig,
    is_simulated: bool,
}

impl Base {
    pub(super) async fn load(
        access: &AwsAccess,
        region: Option<&str>,
        call_timeout: Duration,
    ) -> Result<Self, ConnectError> {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .retry_config(RetryConfig::disabled())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(call_timeout.min(Duration::from_secs(3)))
                    .operation_timeout(call_timeout)
                    .build(),
            );
        if let Some(region) = region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        if let AwsAccess::Simulator { url } = access {
            require_loopback(url)?;
            loader = loader
                .endpoint_url(url)
                .region(Region::new(region.map_or_else(simulated_region, ToOwned::to_owned)))
                .credentials_provider(simulated_credentials());
        }
        let is_simulated = matches!(access, AwsAccess::Simulator { .. });
        Ok(Self { shared: loader.load().await, is_simulated })
    }

    /// The Region that these settings come down to.
    pub(super) fn region(&self, settings: &CloudSettings) -> Result<Region, ConnectError> {
        let own = settings.region.clone().map(Region::new);
        own.or_else(|| self.shared.region().cloned()).ok_or(ConnectError::NoRegion)
    }

    pub(super) async fn clients(
        &self,
        settings: &CloudSettings,
        metrics: &CallMetrics,
    ) -> Result<Cloud, ConnectError> {
        let region = self.region(settings)?;
        let mut shared = self.shared.clone().into_builder().region(region.clone()).build();
        if let Some(role) = &settings.role {
            let credentials = RoleCredentials::new(role, &shared).await;
            let credentials = SharedCredentialsProvider::new(credentials);
            shared = shared.into_builder().credentials_provider(credentials).build();
        }
        let account = settings.role.as_ref().map_or("own", Role::account).to_owned();
        let gate = Gate::new(
            self.sdk_clients(&shared, settings),
            (region.to_string(), account),
            Pacing::new(settings.pacing.clone()),
            metrics.clone(),
        );
        Ok(Cloud {
            gate: Arc::new(gate),
            urgency: Urgency::Routine,
            signer: TokenSigner { credentials: shared.credentials_provider(), region },
            listings: Listings::default(),
        })
    }

    fn sdk_clients(&self, shared: &SdkConfig, settings: &CloudSettings) -> Clients {
        let endpoint = |given: &Option<String>| given.clone().filter(|_| !self.is_simulated);
        let mut elasticache = aws_sdk_elasticache::config::Builder::from(shared);
        if let Some(url) = endpoint(&settings.elasticache_endpoint) {
            elasticache = elasticache.endpoint_url(url);
        }
        let mut secrets_manager = aws_sdk_secretsmanager::config::Builder::from(shared);
        if let Some(url) = endpoint(&settings.secrets_manager_endpoint) {
            secrets_manager = secrets_manager.endpoint_url(url);
        }
        Clients::new(
            aws_sdk_elasticache::Client::from_conf(elasticache.build()),
            aws_sdk_secretsmanager::Client::from_conf(secrets_manager.build()),
        )
    }
}

fn simulated_region() -> String {
    "us-east-1".to_owned()
}

fn simulated_credentials() -> Credentials {
    Credentials::builder()
        .access_key_id(AwsAccess::SIMULATOR_KEY)
        .secret_access_key(AwsAccess::SIMULATOR_KEY)
        .provider_name("simulator")
        .build()
}

fn require_loopback(url: &str) -> Result<(), ConnectError> {
    let host = url
        .strip_prefix("http://")
        .and_then(|rest| rest.trim_end_matches('/').rsplit_once(':'))
        .map(|(host, _port)| host.trim_start_matches('[').trim_end_matches(']'));
    let loopback = host.is_some_and(|host| {
        host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()) || host == "localhost"
    });
    if loopback { Ok(()) } else { Err(ConnectError::NotLoopback { url: url.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_taken_for_a_simulator() {
        for url in ["http://127.0.0.1:4566", "http://[::1]:4566/", "http://localhost:1"] {
            assert_eq!(require_loopback(url), Ok(()), "{url}");
        }
        for url in ["http://10.0.0.1:4566", "https://elasticache.us-east-1.amazonaws.com", "x"] {
            assert!(require_loopback(url).is_err(), "{url}");
        }
    }
}
