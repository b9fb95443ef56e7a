//! A tenant's connection that goes on while its password is replaced. To be copied.
//!
//! redis-rs has a `ConnectionManager`, which connects anew by itself; but it does so with the
//! password that it was made with, and a refused login is the end of it.

use std::{iter, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult,
    aio::MultiplexedConnection,
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};

use super::secret::{Login, Secret, SecretError};

/// A tenant's connection. Commands may be run side by side.
pub(crate) struct Tenant {
    patience: Duration,
    state: Mutex<State>,
}

/// What may be done with a command when its connection is lost, so that nobody knows whether it was
/// done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sending {
    /// Send it again: done twice it has the same result (`SET`, `GET`, `DEL`, `EXPIRE` …).
    UntilDone,
    /// Tell the caller, who alone can find out (`INCR`, `LPUSH` …).
    Once,
}

/// How the connection has come to be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logins {
    /// The version of the secret that the last login used.
    pub(crate) version: String,
    /// How many were tried.
    pub(crate) count: u64,
}

/// Why a command was not done, or why nobody knows.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TenantError {
    /// There is no login.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The engine has refused, or was out of reach.
    #[error(transparent)]
    Engine(#[from] RedisError),
}

struct State {
    secret: Secret,
    connection: Option<MultiplexedConnection>,
    logins: Logins,
}

/// A connection, and which login it comes from.
struct Open {
    connection: MultiplexedConnection,
    login: u64,
}

impl Tenant {
    /// A tenant whose commands are tried for so long.
    pub(crate) fn new(secret: Secret, patience: Duration) -> Self {
        let state = State { secret, connection: None, logins: Logins::default() };
        Self { patience, state: Mutex::new(state) }
    }

    /// Runs a command. Refused logins and lost connections are waited out.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        command: &Cmd,
        sending: Sending,
    ) -> Result<T, TenantError> {
        let give_up_at = Instant::now() + self.patience;
        let mut pauses = pauses();
        loop {
            let error = match self.try_to(command, sending).await {
                Ok(answer) => return Ok(answer),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(error)) => error,
            };
            let pause = pauses.next().unwrap_or(self.patience);
            if Instant::now() + pause > give_up_at {
                return Err(error.into());
            }
            sleep(pause).await;
        }
    }

    /// How the connection has come to be.
    pub(crate) async fn logins(&self) -> Logins {
        self.state.lock().await.logins.clone()
    }

    async fn try_to<T: FromRedisValue>(
        &self,
        command: &Cmd,
        sending: Sending,
    ) -> Result<T, Failure> {
        // What fails before the command is sent can be tried again, whatever the command.
        let mut open = self.state.lock().await.open().await?;
        let error = match command.query_async(&mut open.connection).await {
            Err(error) if is_lost(&error) => error,
            answer => return answer.map_err(|error| Failure::Final(error.into())),
        };
        self.hang_up(open).await;
        match sending {
            Sending::UntilDone => Err(Failure::Passing(error)),
            Sending::Once => Err(Failure::Final(error.into())),
        }
    }

    /// Forgets a lost connection, unless another command has connected anew already.
    async fn hang_up(&self, lost: Open) {
        let mut state = self.state.lock().await;
        if state.logins.count == lost.login {
            state.connection = None;
        }
    }
}

impl State {
    /// The connection that has logged in with the newest password.
    ///
    /// One that has logged in with an older one would go on working. Without it, it can be seen from
    /// outside that the old password is not used any more. Nothing is risked: `AWSCURRENT` moves after
    /// a login with it has succeeded. Commands that are on their way end there.
    async fn open(&mut self) -> Result<Open, Failure> {
        let login = self.secret.login().await.map_err(|error| Failure::Final(error.into()))?;
        if self.logins.version != login.version {
            self.connection = None;
        }
        let connection = if let Some(connection) = &self.connection {
            connection.clone()
        } else {
            let connection = self.log_in(login).await?;
            self.connection.insert(connection).clone()
        };
        Ok(Open { connection, login: self.logins.count })
    }

    async fn log_in(&mut self, login: Login) -> RedisResult<MultiplexedConnection> {
        self.logins.version = login.version;
        self.logins.count += 1;
        let limits = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(5)))
            .set_response_timeout(Some(Duration::from_secs(5)));
        let client = Client::open(login.info)?;
        let connected = client.get_multiplexed_async_connection_with_config(&limits).await;
        connected.inspect_err(|error| {
            if error.kind() == ErrorKind::AuthenticationFailed {
                self.secret.refused();
            }
        })
    }
}

/// What became of one try.
enum Failure {
    /// Time may cure it.
    Passing(RedisError),
    Final(TenantError),
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        if is_lost(&error) { Self::Passing(error) } else { Self::Final(error.into()) }
    }
}

/// Whether the connection is of no use any more, or was never made. A refused login is of this kind.
fn is_lost(error: &RedisError) -> bool {
    error.is_io_error() || error.is_unrecoverable_error()
}

/// How long to wait before each further try: not at all, because a secret that is read anew mostly
/// helps, then up to 0.1, 0.2, 0.4 … 5 seconds, by chance, so that not all clients come at once.
fn pauses() -> impl Iterator<Item = Duration> {
    let limits = iter::successors(Some(0.1_f64), |limit| Some((2.0 * limit).min(5.0)));
    let waits = limits.map(|limit| Duration::from_secs_f64(limit * fastrand::f64()));
    iter::once(Duration::ZERO).chain(waits)
}
