//! Logging in as the tenant.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ErrorKind, IntoConnectionInfo as _,
    RedisConnectionInfo, RedisError,
};

use super::{Verdict, probes};
use crate::domain::{Endpoint, KeyPattern, Password, UserName};

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

/// Logs in as tenants and tries the fence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attestor {
    timeouts: LoginTimeouts,
}

impl Attestor {
    /// Tries the fence of one tenant. `nonce` keeps the keys of attestations that run side by
    /// side apart.
    pub async fn attest(
        &self,
        endpoint: &Endpoint,
        user: &UserName,
        password: &Password,
        pattern: &KeyPattern,
        nonce: &str,
    ) -> Verdict {
        let outcome = async {
            let client = client(endpoint, user, password)?;
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(Some(self.timeouts.connect))
                .set_response_timeout(Some(self.timeouts.response));
            let mut connection =
                client.get_multiplexed_async_connection_with_config(&config).await?;
            probes::run(&mut connection, pattern, nonce).await
        };
        outcome.await.unwrap_or_else(|error| undecided(&error))
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

fn undecided(error: &RedisError) -> Verdict {
    if error.kind() == ErrorKind::AuthenticationFailed || error.code() == Some("WRONGPASS") {
        return Verdict::LoginRefused;
    }
    // The client's own text may quote what it sent; the kind of the error does not.
    let why = match error.code() {
        Some(code) => format!("the engine answered {code}"),
        None if error.is_timeout() => "the engine did not answer in time".to_owned(),
        None if error.is_connection_refusal() => "the engine refused the connection".to_owned(),
        None => format!("the connection failed ({})", error.category()),
    };
    Verdict::Inconclusive { why }
}
