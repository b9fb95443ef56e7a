//! Trying the commands, on a connection that is logged in as the tenant.

use redis::{Cmd, ErrorKind, RedisError, RedisResult, Value, aio::MultiplexedConnection, cmd};
use ringfence_acl::{AccessString, Engine};

use super::{
    plan::{Keys, Trial, forbidden, own_use},
    scripts,
};
use crate::domain::Probe;

/// Why there is no finding.
#[derive(Debug)]
pub(super) enum Undecided {
    /// The login failed, or the connection broke off.
    Connection(RedisError),
    /// The engine answered something that says nothing about permissions.
    Answer(String),
}

impl Undecided {
    /// The reason in words. The client's own text may quote what it sent; the kind of its error does
    /// not.
    pub(super) fn why(&self) -> String {
        match self {
            Self::Answer(why) => why.clone(),
            Self::Connection(error) => match error.code() {
                Some(code) => format!("the engine answered {code}"),
                None if error.is_timeout() => "the engine did not answer in time".to_owned(),
                None if error.is_connection_refusal() => {
                    "the engine refused the connection".to_owned()
                }
                None => format!("the connection failed ({})", error.category()),
            },
        }
    }
}

impl From<RedisError> for Undecided {
    fn from(error: RedisError) -> Self {
        Self::Connection(error)
    }
}

/// What was tried on one node.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) probes: Vec<Probe>,
    /// Whether the node did everything that it let the tenant do with its own keys. A replica lets
    /// it pass and does not write, and so does a node that does not own the key's slot.
    pub(super) did_all: bool,
}

/// Runs all probes.
pub(super) async fn run(
    connection: &mut MultiplexedConnection,
    keys: &Keys,
    string: &AccessString,
    engine: Engine,
) -> Result<Tried, Undecided> {
    let mut tried = Tried { probes: Vec::new(), did_all: true };
    for (trial, may) in own_use(keys, string, engine) {
        let reply = send(connection, &trial).await?;
        let could = reply.decided(&trial)?;
        tried.did_all &= reply != Reply::PassedOn;
        tried.probes.push(Probe::new(trial.shown, may, could));
    }
    tried.probes.extend(try_forbidden(connection, forbidden(keys, string, engine)).await?);
    tried.probes.extend(scripts::keep_to_own_keys(connection, keys, string, engine).await?);
    tried.probes.push(reset_locks_out(connection, keys).await?);
    Ok(tried)
}

/// Queues what must be refused, and throws the queue away.
async fn try_forbidden(
    connection: &mut MultiplexedConnection,
    trials: Vec<Trial>,
) -> Result<Vec<Probe>, Undecided> {
    let opened = Trial { words: vec!["MULTI".to_owned()], shown: "MULTI".to_owned() };
    let could = matches!(send(connection, &opened).await?, Reply::Done);
    let mut probes = vec![Probe::new(opened.shown, true, could)];
    if !could {
        // Outside of a transaction these commands would do what they say.
        return Ok(probes);
    }
    for trial in trials {
        let reply = send(connection, &trial).await?;
        if reply == Reply::NotTaken && !trial.is_on_others() {
            // Some commands are never taken in a transaction, or are not there on ElastiCache,
            // whoever sends them; they are not tried outside of one.
            continue;
        }
        let could = reply.decided(&trial)?;
        probes.push(Probe::new(trial.shown, false, could));
        if reply == Reply::Done {
            // Not queued but done: the transaction is not open any more.
            return Ok(probes);
        }
    }
    // Refused commands spoil the transaction; DISCARD is right either way.
    connection.send_packed_command(&cmd("DISCARD")).await?;
    Ok(probes)
}

/// `RESET` cannot be taken away from a user. It leads to the user `default`, which must be off.
async fn reset_locks_out(
    connection: &mut MultiplexedConnection,
    keys: &Keys,
) -> Result<Probe, Undecided> {
    connection.send_packed_command(&cmd("RESET")).await?;
    let trial = Trial {
        words: vec!["GET".to_owned(), keys.canary().to_owned()],
        shown: "RESET, then GET {foreign} as the user \"default\"".to_owned(),
    };
    let could = send(connection, &trial).await?.decided(&trial)?;
    Ok(Probe::new(trial.shown, false, could))
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
    /// It found the right to be there and did not do it: it named another node, or takes no writes
    /// itself. Engines look at permissions before they look at either.
    PassedOn,
    /// It does not take the command here: unknown, or not in a transaction.
    NotTaken,
    /// It is in a state in which it answers this to anybody, such as `LOADING`.
    Failed(String),
}

impl Reply {
    /// Whether the engine found that the user has the right. An answer that says nothing of rights
    /// decides nothing, and an attestation must not be made of such.
    fn decided(&self, trial: &Trial) -> Result<bool, Undecided> {
        match self {
            Self::Queued | Self::Done | Self::PassedOn => Ok(true),
            Self::Refused => Ok(false),
            Self::NotTaken => Err(Undecided::Answer(format!("{} is not taken", trial.shown))),
            Self::Failed(code) => {
                Err(Undecided::Answer(format!("{} is answered with {code}", trial.shown)))
            }
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
        "MOVED" | "ASK" | "CROSSSLOT" | "TRYAGAIN" | "READONLY" => Reply::PassedOn,
        "ERR" => Reply::NotTaken,
        code => Reply::Failed(code.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(code: &str) -> Option<bool> {
        let trial = Trial { words: vec![], shown: "GET {foreign}".to_owned() };
        failure(code).decided(&trial).ok()
    }

    #[test]
    fn only_an_answer_about_permissions_decides_anything() {
        assert_eq!(decided("NOPERM"), Some(false));
        assert_eq!(decided("NOAUTH"), Some(false));
        for code in ["MOVED", "ASK", "CROSSSLOT", "TRYAGAIN", "READONLY"] {
            assert_eq!(decided(code), Some(true), "{code}");
        }
        for code in ["ERR", "LOADING", "BUSY", "OOM", "CLUSTERDOWN", "MASTERDOWN", ""] {
            assert_eq!(decided(code), None, "{code}");
        }
    }
}
