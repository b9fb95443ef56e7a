//! Which commands are tried.

use std::collections::BTreeSet;

use ringfence_acl::{AccessString, Engine, explain};

use crate::domain::{KeyPattern, TenantName};

/// A command to try. `shown` is how the record names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trial {
    pub(super) words: Vec<String>,
    pub(super) shown: String,
}

impl Trial {
    /// Whether it reaches for somebody else's key or channel: of all trials those that every cache
    /// must decide. None of them is a command that transactions or ElastiCache do not take.
    pub(super) fn is_on_others(&self) -> bool {
        self.shown.contains(FOREIGN)
    }
}

/// The keys that the trials use.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    own: String,
    foreign: [String; 2],
}

impl Keys {
    /// `nonce` keeps attestations that run side by side apart.
    pub(super) fn new(pattern: &KeyPattern, nonce: &str) -> Self {
        let (stem, separator) = pattern.prefix().split_at(pattern.prefix().len().saturating_sub(1));
        Self {
            own: format!("{}ringfence-attestation:{nonce}", pattern.prefix()),
            // The keys of a tenant that nobody can be; and those of one whose name goes on where
            // this one's ends.
            foreign: [
                format!("{}{separator}ringfence-attestation", TenantName::canary()),
                format!("{stem}0{separator}ringfence-attestation"),
            ],
        }
    }

    /// A key of the canary.
    pub(super) fn canary(&self) -> &str {
        &self.foreign[0]
    }

    fn trial(&self, template: &str) -> Vec<Trial> {
        let foreign: &[String] =
            if template.contains(FOREIGN) { &self.foreign } else { &self.foreign[..1] };
        let fill = |foreign: &String| Trial {
            words: template
                .split(' ')
                .map(|word| word.replace(OWN, &self.own).replace(FOREIGN, foreign))
                .collect(),
            shown: template.to_owned(),
        };
        foreign.iter().map(fill).collect()
    }
}

const OWN: &str = "{own}";
const FOREIGN: &str = "{foreign}";

/// What is to be tried: whose keys, and what the access string makes of each command on an engine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fence<'a> {
    pub(super) keys: &'a Keys,
    pub(super) string: &'a AccessString,
    pub(super) engine: Engine,
}

impl Fence<'_> {
    /// Uses of the tenant's own keys and channels, each with whether the access string allows it:
    /// every type of data, written and read, and taken away again.
    pub(super) fn own_use(&self) -> Vec<(Trial, bool)> {
        let with_right = |trial: Trial| {
            let may = !self.denies(&trial);
            (trial, may)
        };
        OWN_USE.iter().flat_map(|template| self.keys.trial(template)).map(with_right).collect()
    }

    /// What the access string does not allow: calls on others' keys and channels, and every command
    /// of the engine that names no key.
    pub(super) fn forbidden(&self) -> Vec<Trial> {
        let named: Vec<Trial> =
            ON_OTHERS.iter().flat_map(|template| self.keys.trial(template)).collect();
        let seen: BTreeSet<String> = named.iter().map(|trial| trial.shown.clone()).collect();
        let keyless = self
            .engine
            .commands()
            .filter(|command| command.is_keyless())
            .map(|command| keyless_call(command.name(), command.arity()))
            .filter(|trial| !seen.contains(&trial.shown));
        named.into_iter().chain(keyless).filter(|trial| self.denies(trial)).collect()
    }

    /// Whether the access string denies the call. What the engine does not know is not tried.
    fn denies(&self, trial: &Trial) -> bool {
        let words: Vec<&[u8]> = trial.words.iter().map(String::as_bytes).collect();
        explain(self.string, &self.engine, &words).is_ok_and(|decision| !decision.is_allowed())
    }
}

/// A call with as many arguments as the command asks for: the engine counts them before it looks
/// at permissions.
fn keyless_call(name: &str, arity: i16) -> Trial {
    let mut words: Vec<String> = name.split('|').map(str::to_uppercase).collect();
    let least = usize::from(arity.unsigned_abs());
    words.resize(words.len().max(least), "0".to_owned());
    Trial { shown: words.join(" "), words }
}

const OWN_USE: &[&str] = &[
    "PING",
    "SET {own} 1 EX 60",
    "GET {own}",
    "DEL {own}",
    "HSET {own} f 1",
    "EXPIRE {own} 60",
    "HGETALL {own}",
    "DEL {own}",
    "LPUSH {own} 1",
    "EXPIRE {own} 60",
    "LRANGE {own} 0 -1",
    "DEL {own}",
    "SADD {own} 1",
    "EXPIRE {own} 60",
    "SMEMBERS {own}",
    "DEL {own}",
    "ZADD {own} 1 m",
    "EXPIRE {own} 60",
    "ZRANGE {own} 0 -1",
    "DEL {own}",
    "XADD {own} * f 1",
    "EXPIRE {own} 60",
    "XRANGE {own} - +",
    "DEL {own}",
    "PFADD {own} 1",
    "EXPIRE {own} 60",
    "PFCOUNT {own}",
    "DEL {own}",
    "SETBIT {own} 7 1",
    "EXPIRE {own} 60",
    "BITCOUNT {own}",
    "DEL {own}",
    "GEOADD {own} 13.4 52.5 m",
    "EXPIRE {own} 60",
    "GEOPOS {own} m",
    "DEL {own}",
    "PUBLISH {own} 1",
    "EVAL return(1) 1 {own}",
];

const ON_OTHERS: &[&str] = &[
    "GET {foreign}",
    "SET {foreign} 1",
    "DEL {foreign}",
    "EXISTS {foreign}",
    "MGET {own} {foreign}",
    "RENAME {own} {foreign}",
    "COPY {foreign} {own}",
    "SUNIONSTORE {own} {foreign}",
    "SORT {own} BY nosort GET {foreign}",
    "GEORADIUS {own} 0 0 1 km STORE {own} STORE {foreign}",
    "GEORADIUSBYMEMBER {own} m 1 km STORE {own} STORE {foreign}",
    "PUBLISH {foreign} 1",
    "SUBSCRIBE {foreign}",
    "PSUBSCRIBE *",
    "SELECT 1",
    "EVAL return(1) 0",
    "EVAL return(1) 1 {foreign}",
    "CLIENT TRACKING ON BCAST",
];

#[cfg(test)]
mod tests {
    use ringfence_acl::{EngineKind, EngineVersion};

    use super::*;
    use crate::domain::{Ground, KeyPatternTemplate, Profile, TenantName};

    #[test]
    fn every_keyless_command_that_is_not_granted_is_tried() {
        let name = TenantName::parse("acme").unwrap();
        let pattern = KeyPatternTemplate::Colon.pattern(&name);
        let engine = Engine { kind: EngineKind::Valkey, version: EngineVersion::new(9, 1) };
        let text = Profile::default().access_string(&pattern, &Ground::plain(engine));
        let string = AccessString::parse(&text).unwrap();
        let fence = Fence { keys: &Keys::new(&pattern, "n"), string: &string, engine };
        let trials = fence.forbidden();
        let shown: Vec<&str> = trials.iter().map(|trial| trial.shown.as_str()).collect();
        for leak in [
            "SCAN 0",
            "RANDOMKEY",
            "DBSIZE",
            "FLUSHALL",
            "CLUSTERSCAN 0",
            "FUNCTION LOAD 0",
            "SCRIPT FLUSH",
            "CLIENT TRACKING ON BCAST",
            "GEORADIUS {own} 0 0 1 km STORE {own} STORE {foreign}",
        ] {
            assert!(shown.contains(&leak), "{leak} is not among {shown:?}");
        }
        for own in ["PING", "MULTI", "HELLO"] {
            assert!(!shown.contains(&own), "{own}");
        }
    }

    #[test]
    fn the_keys_of_the_canary_and_of_a_neighbour_are_tried() {
        let pattern = KeyPattern::from_stored("acme-*").unwrap();
        let keys = Keys::new(&pattern, "n");
        let words: Vec<_> = keys.trial("GET {foreign}").into_iter().map(|t| t.words).collect();
        assert_eq!(words[0], ["GET", "ringfence-canary-ringfence-attestation"]);
        assert_eq!(words[1], ["GET", "acme0-ringfence-attestation"]);
    }
}
