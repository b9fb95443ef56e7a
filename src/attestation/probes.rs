//! What is tried, and what must come of it.

use redis::{Cmd, ErrorKind, RedisError, RedisResult, Value, aio::MultiplexedConnection, cmd};

use super::Verdict;
use crate::domain::KeyPattern;

/// Long enough for the probes, short enough to leave nothing behind if the connection breaks.
const PROBE_KEY_SECONDS: u32 = 60;

/// A name that no tenant's prefix begins: tenants' names start with a letter.
const FOREIGN: &str = "0:ringfence-attestation";

/// Runs all probes on a connection that is logged in as the tenant.
pub(super) async fn run(
    connection: &mut MultiplexedConnection,
    pattern: &KeyPattern,
    nonce: &str,
) -> RedisResult<Verdict> {
    let refused = own_keys(connection, pattern, nonce).await?;
    let mut allowed = forbidden(connection).await?;
    if !reset_locks_out(connection).await? {
        allowed.push("RESET, then GET as the user \"default\"".to_owned());
    }
    Ok(if !allowed.is_empty() {
        Verdict::Leaky { allowed }
    } else if !refused.is_empty() {
        Verdict::TooTight { refused }
    } else {
        Verdict::Isolated
    })
}

/// Writes, reads and removes a key of the tenant's own; answers what was refused.
async fn own_keys(
    connection: &mut MultiplexedConnection,
    pattern: &KeyPattern,
    nonce: &str,
) -> RedisResult<Vec<String>> {
    let key = format!("{}ringfence-attestation:{nonce}", pattern.prefix());
    let probes = [
        ("PING", cmd("PING")),
        ("SET", args("SET", &[&key, nonce, "EX", &PROBE_KEY_SECONDS.to_string()])),
        ("GET", args("GET", &[&key])),
        ("DEL", args("DEL", &[&key])),
        ("PUBLISH", args("PUBLISH", &[&key, nonce])),
    ];
    let mut refused = Vec::new();
    for (name, command) in probes {
        if !is_allowed(connection, &command).await? {
            refused.push(name.to_owned());
        }
    }
    Ok(refused)
}

/// Queues what must be refused; answers what was not.
async fn forbidden(connection: &mut MultiplexedConnection) -> RedisResult<Vec<String>> {
    connection.send_packed_command(&cmd("MULTI")).await?;
    let mut allowed = Vec::new();
    for words in FORBIDDEN {
        let command = args(words[0], &words[1..]);
        if is_allowed(connection, &command).await? {
            allowed.push(words.join(" "));
        }
    }
    // Refused commands spoil the transaction; DISCARD is right either way.
    connection.send_packed_command(&cmd("DISCARD")).await?;
    Ok(allowed)
}

/// Other tenants' keys and channels; what shows or harms them without naming a key; what goes
/// round the key check; what acts on the whole server.
const FORBIDDEN: &[&[&str]] = &[
    &["GET", FOREIGN],
    &["SET", FOREIGN, "x"],
    &["DEL", FOREIGN],
    &["EXISTS", FOREIGN],
    &["PUBLISH", FOREIGN, "x"],
    &["SCAN", "0"],
    &["KEYS", "*"],
    &["RANDOMKEY"],
    &["DBSIZE"],
    &["FLUSHDB"],
    &["FLUSHALL"],
    &["SELECT", "1"],
    &["SWAPDB", "0", "1"],
    &["GEORADIUS", FOREIGN, "0", "0", "1", "km", "STORE", FOREIGN, "STORE", FOREIGN],
    &["EVAL", "return 1", "0"],
    &["SCRIPT", "FLUSH"],
    &["FUNCTION", "FLUSH"],
    &["CLIENT", "TRACKING", "ON", "BCAST"],
    &["CLIENT", "LIST"],
    &["PUBSUB", "CHANNELS"],
    &["ACL", "LIST"],
    &["CONFIG", "GET", "*"],
    &["INFO"],
    &["MONITOR"],
];

/// `RESET` cannot be taken away from a user. It leads to the user `default`, which must be off.
async fn reset_locks_out(connection: &mut MultiplexedConnection) -> RedisResult<bool> {
    connection.send_packed_command(&cmd("RESET")).await?;
    Ok(!is_allowed(connection, &args("GET", &[FOREIGN])).await?)
}

fn args(name: &str, words: &[&str]) -> Cmd {
    let mut command = cmd(name);
    for word in words {
        command.arg(*word);
    }
    command
}

/// Whether the engine let the command pass. A command that it does not know harms nobody.
async fn is_allowed(connection: &mut MultiplexedConnection, command: &Cmd) -> RedisResult<bool> {
    match connection.send_packed_command(command).await {
        Ok(Value::ServerError(error)) => Ok(!means_refused(error.code(), error.details())),
        Ok(_) => Ok(true),
        Err(error) => match error.kind() {
            ErrorKind::Io | ErrorKind::Parse => Err(error),
            _ => Ok(!means_refused(code(&error), error.detail())),
        },
    }
}

fn code(error: &RedisError) -> &str {
    error.code().unwrap_or_default()
}

fn means_refused(code: &str, detail: Option<&str>) -> bool {
    let unknown =
        |text: &str| text.contains("unknown command") || text.contains("unknown subcommand");
    matches!(code, "NOPERM" | "NOAUTH") || detail.is_some_and(unknown)
}
