//! A tenant's secret, read and kept for a while. To be copied with `tenant.rs`.

use std::time::Duration;

use aws_sdk_secretsmanager::{Client, error::DisplayErrorContext};
use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, RedisConnectionInfo};
use serde::Deserialize;
use tokio::time::Instant;

/// The secret, and what was last read of it.
///
/// `AWSPREVIOUS` is never read: while it is of use the password of `AWSCURRENT` works as well, and
/// later it is the password that was taken away.
pub(crate) struct Secret {
    secrets_manager: Client,
    id: String,
    max_age: Duration,
    kept: Option<Login>,
    fresh_until: Instant,
}

/// What `AWSCURRENT` holds.
#[derive(Clone)]
pub(crate) struct Login {
    /// The version of the secret. If a rotation made it, this is the rotation's id.
    pub(crate) version: String,
    /// Where to connect, as whom, and with which password.
    pub(crate) info: ConnectionInfo,
}

/// Why there is no login.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// Secrets Manager does not give it.
    #[error("cannot read the secret: {0}")]
    Unreadable(String),
    /// It is not of the shape that Ringfence gives it.
    #[error("the secret holds no login")]
    NoLogin,
}

/// The members that are used. Not `url`: a rotation by another tool leaves the old password in it.
#[derive(Deserialize)]
struct Stored {
    username: String,
    password: String,
    host: String,
    port: u16,
    tls: bool,
}

impl Secret {
    pub(crate) fn new(secrets_manager: Client, id: String, max_age: Duration) -> Self {
        Self { secrets_manager, id, max_age, kept: None, fresh_until: Instant::now() }
    }

    /// The login, at most `max_age` old, or older if the secret cannot be read: the old password
    /// works throughout the grace.
    pub(crate) async fn login(&mut self) -> Result<Login, SecretError> {
        if let Some(kept) = &self.kept
            && Instant::now() < self.fresh_until
        {
            return Ok(kept.clone());
        }
        let login = match (self.read().await, self.kept.take()) {
            (Ok(read), _) => read,
            (Err(_), Some(kept)) => kept,
            (Err(error), None) => return Err(error),
        };
        self.fresh_until = Instant::now() + self.max_age;
        Ok(self.kept.insert(login).clone())
    }

    /// A login was refused, so that what is kept is not to be trusted any more.
    pub(crate) fn refused(&mut self) {
        self.fresh_until = Instant::now();
    }

    async fn read(&self) -> Result<Login, SecretError> {
        // Without a version or a stage, the answer is `AWSCURRENT`.
        let answer = self.secrets_manager.get_secret_value().secret_id(&self.id).send().await;
        let answer = answer
            .map_err(|error| SecretError::Unreadable(DisplayErrorContext(error).to_string()))?;
        let text = answer.secret_string.as_deref().unwrap_or_default();
        let stored: Stored = serde_json::from_str(text).map_err(|_| SecretError::NoLogin)?;
        let version = answer.version_id.ok_or(SecretError::NoLogin)?;
        Ok(Login { version, info: stored.info().map_err(|_| SecretError::NoLogin)? })
    }
}

impl Stored {
    fn info(self) -> redis::RedisResult<ConnectionInfo> {
        let Self { username, password, host, port, tls } = self;
        let address = if tls {
            ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
        } else {
            ConnectionAddr::Tcp(host, port)
        };
        let login = RedisConnectionInfo::default().set_username(username).set_password(password);
        Ok(address.into_connection_info()?.set_redis_settings(login))
    }
}
