use std::net::SocketAddr;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, RedisResult, cmd};

use super::process::AdminPassword;
use crate::elasticache::{ADMIN_USER_NAME, Accounts};

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
        let known = match self.applied.take() {
            Some(applied) => applied,
            None => self.found().await?,
        };
        for (name, rules) in wanted.iter().filter(|(name, rules)| known.get(*name) != Some(rules)) {
            match self.run(cmd("ACL").arg("SETUSER").arg(name).arg(rules)).await {
                Ok(()) => {}
                // The engine refuses what it does not understand, whole. The user is then as it
                // was: no reason to keep everybody else waiting.
                Err(error)
                    if error.kind()
                        == redis::ErrorKind::Server(redis::ServerErrorKind::ResponseError) =>
                {
                    tracing::error!(user = name, %error, "engine refused a user's rules");
                }
                Err(error) => return Err(error),
            }
            let had_other_rules = known.get(name).is_some_and(|rules| !rules.is_empty());
            if name == DEFAULT_USER_NAME && had_other_rules {
                self.run(cmd("CLIENT").arg("KILL").arg("USER").arg(name)).await?;
            }
        }
        let gone: Vec<_> = known.keys().filter(|name| !wanted.contains_key(*name)).collect();
        if !gone.is_empty() {
            self.run(cmd("ACL").arg("DELUSER").arg(gone)).await?;
        }
        self.applied = Some(wanted.clone());
        Ok(())
    }

    /// Who is there, with rules that are not known: everybody is to be set anew.
    async fn found(&mut self) -> RedisResult<Accounts> {
        let names: Vec<String> = cmd("ACL").arg("USERS").query_async(&mut self.connection).await?;
        let others = names.into_iter().filter(|name| name != ADMIN_USER_NAME);
        Ok(others.map(|name| (name, Vec::new())).collect())
    }

    async fn run(&mut self, command: &Cmd) -> RedisResult<()> {
        command.query_async(&mut self.connection).await
    }
}
