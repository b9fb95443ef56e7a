//! The kinds of leak there are, as experiments on real servers showed them.

use super::super::Severity;
use super::super::commands::callable;
use super::super::growth::BEGINNING;
use crate::engine::Engine;
use crate::table::Command;

/// Commands of one kind, and what they do to a cache that is shared.
pub(super) struct Leak {
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    pub(super) commands: Commands,
    pub(super) explanation: &'static str,
}

pub(super) const LEAKS: [Leak; 18] = [
    Leak {
        code: "reveals-key-names",
        severity: Severity::Error,
        commands: Commands::Named(&[
            "scan",
            "keys",
            "randomkey",
            "clusterscan",
            "cluster|getkeysinslot",
        ]),
        explanation: "shows the names of everybody's keys: the answer is not filtered by key patterns",
    },
    Leak {
        code: "streams-key-names",
        severity: Severity::Error,
        commands: Commands::Named(&["client|tracking"]),
        explanation: "`CLIENT TRACKING ON BCAST` sends the name of each key that anybody writes, and \
                      with `REDIRECT` into other users' connections",
    },
    Leak {
        code: "reveals-counts",
        severity: Severity::Error,
        commands: Commands::Named(&[
            "dbsize",
            "cluster|countkeysinslot",
            "cluster|slot-stats",
            "info",
            "memory|stats",
            "memory|doctor",
            "memory|malloc-stats",
        ]),
        explanation: "tells sizes and counts of the whole server",
    },
    Leak {
        code: "destroys-keys",
        severity: Severity::Error,
        commands: Commands::Named(&[
            "flushall",
            "flushdb",
            "swapdb",
            "cluster|flushslot",
            "cluster|flushslots",
        ]),
        explanation: "removes or exchanges everybody's keys",
    },
    Leak {
        code: "manages-functions",
        severity: Severity::Error,
        commands: Commands::Named(&[
            "function|load",
            "function|delete",
            "function|flush",
            "function|restore",
            "function|kill",
            "function|list",
            "function|dump",
            "function|stats",
        ]),
        explanation: "functions belong to the whole server: a replaced one runs with the rights of \
                      whoever calls it, a removed one is missing for all, and loading one runs its code",
    },
    Leak {
        code: "manages-scripts",
        severity: Severity::Error,
        commands: Commands::Named(&["script|flush", "script|kill", "script|debug", "script|show"]),
        explanation: "scripts are kept for the whole server: others lose theirs, or have them ended \
                      or read",
    },
    Leak {
        code: "shows-or-harms-clients",
        severity: Severity::Error,
        commands: Commands::Named(&[
            "client|list",
            "client|kill",
            "client|pause",
            "client|unpause",
            "client|unblock",
            "client|no-evict",
            "memory|purge",
        ]),
        explanation: "shows, ends or holds up other users' connections",
    },
    Leak {
        code: "reveals-channels",
        severity: Severity::Error,
        commands: Commands::Named(&[
            "pubsub|channels",
            "pubsub|numsub",
            "pubsub|numpat",
            "pubsub|shardchannels",
            "pubsub|shardnumsub",
        ]),
        explanation: "lists the channels of everybody",
    },
    Leak {
        code: "leaves-the-database",
        severity: Severity::Warning,
        commands: Commands::Named(&["copy", "move", "select"]),
        explanation: "reaches other databases, where keys escape what looks at database 0 only",
    },
    Leak {
        code: "runs-scripts",
        severity: Severity::Error,
        commands: Commands::NamedWhere(|engine| !engine.keeps_scripts_apart(), SCRIPTS),
        explanation: "a script can change the methods of strings, which the scripts of others then \
                      call with their own rights",
    },
    Leak {
        code: "runs-scripts",
        severity: Severity::Warning,
        commands: Commands::NamedWhere(Engine::keeps_scripts_apart, SCRIPTS),
        explanation: "a script that does not end blocks every user, and each bug of the interpreter \
                      is within reach; scripts need a server that is not shared",
    },
    Leak {
        code: "runs-scripts",
        severity: Severity::Note,
        commands: Commands::Named(&["script|exists"]),
        explanation: "tells whether anybody loaded a script",
    },
    Leak {
        code: "takes-much",
        severity: Severity::Note,
        commands: Commands::Named(&[
            "setrange",
            "setbit",
            "bitop",
            "bitcount",
            "lcs",
            "srandmember",
            "lolwut",
        ]),
        explanation: "one small call can take seconds or hundreds of megabytes; no rule limits that",
    },
    Leak {
        code: "raw-values",
        severity: Severity::Warning,
        commands: Commands::Named(&["restore"]),
        explanation: "takes values in the server's own format, which are only checked in part",
    },
    Leak {
        code: "bypasses-key-check",
        severity: Severity::Error,
        commands: Commands::That(misses_keys),
        explanation: "with `STORE` twice the engine checks one key and writes to or removes \
                      another, any there is",
    },
    Leak {
        code: "bypasses-key-check",
        severity: Severity::Error,
        commands: Commands::That(sorts_without_checks),
        explanation: "`BY` and `GET` read keys that nobody checks",
    },
    Leak {
        code: "blocks",
        severity: Severity::Note,
        commands: Commands::That(|command| command.has_flag("blocking")),
        explanation: "waits for others to write: the connection is held, and before Redis 7.2 a \
                      user whose rights are taken away meanwhile still gets the value",
    },
    Leak {
        code: "administers-server",
        severity: Severity::Error,
        commands: Commands::Administrative,
        explanation: "administers the server as a whole",
    },
];

/// What runs scripts, or brings some that others may run.
const SCRIPTS: &[&str] =
    &["eval", "evalsha", "eval_ro", "evalsha_ro", "fcall", "fcall_ro", "script|load"];

/// Which commands a kind of leak is about.
pub(super) enum Commands {
    /// These.
    Named(&'static [&'static str]),
    /// These, on such engines.
    NamedWhere(fn(Engine) -> bool, &'static [&'static str]),
    /// Those that the engine's table shows to be concerned.
    That(fn(&Command) -> bool),
    /// The administrative and dangerous ones that are not named elsewhere.
    Administrative,
}

impl Commands {
    /// Their names for an engine, which may lack some of them.
    pub(super) fn names(&self, engine: Engine) -> Vec<&'static str> {
        let that = |engine: Engine, is_concerned: fn(&Command) -> bool| {
            let commands = callable(engine).filter(|command| is_concerned(command));
            commands.map(Command::name).collect()
        };
        match self {
            Self::Named(names) => names.to_vec(),
            Self::NamedWhere(is_such, names) if is_such(engine) => names.to_vec(),
            Self::NamedWhere(..) => Vec::new(),
            Self::That(is_concerned) => that(engine, *is_concerned),
            // 6.2 speaks of `client` as a whole; 7.0 says which subcommands are administrative.
            Self::Administrative if !engine.has_acl_v2() => that(BEGINNING, administers),
            Self::Administrative => that(engine, administers),
        }
    }
}

/// Whether the engine has the bug of looking at the first `STORE` while the command obeys the last;
/// the mended engines declare the keys as variable, 6.2 as unknown.
fn misses_keys(command: &Command) -> bool {
    matches!(command.name(), "georadius" | "georadiusbymember")
        && command.key_specs().len() > 1
        && !command.key_specs().iter().any(|spec| spec.has_flag("variable_flags"))
}

/// Whether this is the `SORT` of 6.2: later ones ask for the right to every key.
fn sorts_without_checks(command: &Command) -> bool {
    command.name() == "sort" && command.key_specs().len() == 1
}

/// Administrative and dangerous commands without a finding of their own. `SORT` and its like are
/// dangerous to the engine for their cost alone.
fn administers(command: &Command) -> bool {
    let is_in = |name| command.categories().contains(&name);
    let is_named = LEAKS.iter().any(|leak| match leak.commands {
        Commands::Named(names) | Commands::NamedWhere(_, names) => names.contains(&command.name()),
        Commands::That(_) | Commands::Administrative => false,
    });
    (is_in("admin") || is_in("dangerous"))
        && !is_named
        && !matches!(command.name(), "sort" | "sort_ro" | "role" | "lastsave")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LINT_CODES;

    #[test]
    fn every_leak_has_a_code() {
        assert!(LEAKS.iter().all(|leak| LINT_CODES.contains(&leak.code)));
    }
}
