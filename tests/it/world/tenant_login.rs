//! A tenant's own connection to the engine.

use std::{net::SocketAddr, time::Duration};

use redis::{
    AsyncCommands as _, AsyncConnectionConfig, Client, ConnectionAddr, IntoConnectionInfo as _,
    RedisConnectionInfo, RedisError, RedisResult, aio::MultiplexedConnection, cmd,
};

/// How long a client waits for the engine. Half a second, as otherwise, is little where all cores are busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Logged in as a tenant.
pub(crate) struct TenantLogin(MultiplexedConnection);

impl TenantLogin {
    pub(crate) async fn with_url(url: &str) -> RedisResult<Self> {
        let client = Client::open(url)?;
        Ok(Self(connect(&client).await?))
    }

    /// With any name and any word for it.
    pub(crate) async fn with_password(
        engine: SocketAddr,
        user: &str,
        password: &str,
    ) -> RedisResult<Self> {
        let login = RedisConnectionInfo::default().set_username(user).set_password(password);
        let address = ConnectionAddr::Tcp(engine.ip().to_string(), engine.port());
        let client = Client::open(address.into_connection_info()?.set_redis_settings(login))?;
        Ok(Self(connect(&client).await?))
    }

    pub(crate) async fn set(&mut self, key: &str, value: &str) -> RedisResult<()> {
        self.0.set(key, value).await
    }

    pub(crate) async fn get(&mut self, key: &str) -> RedisResult<Option<String>> {
        self.0.get(key).await
    }

    /// Any command, by its words.
    pub(crate) async fn run(&mut self, words: &[&str]) -> RedisResult<redis::Value> {
        let mut command = cmd(words[0]);
        command.arg(&words[1..]);
        command.query_async(&mut self.0).await
    }
}

async fn connect(client: &Client) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new();
    let config = config.set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
    client.get_multiplexed_async_connection_with_config(&config).await
}

/// The engine's code of an error, such as `NOPERM`.
pub(crate) fn code(error: &RedisError) -> &str {
    error.code().unwrap_or("none")
}
