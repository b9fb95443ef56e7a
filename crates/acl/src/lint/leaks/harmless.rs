//! Commands that name no key and were looked at one by one: key patterns do not bound them, and they
//! show and harm nothing of others. What a new table brings is in none of these groups, and fails
//! the test below until somebody has looked at it.

use std::collections::BTreeSet;

use super::super::commands::callable;
use super::table::LEAKS;
use crate::engine::Engine;
use crate::table::Command;

/// They speak of the connection that sends them, and change only that.
const OWN_CONNECTION: &[&str] = &[
    "acl|whoami",
    "client|caching",
    "client|capa",
    "client|getname",
    "client|getredir",
    "client|id",
    // Counts only while an administrator has switched on `import-mode`.
    "client|import-source",
    "client|info",
    "client|no-touch",
    "client|reply",
    "client|setinfo",
    "client|setname",
    "client|trackinginfo",
    "echo",
    "ping",
    // Waits for replicas; newer engines call it blocking.
    "wait",
];

/// They need no right, so that no string is to blame.
const NEED_NO_RIGHT: &[&str] = &["auth", "hello", "quit", "reset"];

/// What is queued is checked command by command.
const TRANSACTIONS: &[&str] = &["discard", "exec", "multi", "unwatch"];

/// Patterns of channels bound them, which have findings of their own.
const CHANNELS: &[&str] = &[
    "psubscribe",
    "publish",
    "punsubscribe",
    "spublish",
    "ssubscribe",
    "subscribe",
    "sunsubscribe",
    "unsubscribe",
];

/// They tell where slots are and how nodes do, which each client of a cluster has to know; nothing
/// of what is in a slot.
const NODES: &[&str] = &[
    "asking",
    "cluster|info",
    "cluster|keyslot",
    "cluster|links",
    "cluster|myid",
    "cluster|myshardid",
    "cluster|nodes",
    "cluster|shards",
    "cluster|slots",
    "readonly",
    "readwrite",
    "role",
];

/// They tell what is the same for everybody: the commands, categories, a time, a random number.
const THE_SAME_FOR_ALL: &[&str] = &[
    "acl|cat",
    "acl|genpass",
    "command",
    "command|count",
    "command|docs",
    "command|getkeys",
    "command|getkeysandflags",
    "command|info",
    "command|list",
    "lastsave",
    "time",
];

const HARMLESS: [&[&str]; 6] =
    [OWN_CONNECTION, NEED_NO_RIGHT, TRANSACTIONS, CHANNELS, NODES, THE_SAME_FOR_ALL];

/// Whether it is in a group. Each `HELP` is a text that is the same for everybody.
fn is_harmless(name: &str) -> bool {
    name.ends_with("|help") || HARMLESS.iter().any(|group| group.contains(&name))
}

/// What some kind of leak names. 6.2 knows no subcommands, so that there the leak of one counts for
/// the command that it belongs to.
fn leaks(engine: Engine) -> BTreeSet<&'static str> {
    let names = LEAKS.iter().flat_map(|leak| leak.commands.names(engine));
    let known = |name: &'static str| match name.split_once('|') {
        Some((first_word, _)) if !engine.has_acl_v2() => first_word,
        _ => name,
    };
    names.map(known).collect()
}

/// The keyless commands of an engine.
fn keyless(engine: Engine) -> impl Iterator<Item = &'static str> {
    callable(engine).filter(|command| command.is_keyless()).map(Command::name)
}

#[test]
fn every_keyless_command_is_a_leak_or_was_found_harmless() {
    for engine in Engine::all() {
        let leaks = leaks(engine);
        let is_unjudged = |name: &&str| !leaks.contains(name) && !is_harmless(name);
        let unjudged: Vec<&str> = keyless(engine).filter(is_unjudged).collect();
        assert_eq!(unjudged, [""; 0], "{engine}: put them among the leaks or among the harmless");
    }
}

#[test]
fn what_is_called_harmless_is_there_and_no_leak_by_name() {
    let all: BTreeSet<&str> = Engine::all().flat_map(keyless).collect();
    let leaks: BTreeSet<&str> = Engine::all().flat_map(leaks).collect();
    for name in HARMLESS.iter().copied().flatten() {
        assert!(all.contains(name), "{name} is no keyless command of any engine");
        // WAIT became blocking, which only holds up who waits.
        assert_eq!(leaks.contains(name), *name == "wait", "{name}");
    }
}
