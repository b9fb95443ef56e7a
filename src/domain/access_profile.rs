//! Access profiles: named templates of access strings.

use std::{fmt, str::FromStr};

use ringfence_acl::Engine;

use super::KeyPattern;

/// A named template of an access string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessProfile {
    /// Every data type, transactions and Pub/Sub under the tenant's own prefix.
    #[default]
    ReadWrite,
}

impl AccessProfile {
    /// The profile as it stands in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadWrite => "read-write",
        }
    }

    /// The access string for one tenant on one engine.
    ///
    /// An allow list: data types by category, everything else by name, denials between them so
    /// that they hold for the categories. Rules that the engine does not know are left out,
    /// because one unknown command refuses the whole string.
    #[must_use]
    pub fn access_string(self, pattern: &KeyPattern, engine: &Engine) -> String {
        let commands = match self {
            Self::ReadWrite => READ_WRITE,
        };
        let mut rules = vec![
            "on".to_owned(),
            format!("~{pattern}"),
            "resetchannels".to_owned(),
            format!("&{pattern}"),
            "-@all".to_owned(),
        ];
        rules.extend(commands.iter().filter(|rule| knows(engine, rule)).map(|r| (*r).to_owned()));
        rules.join(" ")
    }
}

/// Whether the engine knows the command or the category of a rule.
fn knows(engine: &Engine, rule: &str) -> bool {
    let name = &rule[1..];
    match name.strip_prefix('@') {
        Some(category) => engine.knows_category(category),
        None => engine.knows_command(name),
    }
}

/// What is absent matters most. SCAN, RANDOMKEY, DBSIZE, KEYS and CLUSTERSCAN show the names of
/// other tenants' keys whatever the key pattern says. GEORADIUS and GEORADIUSBYMEMBER with two
/// STOREs write to any key. FUNCTION and SCRIPT act on the whole server. CLIENT TRACKING streams
/// every key name. COPY, MOVE, SELECT and SWAPDB reach other databases. So the categories that
/// hold them (`@keyspace`, `@connection`, `@pubsub`, `@scripting`) are not granted; their
/// harmless commands are, by name.
const READ_WRITE: &[&str] = &[
    "+@string",
    "+@hash",
    "+@list",
    "+@set",
    "+@sortedset",
    "+@stream",
    "+@bitmap",
    "+@hyperloglog",
    "+@geo",
    "-@dangerous",
    "-@admin",
    "-@scripting",
    "-georadius",
    "-georadiusbymember",
    // Own keys.
    "+del",
    "+unlink",
    "+exists",
    "+touch",
    "+type",
    "+ttl",
    "+pttl",
    "+expire",
    "+pexpire",
    "+expireat",
    "+pexpireat",
    "+expiretime",
    "+pexpiretime",
    "+persist",
    "+rename",
    "+renamenx",
    "+dump",
    "+object|encoding",
    "+object|freq",
    "+object|idletime",
    "+object|refcount",
    "+memory|usage",
    // What clients send when they connect and while they idle.
    "+ping",
    "+echo",
    "+auth",
    "+hello",
    "+quit",
    "+reset",
    "+client|id",
    "+client|setname",
    "+client|getname",
    "+client|setinfo",
    "+client|reply",
    "+client|info",
    "+client|no-touch",
    "+command",
    // Transactions.
    "+multi",
    "+exec",
    "+discard",
    "+watch",
    "+unwatch",
    // Pub/Sub on own channels.
    "+subscribe",
    "+unsubscribe",
    "+psubscribe",
    "+punsubscribe",
    "+publish",
    "+ssubscribe",
    "+sunsubscribe",
    "+spublish",
];

impl fmt::Display for AccessProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AccessProfile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "read-write" => Ok(Self::ReadWrite),
            _ => Err(UnknownProfile { found: text.to_owned() }),
        }
    }
}

/// The text names no profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no access profile: use \"read-write\"")]
pub struct UnknownProfile {
    found: String,
}

#[cfg(test)]
mod tests {
    use ringfence_acl::AccessString;

    use super::*;
    use crate::domain::{KeyPatternTemplate, TenantName};

    fn access_string(kind: &str, version: &str) -> String {
        let engine = Engine { kind: kind.parse().unwrap(), version: version.parse().unwrap() };
        let name = TenantName::parse("acme").unwrap();
        AccessProfile::ReadWrite.access_string(&KeyPatternTemplate::Colon.pattern(&name), &engine)
    }

    #[test]
    fn every_engine_accepts_its_access_string() {
        for (kind, version) in [
            ("redis", "6.2"),
            ("redis", "7.0"),
            ("redis", "7.1"),
            ("valkey", "7.2"),
            ("valkey", "9.1"),
        ] {
            let text = access_string(kind, version);
            let engine = Engine { kind: kind.parse().unwrap(), version: version.parse().unwrap() };
            AccessString::parse(&text).unwrap().check(&engine).unwrap();
            assert!(text.starts_with("on ~acme:* resetchannels &acme:* -@all +@string "), "{text}");
        }
    }

    #[test]
    fn what_an_old_engine_does_not_know_is_left_out() {
        assert!(!access_string("redis", "6.2").contains("+expiretime"));
        assert!(access_string("valkey", "9.1").contains("+expiretime"));
    }
}
