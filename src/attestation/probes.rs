//! Trying the commands, on a connection that is logged in as the tenant.

use redis::{Cmd, ErrorKind, RedisError, RedisResult, Value, aio::MultiplexedConnection, cmd};
use ringfence_acl::{AccessString, Engine};

use super::plan::{Keys, Trial, forbidden, own_use};
use crate::domain::Probe;

/// Runs all probes.
pub(super) async fn run(
    connection: &mut MultiplexedConnection,
    keys: &Keys,
    string: &AccessString,
    engine: Engine,
) -> RedisResult<Vec<Probe>> {
    let mut probes = Vec::new();
    for (trial, may) in own_use(keys, string, engine) {
        // An error that is not about permissions proves neither: it counts as expected.
        let could = send(connection, &trial).await?.passed_permissions().unwrap_or(may);
        probes.push(Probe { command: trial.shown, may, could });
    }
    probes.extend(try_forbidden(connection, forbidden(keys, string, engine)).await?);
    probes.push(reset_locks_out(connection).await?);
    Ok(probes)
}

/// Queues what must be refused, and throws the queue away.
async fn try_forbidden(
    connection: &mut MultiplexedConnection,
    trials: Vec<Trial>,
) -> RedisResult<Vec<Probe>> {
    let opened = Trial { words: vec!["MULTI".to_owned()], shown: "MULTI".to_owned() };
    let could = matches!(send(connection, &opened).await?, Reply::Done);
    let mut probes = vec![Probe { command: opened.shown, may: true, could }];
    if !could {
        // Outside of a transaction these commands would do what they say.
        return Ok(probes);
    }
    for trial in trials {
        let reply = send(connection, &trial).await?;
        // Some commands are never taken in a transaction, whoever sends them; they are not tried
        // outside of one.
        if let Some(could) = reply.passed_permissions() {
            probes.push(Probe { command: trial.shown, may: false, could });
        }
        if matches!(reply, Reply::Done) {
            // Not queued but done: the transaction is not open any more.
            return Ok(probes);
        }
    }
    // Refused commands spoil the transaction; DISCARD is right either way.
    connection.send_packed_command(&cmd("DISCARD")).await?;
    Ok(probes)
}

/// `RESET` cannot be taken away from a user. It leads to the user `default`, which must be off.
async fn reset_locks_out(connection: &mut MultiplexedConnection) -> RedisResult<Probe> {
    connection.send_packed_command(&cmd("RESET")).await?;
    let trial = Trial {
        words: vec!["GET".to_owned(), "0:ringfence-attestation".to_owned()],
        shown: "RESET, then GET {foreign} as the user \"default\"".to_owned(),
    };
    let could = send(connection, &trial).await?.passed_permissions() == Some(true);
    Ok(Probe { command: trial.shown, may: false, could })
}

/// What the engine did with a command.
#[derive(Debug, PartialEq, Eq)]
enum Reply {
    /// It put it into the queue of the transaction.
    Queued,
    /// It did it.
    Done,
    /// It refused it for want of a permission.
    Refused,
    /// It let it pass and named another node of the cluster for it.
    Redirected,
    /// It answered another error, which says nothing about permissions.
    Failed,
}

impl Reply {
    /// Whether the engine found that the user has the right, if that can be told.
    fn passed_permissions(&self) -> Option<bool> {
        match self {
            Self::Queued | Self::Done | Self::Redirected => Some(true),
            Self::Refused => Some(false),
            Self::Failed => None,
        }
    }
}

async fn send(connection: &mut MultiplexedConnection, trial: &Trial) -> RedisResult<Reply> {
    match connection.send_packed_command(&command(&trial.words)).await {
        Ok(Value::ServerError(error)) => Ok(failure(error.code())),
        Ok(Value::SimpleString(text)) if text == "QUEUED" => Ok(Reply::Queued),
        Ok(_) => Ok(Reply::Done),
        Err(error) => match error.kind() {
            ErrorKind::Io | ErrorKind::Parse => Err(error),
            _ => Ok(failure(code(&error))),
        },
    }
}

fn command(words: &[String]) -> Cmd {
    let mut command = Cmd::new();
    for word in words {
        command.arg(word);
    }
    command
}

fn code(error: &RedisError) -> &str {
    error.code().unwrap_or_default()
}

fn failure(code: &str) -> Reply {
    match code {
        "NOPERM" | "NOAUTH" => Reply::Refused,
        "MOVED" | "ASK" | "CROSSSLOT" => Reply::Redirected,
        _ => Reply::Failed,
    }
}
