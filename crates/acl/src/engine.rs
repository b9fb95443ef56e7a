//! Which server a string is meant for, and what that server knows.

use std::fmt;
use std::str::FromStr;

use crate::table::{Command, CommandTable};

/// The two families of servers that ElastiCache runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EngineKind {
    /// Redis OSS.
    Redis,
    /// Valkey, which was forked from Redis 7.2.
    Valkey,
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redis => "redis",
            Self::Valkey => "valkey",
        })
    }
}

impl FromStr for EngineKind {
    type Err = UnknownEngineKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "redis" => Ok(Self::Redis),
            "valkey" => Ok(Self::Valkey),
            _ => Err(UnknownEngineKind),
        }
    }
}

/// The name of an engine is neither `redis` nor `valkey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an engine is `redis` or `valkey`")]
pub struct UnknownEngineKind;

/// A version such as 9.1.2. Commands and rules come with a minor version, never with a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EngineVersion {
    /// The 9 of 9.1.2.
    pub major: u16,
    /// The 1 of 9.1.2.
    pub minor: u16,
    /// The 2 of 9.1.2.
    pub patch: u16,
}

impl EngineVersion {
    /// The version `major.minor.0`.
    #[must_use]
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor, patch: 0 }
    }

    /// The version without its patch.
    pub(crate) const fn minor_version(self) -> (u16, u16) {
        (self.major, self.minor)
    }
}

impl fmt::Display for EngineVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for EngineVersion {
    type Err = UnreadableVersion;

    /// Reads `9`, `9.1` or `9.1.2`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut numbers = [0; 3];
        let mut parts = text.split('.');
        for (index, number) in numbers.iter_mut().enumerate() {
            match parts.next() {
                Some(part) => *number = part.parse().map_err(|_| UnreadableVersion)?,
                None if index > 0 => break,
                None => return Err(UnreadableVersion),
            }
        }
        if parts.next().is_some() {
            return Err(UnreadableVersion);
        }
        let [major, minor, patch] = numbers;
        Ok(Self { major, minor, patch })
    }
}

/// The text is not a version of one to three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version is up to three numbers, as in `9.1.2`")]
pub struct UnreadableVersion;

/// A server by family and version.
///
/// What it knows is looked up in the table of the nearest version that is not newer (the patch
/// number does not count), because no table exists for each release. That is the safe direction: a
/// rule that names an unknown command makes the engine refuse the whole string, whereas a command
/// too few only withholds something. An engine older than every table of its family is looked up
/// in the oldest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Engine {
    /// Redis or Valkey.
    pub kind: EngineKind,
    /// Its version.
    pub version: EngineVersion,
}

impl Engine {
    /// Each engine that there is a command table of, the oldest of a kind first.
    pub fn all() -> impl Iterator<Item = Self> {
        [EngineKind::Redis, EngineKind::Valkey].into_iter().flat_map(|kind| {
            let versions = CommandTable::versions(kind);
            versions.map(move |version| Self { kind, version })
        })
    }

    /// Whether a rule that allows this command is accepted: `get`, `client|setinfo`.
    ///
    /// For a command without subcommands of its own, `command|argument` is accepted as well and
    /// means "only with this first argument": `select|0`. Redis 6.2 has no subcommands at all, so
    /// that there every `client|…` is known.
    #[must_use]
    pub fn knows_command(&self, name: &str) -> bool {
        let table = CommandTable::of(*self);
        let name = name.to_ascii_lowercase();
        if table.command(&name).is_some() {
            return true;
        }
        match name.split_once('|') {
            Some((_, argument)) if argument.is_empty() || argument.contains('|') => false,
            Some((container, _)) => {
                table.command(container).is_some() && !table.has_subcommands(container)
            }
            None => false,
        }
    }

    /// Whether the engine has this category: `read`, without the `@`.
    #[must_use]
    pub fn knows_category(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        name == "all" || CommandTable::of(*self).has_category(&name)
    }

    /// The command or subcommand of this name, as the engine describes it.
    #[must_use]
    pub fn command(&self, name: &str) -> Option<&'static Command> {
        CommandTable::of(*self).command(&name.to_ascii_lowercase())
    }

    /// Every command and subcommand, in the order of their names.
    pub fn commands(&self) -> impl Iterator<Item = &'static Command> + use<> {
        CommandTable::of(*self).commands()
    }

    /// Whether a script of one user leaves those of others alone.
    ///
    /// On Redis 6.2.14 a script can change the methods of strings, which the scripts of others then
    /// call with their own rights (<https://nvd.nist.gov/vuln/detail/CVE-2025-46818>). Whether it is
    /// mended cannot be told from the version that AWS names.
    #[must_use]
    pub fn keeps_scripts_apart(self) -> bool {
        self.version.minor_version() >= (7, 0)
    }

    /// Whether the engine tells the subcommands of this lower-case command apart.
    pub(crate) fn has_subcommands(self, container: &str) -> bool {
        CommandTable::of(self).has_subcommands(container)
    }

    /// Whether key permissions, selectors and the subtraction of subcommands exist.
    pub(crate) fn has_acl_v2(self) -> bool {
        self.version.minor_version() >= (7, 0)
    }

    /// Whether users can be bound to databases by `db=`.
    pub(crate) fn has_database_rules(self) -> bool {
        self.kind == EngineKind::Valkey && self.version.minor_version() >= (9, 1)
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(kind: EngineKind, version: &str) -> Engine {
        Engine { kind, version: version.parse().unwrap() }
    }

    #[test]
    fn versions_are_one_to_three_numbers() {
        assert_eq!("9.1".parse(), Ok(EngineVersion::new(9, 1)));
        assert_eq!("7.0.15".parse(), Ok(EngineVersion { major: 7, minor: 0, patch: 15 }));
        for text in ["", ".", "7.", "a", "7.0.15.1", "-1", "7.x"] {
            assert_eq!(text.parse::<EngineVersion>(), Err(UnreadableVersion), "{text}");
        }
    }

    #[test]
    fn an_engine_knows_the_commands_of_its_version() {
        let redis_7 = engine(EngineKind::Redis, "7.0.15");
        assert!(redis_7.knows_command("GET"));
        assert!(redis_7.knows_command("client|id"));
        assert!(!redis_7.knows_command("client|setinfo"));
        assert!(!redis_7.knows_command("client|nosuch"));
        assert!(redis_7.knows_command("select|0"));
        assert!(!redis_7.knows_command("select|"));
        assert!(!redis_7.knows_command("clusterscan"));
        assert!(engine(EngineKind::Valkey, "9.1").knows_command("clusterscan"));
        assert!(!engine(EngineKind::Valkey, "9.0").knows_command("clusterscan"));
        assert!(!engine(EngineKind::Redis, "6.2").knows_command("expiretime"));
        assert!(redis_7.knows_category("Read") && !redis_7.knows_category("nosuch"));
    }

    #[test]
    fn a_version_without_a_table_is_looked_up_in_the_nearest_older_one() {
        let newer = engine(EngineKind::Valkey, "10.4.1");
        let newest = engine(EngineKind::Valkey, "9.1.2");
        assert!(newer.commands().eq(newest.commands()));
        let between = engine(EngineKind::Redis, "7.4.0");
        assert!(between.commands().eq(engine(EngineKind::Redis, "7.0.15").commands()));
        let fork = engine(EngineKind::Valkey, "7.2.7");
        assert!(fork.commands().eq(engine(EngineKind::Redis, "7.0.15").commands()));
    }
}
