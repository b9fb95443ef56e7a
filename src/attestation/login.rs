//! Logging in as the tenant.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, IntoConnectionInfo as _, RedisConnectionInfo,
    RedisError, RedisResult, aio::MultiplexedConnection,
};
use ringfence_acl::{AccessString, Engine};

use super::{login_span, round::Round};
use crate::domain::{
    AttestationVerdict, CacheNodes, Endpoint, Evidence, KeyPattern, Password, UserName,
};

/// How much an attestation may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttestationLimits {
    /// How long an engine may take to let us in.
    pub connect: Duration,
    /// How long it may take to answer one command.
    pub response: Duration,
    /// How long all nodes together may take.
    pub whole: Duration,
    /// How many nodes there may be.
    pub nodes: usize,
}

impl Default for AttestationLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            response: Duration::from_secs(3),
            whole: Duration::from_mins(2),
            // The largest cluster that ElastiCache makes
            // (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html).
            nodes: 500,
        }
    }
}

/// Whose fence is tried, and where.
#[derive(Debug)]
pub struct Subject<'a> {
    /// Where the cache takes connections.
    pub endpoint: &'a Endpoint,
    /// What is known of the nodes behind it.
    pub nodes: &'a CacheNodes,
    /// What the cache runs.
    pub engine: Engine,
    /// What goes first in `AUTH`.
    pub user: &'a UserName,
    /// What goes second.
    pub password: &'a Password,
    /// The tenant's keys.
    pub pattern: &'a KeyPattern,
    /// What the tenant should be allowed.
    pub access_string: &'a str,
}

/// Logs in as tenants and tries the fence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attestor {
    pub(super) limits: AttestationLimits,
}

impl Attestor {
    /// Tries the fence of one tenant on every node, and answers with what was tried. `nonce` keeps
    /// the keys of attestations that run side by side apart.
    pub async fn attest(
        &self,
        subject: &Subject<'_>,
        nonce: &str,
    ) -> (AttestationVerdict, Evidence) {
        if subject.pattern.prefix().is_empty() {
            // There is no key of others to try, and none of its own that is nobody else's.
            let why = "the user may reach every key: it has no fence to try".to_owned();
            return (AttestationVerdict::Inconclusive { why }, Evidence::default());
        }
        let Ok(string) = AccessString::parse(subject.access_string) else {
            let why = "the access string of the tenant's profile cannot be read".to_owned();
            return (AttestationVerdict::Inconclusive { why }, Evidence::default());
        };
        Round::new(self, subject, string, nonce).run().await
    }

    /// A fresh connection to one node, logged in as the tenant.
    pub(super) async fn log_in(
        &self,
        node: &Endpoint,
        subject: &Subject<'_>,
    ) -> Result<MultiplexedConnection, RedisError> {
        let login = RedisConnectionInfo::default()
            .set_username(subject.user.as_str())
            .set_password(subject.password.expose());
        login_span::around(node, subject.engine, Box::pin(self.connect(node, login))).await
    }

    /// Sends `AUTH` on a connection of its own. What the library makes of a refused login does not
    /// tell a wrong password from a server that has no room.
    pub(super) async fn knock(&self, node: &Endpoint, subject: &Subject<'_>) -> RedisResult<()> {
        let knock = async {
            let mut connection = self.connect(node, RedisConnectionInfo::default()).await?;
            let mut auth = redis::cmd("AUTH");
            auth.arg(subject.user.as_str()).arg(subject.password.expose());
            auth.query_async(&mut connection).await
        };
        login_span::around(node, subject.engine, Box::pin(knock)).await
    }

    async fn connect(
        &self,
        node: &Endpoint,
        login: RedisConnectionInfo,
    ) -> Result<MultiplexedConnection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.limits.connect))
            .set_response_timeout(Some(self.limits.response));
        client(node, login)?.get_multiplexed_async_connection_with_config(&config).await
    }
}

fn client(endpoint: &Endpoint, login: RedisConnectionInfo) -> Result<Client, RedisError> {
    let (host, port) = (endpoint.host.clone(), endpoint.port);
    let address = if endpoint.tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    };
    Client::open(address.into_connection_info()?.set_redis_settings(login))
}
