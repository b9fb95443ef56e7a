//! A tenant's own connection to the engine.

use std::net::SocketAddr;

use redis::{
    AsyncCommands as _, ConnectionAddr, IntoConnectionInfo as _, RedisConnectionInfo, RedisError,
    RedisResult, aio::MultiplexedConnection, cmd,
};

/// Logged in as a tenant.
pub(crate) struct TenantLogin(MultiplexedConnection);

impl TenantLogin {
    pub(crate) async fn with_url(url: &str) -> RedisResult<Self> {
        let client = redis::Client::open(url)?;
        Ok(Self(client.get_multiplexed_async_connection().await?))
    }

    /// With any name and any word for it.
    pub(crate) async fn with_password(
        engine: SocketAddr,
        user: &str,
        password: &str,
    ) -> RedisResult<Self> {
        let login = RedisConnectionInfo::default().set_username(user).set_password(password);
        let address = ConnectionAddr::Tcp(engine.ip().to_string(), engine.port());
        let client =
            redis::Client::open(address.into_connection_info()?.set_redis_settings(login))?;
        Ok(Self(client.get_multiplexed_async_connection().await?))
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

/// The engine's code of an error, such as `NOPERM`.
pub(crate) fn code(error: &RedisError) -> &str {
    error.code().unwrap_or("none")
}
