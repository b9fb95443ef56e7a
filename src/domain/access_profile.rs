//! Access profiles: named templates of access strings.

use std::{fmt, str::FromStr};

use super::{Ground, KeyPattern};

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

    /// The access string for one tenant.
    ///
    /// An allow list: data types by category, everything else by name, denials between them so
    /// that they hold for the categories. Rules that the ground does not know are left out,
    /// because one unknown command refuses the whole string.
    #[must_use]
    pub fn access_string(self, pattern: &KeyPattern, ground: &Ground) -> String {
        let commands = match self {
            Self::ReadWrite => READ_WRITE,
        };
        let cluster = if ground.is_cluster { CLUSTER } else { &[] };
        let mut rules = vec![
            "on".to_owned(),
            format!("~{pattern}"),
            "resetchannels".to_owned(),
            format!("&{pattern}"),
            "-@all".to_owned(),
        ];
        let named = commands.iter().chain(cluster).filter(|rule| ground.knows(rule));
        rules.extend(named.map(|rule| (*rule).to_owned()));
        rules.join(" ")
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

/// What a cluster client needs to find its way. Not `+cluster`: CLUSTER GETKEYSINSLOT lists keys.
const CLUSTER: &[&str] = &[
    "+cluster|slots",
    "+cluster|shards",
    "+cluster|nodes",
    "+cluster|myid",
    "+cluster|keyslot",
    "+readonly",
    "+readwrite",
    "+asking",
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
    use ringfence_acl::{AccessString, Engine};

    use super::*;
    use crate::domain::{CacheTarget, KeyPatternTemplate, TenantName};

    fn engine(kind: &str, version: &str) -> Engine {
        Engine { kind: kind.parse().unwrap(), version: version.parse().unwrap() }
    }

    fn access_string(ground: &Ground) -> String {
        let name = TenantName::parse("acme").unwrap();
        AccessProfile::ReadWrite.access_string(&KeyPatternTemplate::Colon.pattern(&name), ground)
    }

    #[test]
    fn every_engine_accepts_its_access_string() {
        let engines = [
            ("redis", "6.2"),
            ("redis", "7.0"),
            ("redis", "7.1"),
            ("valkey", "7.2"),
            ("valkey", "8.1"),
            ("valkey", "9.1"),
        ];
        for (kind, version) in engines {
            let engine = engine(kind, version);
            for is_serverless in [false, true] {
                let ground = Ground { engine, is_serverless, is_cluster: is_serverless };
                let text = access_string(&ground);
                AccessString::parse(&text).unwrap().check(&engine).unwrap();
                let start = "on ~acme:* resetchannels &acme:* -@all +@string ";
                assert!(text.starts_with(start), "{text}");
            }
        }
    }

    #[test]
    fn what_an_old_engine_does_not_know_is_left_out() {
        let rules = |kind, version| access_string(&Ground::plain(engine(kind, version)));
        assert!(!rules("redis", "6.2").contains("+expiretime"));
        assert!(rules("valkey", "9.1").contains("+expiretime"));
    }

    #[test]
    fn a_serverless_cache_is_not_asked_for_what_it_has_not() {
        let target = CacheTarget::ServerlessCache("s".to_owned());
        let text = access_string(&Ground::of(&target, engine("valkey", "8.1"), false));
        for absent in ["+client|id", "+memory", "+object", "+psubscribe"] {
            assert!(!text.contains(absent), "{absent}: {text}");
        }
        assert!(text.contains("+cluster|slots") && text.contains("+subscribe"), "{text}");
    }
}
