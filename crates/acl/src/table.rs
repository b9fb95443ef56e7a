//! The commands of each engine version, as the servers describe themselves.
//!
//! The files in `tables/` are written by the example `command_tables` from `COMMAND` and `ACL CAT`
//! of real servers; a test writes them again from the servers at hand and compares.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::engine::{Engine, EngineKind, EngineVersion};

mod key_spec;

pub use key_spec::{KeySpec, SpecBegin, SpecFind};

/// One command or subcommand, as its server describes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    name: &'static str,
    arity: i16,
    flags: Vec<&'static str>,
    categories: Vec<&'static str>,
    key_specs: Vec<KeySpec>,
}

impl Command {
    /// The name in lower case: `get`, `client|setinfo`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The number of words of a call, the name included; negative when it is the least number.
    #[must_use]
    pub fn arity(&self) -> i16 {
        self.arity
    }

    /// Whether the server gives the command this flag, for example `blocking`.
    #[must_use]
    pub fn has_flag(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    /// The ACL categories, without `@`.
    #[must_use]
    pub fn categories(&self) -> &[&'static str] {
        &self.categories
    }

    /// Where the keys are among the arguments.
    #[must_use]
    pub fn key_specs(&self) -> &[KeySpec] {
        &self.key_specs
    }

    /// Whether the command names no key at all, so that key patterns do not bound it.
    #[must_use]
    pub fn is_keyless(&self) -> bool {
        self.key_specs.iter().all(|spec| spec.has_flag("not_key"))
    }

    /// Reads a line `name arity flags categories key-specs…`.
    fn read(line: &'static str) -> Self {
        let mut fields = line.split(' ');
        let mut next = || fields.next().expect("the tables are checked by a test that reads each");
        Self {
            name: next(),
            arity: next().parse().expect("the tables are checked by a test that reads each"),
            flags: list(next()),
            categories: list(next()),
            key_specs: fields.map(KeySpec::read).collect(),
        }
    }
}

/// All commands and categories of one engine version.
pub(crate) struct CommandTable {
    categories: Vec<&'static str>,
    commands: BTreeMap<&'static str, Command>,
}

impl CommandTable {
    /// The table for an engine: the nearest version of its kind that is not newer.
    pub(crate) fn of(engine: Engine) -> &'static Self {
        let tables = tables(engine.kind);
        let not_newer =
            tables.iter().rev().find(|(version, _)| *version <= engine.version.minor_version());
        &not_newer.unwrap_or(&tables[0]).1
    }

    /// The versions of a kind that have a table, the oldest first.
    pub(crate) fn versions(kind: EngineKind) -> impl Iterator<Item = EngineVersion> {
        tables(kind).iter().map(|((major, minor), _)| EngineVersion::new(*major, *minor))
    }

    /// The command of this lower-case name.
    pub(crate) fn command(&self, name: &str) -> Option<&Command> {
        self.commands.get(name)
    }

    pub(crate) fn commands(&self) -> impl Iterator<Item = &Command> {
        self.commands.values()
    }

    pub(crate) fn has_category(&self, name: &str) -> bool {
        self.categories.contains(&name)
    }

    /// Whether the server tells the subcommands of this command apart.
    pub(crate) fn has_subcommands(&self, container: &str) -> bool {
        let first = format!("{container}|");
        let next = self.commands.range(first.as_str()..).next();
        next.is_some_and(|(name, _)| name.starts_with(&first))
    }

    fn read(text: &'static str) -> Self {
        let mut table = Self { categories: Vec::new(), commands: BTreeMap::new() };
        for line in text.lines() {
            match line.strip_prefix("@ ") {
                Some(categories) => table.categories = categories.split(' ').collect(),
                None if line.starts_with('#') => {}
                None => {
                    let command = Command::read(line);
                    table.commands.insert(command.name, command);
                }
            }
        }
        table
    }
}

/// A table by major and minor version, read when it is first needed.
type Versioned = ((u16, u16), LazyLock<CommandTable>);

static REDIS: [Versioned; 3] = [
    ((6, 2), LazyLock::new(|| CommandTable::read(include_str!("../tables/redis-6.2.14.txt")))),
    ((7, 0), LazyLock::new(|| CommandTable::read(include_str!("../tables/redis-7.0.15.txt")))),
    ((8, 2), LazyLock::new(|| CommandTable::read(include_str!("../tables/redis-8.2.3.txt")))),
];

/// Valkey 7.2 is Redis 7.2 under another name, for which the table of Redis 7.0 serves.
static VALKEY: [Versioned; 4] = [
    ((7, 2), LazyLock::new(|| CommandTable::read(include_str!("../tables/redis-7.0.15.txt")))),
    ((8, 1), LazyLock::new(|| CommandTable::read(include_str!("../tables/valkey-8.1.8.txt")))),
    ((9, 0), LazyLock::new(|| CommandTable::read(include_str!("../tables/valkey-9.0.0.txt")))),
    ((9, 1), LazyLock::new(|| CommandTable::read(include_str!("../tables/valkey-9.1.2.txt")))),
];

fn tables(kind: EngineKind) -> &'static [Versioned] {
    match kind {
        EngineKind::Redis => &REDIS,
        EngineKind::Valkey => &VALKEY,
    }
}

/// A comma-separated list in which `-` stands for none.
fn list(text: &'static str) -> Vec<&'static str> {
    if text == "-" { Vec::new() } else { text.split(',').collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_can_be_read_and_is_in_order() {
        for tables in [&REDIS[..], &VALKEY[..]] {
            assert!(tables.is_sorted_by_key(|(version, _)| *version));
            for (version, table) in tables {
                assert!(table.command("get").is_some(), "{version:?}");
                for command in table.commands() {
                    let known = command.categories.iter().all(|name| table.has_category(name));
                    assert!(known, "{version:?} {}", command.name);
                }
            }
        }
    }

    #[test]
    fn keyless_commands_are_told_from_the_rest() {
        let table = CommandTable::of(Engine {
            kind: EngineKind::Valkey,
            version: crate::EngineVersion::new(9, 1),
        });
        for name in ["scan", "randomkey", "dbsize", "publish", "spublish", "ping"] {
            assert!(table.command(name).unwrap().is_keyless(), "{name}");
        }
        for name in ["get", "eval", "sort", "xread", "migrate", "object|encoding"] {
            assert!(!table.command(name).unwrap().is_keyless(), "{name}");
        }
    }
}
