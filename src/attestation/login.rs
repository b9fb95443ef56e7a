//! Logging in as the tenant.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ErrorKind, IntoConnectionInfo as _,
    RedisConnectionInfo, RedisError,
};
use ringfence_acl::{AccessString, Engine};

use super::{
    plan::Keys,
    probes::{self, Undecided},
};
use crate::domain::{AttestationVerdict, Endpoint, KeyPattern, Password, Probe, UserName};

/// How long an engine may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginTimeouts {
    /// To take a connection.
    pub connect: Duration,
    /// To answer one command.
    pub response: Duration,
}

impl Default for LoginTimeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), response: Duration::from_secs(3) }
    }
}

/// Whose fence is tried, and where.
#[derive(Debug)]
pub struct Subject<'a> {
    /// Where the cache takes connections.
    pub endpoint: &'a Endpoint,
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
    timeouts: LoginTimeouts,
}

impl Attestor {
    /// Tries the fence of one tenant, and answers with what was tried. `nonce` keeps the keys of
    /// attestations that run side by side apart.
    pub async fn attest(
        &self,
        subject: &Subject<'_>,
        nonce: &str,
    ) -> (AttestationVerdict, Vec<Probe>) {
        let Ok(string) = AccessString::parse(subject.access_string) else {
            let why = "the access string of the tenant's profile cannot be read".to_owned();
            return (AttestationVerdict::Inconclusive { why }, Vec::new());
        };
        match self.probe(subject, &string, nonce).await {
            Ok(probes) => (AttestationVerdict::of(&probes), probes),
            Err(Undecided::Connection(error)) => (no_finding(&error), Vec::new()),
            Err(Undecided::Answer(why)) => (AttestationVerdict::Inconclusive { why }, Vec::new()),
        }
    }

    async fn probe(
        &self,
        subject: &Subject<'_>,
        string: &AccessString,
        nonce: &str,
    ) -> Result<Vec<Probe>, Undecided> {
        let client = client(subject.endpoint, subject.user, subject.password)?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeouts.connect))
            .set_response_timeout(Some(self.timeouts.response));
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        let keys = Keys::new(subject.pattern, nonce);
        probes::run(&mut connection, &keys, string, subject.engine).await
    }
}

fn client(endpoint: &Endpoint, user: &UserName, password: &Password) -> Result<Client, RedisError> {
    let (host, port) = (endpoint.host.clone(), endpoint.port);
    let address = if endpoint.tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    };
    let login =
        RedisConnectionInfo::default().set_username(user.as_str()).set_password(password.expose());
    Client::open(address.into_connection_info()?.set_redis_settings(login))
}

fn no_finding(error: &RedisError) -> AttestationVerdict {
    if error.kind() == ErrorKind::AuthenticationFailed || error.code() == Some("WRONGPASS") {
        return AttestationVerdict::LoginRefused;
    }
    // The client's own text may quote what it sent; the kind of the error does not.
    let why = match error.code() {
        Some(code) => format!("the engine answered {code}"),
        None if error.is_timeout() => "the engine did not answer in time".to_owned(),
        None if error.is_connection_refusal() => "the engine refused the connection".to_owned(),
        None => format!("the connection failed ({})", error.category()),
    };
    AttestationVerdict::Inconclusive { why }
}
