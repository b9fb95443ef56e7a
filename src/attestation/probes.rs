//! Trying the commands, on a connection that is logged in as the tenant.

use redis::{Cmd, ErrorKind, RedisError, RedisResult, Value, aio::MultiplexedConnection, cmd};

use super::{
    nodes::Introduction,
    plan::{Fence, Keys, Trial},
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

/// What was tried on one node. It grows as the trials go on, so that what was found is not lost with
/// what comes after it.
#[derive(Debug, Default)]
pub(super) struct Tried {
    /// What the node said of itself.
    pub(super) node: Option<Introduction>,
    pub(super) probes: Vec<Probe>,
    /// What the node does not take in a transaction, so that it could not be tried.
    pub(super) left_out: Vec<String>,
    /// Whether the node did everything that it let the tenant do with its own keys. A replica lets
    /// it pass and does not write, and so does a node that does not own the key's slot.
    pub(super) did_all: bool,
    /// The first answer that said nothing about permissions.
    pub(super) undecided: Option<String>,
}

impl Tried {
    fn record(&mut self, trial: Trial, may: bool, reply: &Reply) {
        match reply.decided(&trial) {
            Ok(could) => self.probes.push(Probe::new(trial.shown, may, could)),
            Err(why) => self.undecided(why),
        }
    }

    fn undecided(&mut self, why: String) {
        self.undecided.get_or_insert(why);
    }
}

/// Runs all probes. An answer that decides nothing does not end them: a leak that comes after it
/// weighs more.
pub(super) async fn run(
    connection: &mut MultiplexedConnection,
    fence: &Fence<'_>,
    tried: &mut Tried,
) -> RedisResult<()> {
    use_own(connection, fence, tried).await?;
    try_forbidden(connection, fence.forbidden(), tried).await?;
    match scripts::keep_to_own_keys(connection, fence).await {
        Ok(probe) => tried.probes.extend(probe),
        Err(Undecided::Answer(why)) => tried.undecided(why),
        Err(Undecided::Connection(error)) => return Err(error),
    }
    reset_locks_out(connection, fence.keys, tried).await
}

async fn use_own(
    connection: &mut MultiplexedConnection,
    fence: &Fence<'_>,
    tried: &mut Tried,
) -> RedisResult<()> {
    let mut did_all = true;
    for (trial, may) in fence.own_use() {
        let reply = send(connection, &trial).await?;
        did_all &= reply != Reply::PassedOn;
        tried.record(trial, may, &reply);
    }
    tried.did_all = did_all;
    Ok(())
}

/// Queues what must be refused, and throws the queue away.
async fn try_forbidden(
    connection: &mut MultiplexedConnection,
    trials: Vec<Trial>,
    tried: &mut Tried,
) -> RedisResult<()> {
    let multi = Trial { words: vec!["MULTI".to_owned()], shown: "MULTI".to_owned() };
    let reply = send(connection, &multi).await?;
    tried.record(multi, true, &reply);
    if reply != Reply::Done {
        // Outside of a transaction these commands would do what they say.
        tried.left_out.extend(trials.into_iter().map(|trial| trial.shown));
        return Ok(());
    }
    let mut trials = trials.into_iter();
    for trial in trials.by_ref() {
        let reply = send(connection, &trial).await?;
        if reply == Reply::NotTaken && !trial.is_on_others() {
            // Some commands are never taken in a transaction, or are not there on ElastiCache,
            // whoever sends them; they are not tried outside of one.
            tried.left_out.push(trial.shown);
            continue;
        }
        tried.record(trial, false, &reply);
        if reply == Reply::Done {
            // Not queued but done: the transaction is not open any more.
            tried.left_out.extend(trials.map(|trial| trial.shown));
            return Ok(());
        }
    }
    // Refused commands spoil the transaction; DISCARD is right either way.
    connection.send_packed_command(&cmd("DISCARD")).await?;
    Ok(())
}

/// `RESET` cannot be taken away from a user. It leads to the user `default`, which must be off.
async fn reset_locks_out(
    connection: &mut MultiplexedConnection,
    keys: &Keys,
    tried: &mut Tried,
) -> RedisResult<()> {
    connection.send_packed_command(&cmd("RESET")).await?;
    let trial = Trial {
        words: vec!["GET".to_owned(), keys.canary().to_owned()],
        shown: "RESET, then GET {foreign} as the user \"default\"".to_owned(),
    };
    let reply = send(connection, &trial).await?;
    tried.record(trial, false, &reply);
    Ok(())
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
    /// It found the right to be there and did not do it: it named another node, takes no writes
    /// itself, or is full. Engines look at permissions before they look at any of these.
    PassedOn,
    /// It does not take the command here: unknown, or not in a transaction.
    NotTaken,
    /// It is in a state in which it answers this to anybody, such as `LOADING`.
    Failed(String),
}

impl Reply {
    /// Whether the engine found that the user has the right. An answer that says nothing of rights
    /// decides nothing, and an attestation must not be made of such.
    fn decided(&self, trial: &Trial) -> Result<bool, String> {
        match self {
            Self::Queued | Self::Done | Self::PassedOn => Ok(true),
            Self::Refused => Ok(false),
            Self::NotTaken => Err(format!("{} is not taken", trial.shown)),
            Self::Failed(code) => Err(format!("{} is answered with {code}", trial.shown)),
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
        "MOVED" | "ASK" | "CROSSSLOT" | "TRYAGAIN" | "READONLY" | "OOM" => Reply::PassedOn,
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
        for code in ["MOVED", "ASK", "CROSSSLOT", "TRYAGAIN", "READONLY", "OOM"] {
            assert_eq!(decided(code), Some(true), "{code}");
        }
        for code in ["ERR", "LOADING", "BUSY", "CLUSTERDOWN", "MASTERDOWN", ""] {
            assert_eq!(decided(code), None, "{code}");
        }
    }
}
