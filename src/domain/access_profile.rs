//! Access profiles: named templates of access strings.

use std::{fmt, str::FromStr};

use ringfence_acl::{Command, Engine};

use super::{
    Ground, KeyPattern,
    profile_rules::{
        ALL_TYPES, CACHE_TYPES, CLUSTER, CONNECTION, DENIALS, OWN_KEYS, OWN_KEYS_READ, PUBSUB,
        QUEUE_TYPES, TRANSACTIONS, TYPE_CATEGORIES,
    },
};

/// A named template of an access string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessProfile {
    /// Every type of data, transactions and Pub/Sub.
    #[default]
    ReadWrite,
    /// Every type of data, read only. No Pub/Sub, since publishing changes what others see.
    ReadOnly,
    /// What a work queue needs: lists, streams, sorted sets, strings.
    Queue,
    /// What a cache needs: strings and hashes that expire.
    Cache,
    /// Publishing and subscribing, and no key at all.
    Pubsub,
}

impl AccessProfile {
    /// All profiles.
    pub const ALL: [Self; 5] =
        [Self::ReadWrite, Self::ReadOnly, Self::Queue, Self::Cache, Self::Pubsub];

    /// The profile as it stands in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadWrite => "read-write",
            Self::ReadOnly => "read-only",
            Self::Queue => "queue",
            Self::Cache => "cache",
            Self::Pubsub => "pubsub",
        }
    }

    /// The access string for one tenant.
    ///
    /// An allow list: types of data by category, everything else by name, denials between them so
    /// that they hold for the categories. Rules that the ground does not know are left out,
    /// because one unknown command refuses the whole string.
    #[must_use]
    pub fn access_string(self, pattern: &KeyPattern, ground: &Ground) -> String {
        let cluster = if ground.is_cluster { CLUSTER } else { &[] };
        let mut rules = vec!["on".to_owned()];
        if self != Self::Pubsub {
            rules.push(format!("~{pattern}"));
        }
        rules.push("resetchannels".to_owned());
        if matches!(self, Self::ReadWrite | Self::Pubsub) {
            rules.push(format!("&{pattern}"));
        }
        rules.push("-@all".to_owned());
        if self == Self::ReadOnly {
            rules.extend(reading_commands(&ground.engine));
        }
        let parts = self.parts().iter().copied().chain([CONNECTION, TRANSACTIONS, cluster]);
        let known = parts.flatten().filter(|rule| ground.knows(rule));
        rules.extend(known.map(|rule| (*rule).to_owned()));
        rules.join(" ")
    }

    /// What the profile grants beside what every profile does, in the order of its rules.
    fn parts(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::ReadWrite => &[ALL_TYPES, DENIALS, OWN_KEYS, PUBSUB],
            Self::ReadOnly => &[OWN_KEYS_READ],
            Self::Queue => &[QUEUE_TYPES, DENIALS, OWN_KEYS],
            Self::Cache => &[CACHE_TYPES, DENIALS, OWN_KEYS],
            Self::Pubsub => &[PUBSUB],
        }
    }
}

/// The commands that read a type of data and change nothing, each by its name: there is no
/// category that means this and nothing else, and a later version may add to any.
fn reading_commands(engine: &Engine) -> impl Iterator<Item = String> {
    let reads = |command: &&Command| {
        let has = |category: &str| command.categories().contains(&category);
        let of_a_type = TYPE_CATEGORIES.iter().any(|category| has(category));
        let harmless =
            !["write", "dangerous", "admin", "scripting", "blocking"].into_iter().any(has);
        has("read") && of_a_type && harmless && !command.is_keyless()
    };
    engine.commands().filter(reads).map(|command| format!("+{}", command.name()))
}

impl fmt::Display for AccessProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AccessProfile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == text)
            .ok_or_else(|| UnknownProfile { found: text.to_owned() })
    }
}

/// The text names no profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no access profile: use read-write, read-only, queue, cache or pubsub")]
pub struct UnknownProfile {
    found: String,
}

#[cfg(test)]
mod tests {
    use ringfence_acl::{AccessString, Severity, explain, lint};

    use super::*;
    use crate::domain::{CacheTarget, KeyPatternTemplate, TenantName, lint_context};

    const ENGINES: [(&str, &str); 8] = [
        ("redis", "6.2"),
        ("redis", "7.0"),
        ("redis", "7.1"),
        ("redis", "8.2"),
        ("valkey", "7.2"),
        ("valkey", "8.1"),
        ("valkey", "9.0"),
        ("valkey", "9.1"),
    ];

    fn engine(kind: &str, version: &str) -> Engine {
        Engine { kind: kind.parse().unwrap(), version: version.parse().unwrap() }
    }

    /// Every kind of ground that there is.
    fn grounds() -> Vec<Ground> {
        let mut grounds = Vec::new();
        for (kind, version) in ENGINES {
            let engine = engine(kind, version);
            grounds.push(Ground::plain(engine));
            grounds.push(Ground { is_cluster: true, ..Ground::plain(engine) });
            let serverless = CacheTarget::ServerlessCache("s".to_owned());
            grounds.push(Ground::of(&serverless, engine, false));
        }
        grounds
    }

    fn access_string(profile: AccessProfile, ground: &Ground) -> String {
        let name = TenantName::parse("acme").unwrap();
        profile.access_string(&KeyPatternTemplate::Colon.pattern(&name), ground)
    }

    #[test]
    fn every_ground_accepts_every_profile_and_the_lint_finds_no_error_in_it() {
        for ground in grounds() {
            for profile in AccessProfile::ALL {
                let text = access_string(profile, &ground);
                let string = AccessString::parse(&text).unwrap();
                string.check(&ground.engine).unwrap();
                let errors: Vec<_> = lint(&string, &lint_context(&ground))
                    .into_iter()
                    .filter(|finding| finding.severity == Severity::Error)
                    .collect();
                assert!(errors.is_empty(), "{profile} on {ground:?}: {errors:#?}");
            }
        }
    }

    #[test]
    fn a_profile_grants_what_it_is_named_for_and_not_more() {
        use AccessProfile::{Cache, Pubsub, Queue, ReadOnly, ReadWrite};
        let calls: [(&str, &[AccessProfile]); 9] = [
            ("GET acme:k", &[ReadWrite, ReadOnly, Queue, Cache]),
            ("SET acme:k 1", &[ReadWrite, Queue, Cache]),
            ("HGETALL acme:k", &[ReadWrite, ReadOnly, Cache]),
            ("HSET acme:k f 1", &[ReadWrite, Cache]),
            ("BLPOP acme:k 1", &[ReadWrite, Queue]),
            ("XRANGE acme:k - +", &[ReadWrite, ReadOnly, Queue]),
            ("DEL acme:k", &[ReadWrite, Queue, Cache]),
            ("PUBLISH acme:k 1", &[ReadWrite, Pubsub]),
            ("PING", &AccessProfile::ALL),
        ];
        for ground in grounds() {
            for profile in AccessProfile::ALL {
                let string = AccessString::parse(&access_string(profile, &ground)).unwrap();
                for (call, granted) in calls {
                    let words: Vec<&[u8]> = call.split(' ').map(str::as_bytes).collect();
                    let allowed = explain(&string, &ground.engine, &words).unwrap().is_allowed();
                    assert_eq!(allowed, granted.contains(&profile), "{profile}: {call}");
                }
            }
        }
    }

    #[test]
    fn a_reader_can_change_nothing() {
        for ground in grounds() {
            let text = access_string(AccessProfile::ReadOnly, &ground);
            let string = AccessString::parse(&text).unwrap();
            for command in ground.engine.commands().filter(|c| c.categories().contains(&"write")) {
                let rule = format!("+{} ", command.name());
                assert!(!format!("{text} ").contains(&rule), "{rule} in {text}");
            }
            assert!(string.channel_patterns().next().is_none(), "{text}");
        }
    }

    #[test]
    fn what_an_old_engine_does_not_know_is_left_out() {
        let rules = |kind, version| {
            access_string(AccessProfile::ReadWrite, &Ground::plain(engine(kind, version)))
        };
        assert!(!rules("redis", "6.2").contains("+expiretime"));
        assert!(rules("valkey", "9.1").contains("+expiretime"));
    }

    #[test]
    fn a_serverless_cache_is_not_asked_for_what_it_has_not() {
        let target = CacheTarget::ServerlessCache("s".to_owned());
        let ground = Ground::of(&target, engine("valkey", "8.1"), false);
        let text = access_string(AccessProfile::ReadWrite, &ground);
        for absent in ["+client|id", "+memory", "+object", "+psubscribe"] {
            assert!(!text.contains(absent), "{absent}: {text}");
        }
        assert!(text.contains("+cluster|slots") && text.contains("+subscribe"), "{text}");
    }
}
