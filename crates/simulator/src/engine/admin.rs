//! What is told to an engine: its users and nothing else.

use std::net::SocketAddr;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisResult, ServerErrorKind,
    cmd,
};

use super::process::AdminPassword;
use crate::elasticache::{ADMIN_USER_NAME, Account, Accounts};

/// The name of the user that a connection has before it logs in.
const DEFAULT_USER_NAME: &str = "default";

/// A connection that may do anything.
#[derive(Debug)]
pub(crate) struct Admin {
    connection: MultiplexedConnection,
    /// What this connection has made of the engine's users; nothing yet on a new connection.
    applied: Option<Accounts>,
}

impl Admin {
    /// Logs in. Fails while the engine is not up, or still reads its data.
    pub(crate) async fn log_in(address: SocketAddr, password: &AdminPassword) -> RedisResult<Self> {
        let url = format!("redis://{ADMIN_USER_NAME}:{}@{address}/", password.expose());
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(Some(Duration::from_secs(10)));
        let client = Client::open(url)?;
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        cmd("PING").query_async::<()>(&mut connection).await?;
        Ok(Self { connection, applied: None })
    }

    /// Makes the engine's users these and no others.
    ///
    /// A removed user loses its connections, as on ElastiCache: that is what `ACL DELUSER` does.
    /// The default user cannot be removed, only changed; whoever came in through it is sent away.
    pub(crate) async fn apply(&mut self, wanted: &Accounts) -> RedisResult<()> {
        let applied = self.applied.take();
        let present = match &applied {
            Some(applied) => applied.keys().cloned().collect(),
            None => self.present().await?,
        };
        for (name, account) in wanted {
            let before = applied.as_ref().and_then(|applied| applied.get(name));
            if before == Some(account) {
                continue;
            }
            self.set(name, account).await?;
            if name == DEFAULT_USER_NAME && before.is_some() {
                self.run(cmd("CLIENT").arg("KILL").arg("USER").arg(name)).await?;
            }
        }
        let gone: Vec<_> = present.iter().filter(|name| !wanted.contains_key(*name)).collect();
        if !gone.is_empty() {
            self.run(cmd("ACL").arg("DELUSER").arg(gone)).await?;
        }
        self.applied = Some(wanted.clone());
        Ok(())
    }

    async fn set(&mut self, name: &str, account: &Account) -> RedisResult<()> {
        match self.run(cmd("ACL").arg("SETUSER").arg(name).arg(account.rules())).await {
            // The engine refuses what it does not understand, whole. The user is then as it was:
            // no reason to keep everybody else waiting.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::ResponseError) => {
                tracing::error!(user = name, %error, "engine refused a user's rules");
                Ok(())
            }
            result => result,
        }
    }

    /// Who is there.
    async fn present(&mut self) -> RedisResult<Vec<String>> {
        let names: Vec<String> = cmd("ACL").arg("USERS").query_async(&mut self.connection).await?;
        Ok(names.into_iter().filter(|name| name != ADMIN_USER_NAME).collect())
    }

    /// Gives a user of this engine these rules beside those it has, behind the back of whoever
    /// set it up.
    pub(crate) async fn meddle(&mut self, name: &str, rules: &[&str]) -> RedisResult<()> {
        self.run(cmd("ACL").arg("SETUSER").arg(name).arg(rules)).await
    }

    /// Sends a command and gives the answer.
    pub(crate) async fn ask<T: FromRedisValue>(&mut self, words: &[&str]) -> RedisResult<T> {
        let (name, arguments) = words.split_first().expect("a command has a name");
        cmd(name).arg(arguments).query_async(&mut self.connection).await
    }

    async fn run(&mut self, command: &Cmd) -> RedisResult<()> {
        command.query_async(&mut self.connection).await
    }
}
