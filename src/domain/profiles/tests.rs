//! What profiles grant on each ground that there is.

use ringfence_acl::{AccessString, Engine, Severity, explain, lint};

use super::*;
use crate::domain::{
    CacheTarget, Ground, KeyPatternTemplate, TenantName, lint_context, oldest_engine,
};

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

fn access_string(profile: &Profile, ground: &Ground) -> String {
    let name = TenantName::parse("acme").unwrap();
    profile.access_string(&KeyPatternTemplate::Colon.pattern(&name), ground)
}

#[test]
fn every_ground_accepts_every_profile_and_the_lint_finds_no_error_in_it() {
    for ground in grounds() {
        for profile in Profiles::built_in().iter() {
            let text = access_string(profile, &ground);
            let string = AccessString::parse(&text).unwrap();
            string.check(&ground.engine).unwrap();
            let errors: Vec<_> = lint(&string, &lint_context(&ground))
                .into_iter()
                .filter(|finding| finding.severity == Severity::Error)
                .collect();
            assert!(errors.is_empty(), "{} on {ground:?}: {errors:#?}", profile.name());
        }
    }
}

#[test]
fn a_profile_grants_what_it_is_named_for_and_not_more() {
    let all = ["read-write", "read-only", "queue", "cache", "pubsub"];
    let calls: [(&str, &[&str]); 9] = [
        ("GET acme:k", &["read-write", "read-only", "queue", "cache"]),
        ("SET acme:k 1", &["read-write", "queue", "cache"]),
        ("HGETALL acme:k", &["read-write", "read-only", "cache"]),
        ("HSET acme:k f 1", &["read-write", "cache"]),
        ("BLPOP acme:k 1", &["read-write", "queue"]),
        ("XRANGE acme:k - +", &["read-write", "read-only", "queue"]),
        ("DEL acme:k", &["read-write", "queue", "cache"]),
        ("PUBLISH acme:k 1", &["read-write", "pubsub"]),
        ("PING", &all),
    ];
    for ground in grounds() {
        for profile in Profiles::built_in().iter() {
            let string = AccessString::parse(&access_string(profile, &ground)).unwrap();
            for (call, granted) in calls {
                let words: Vec<&[u8]> = call.split(' ').map(str::as_bytes).collect();
                let allowed = explain(&string, &ground.engine, &words).unwrap().is_allowed();
                let name = profile.name().as_str();
                assert_eq!(allowed, granted.contains(&name), "{name}: {call}");
            }
        }
    }
}

#[test]
fn a_reader_can_change_nothing() {
    for ground in grounds() {
        let text = access_string(Profiles::built_in().find("read-only").unwrap(), &ground);
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
    let rules =
        |kind, version| access_string(&Profile::default(), &Ground::plain(engine(kind, version)));
    assert!(!rules("redis", "6.2").contains("+expiretime"));
    assert!(rules("valkey", "9.1").contains("+expiretime"));
}

/// It is what a cache is given of which nobody tells the version.
#[test]
fn every_later_engine_accepts_a_string_for_the_oldest() {
    for newer in Engine::all() {
        let oldest = Ground::plain(oldest_engine(newer.kind));
        for profile in Profiles::built_in().iter() {
            let string = AccessString::parse(&access_string(profile, &oldest)).unwrap();
            assert_eq!(string.check(&newer), Ok(()), "{} on {newer}", profile.name());
        }
    }
}

#[test]
fn a_serverless_cache_is_not_asked_for_what_it_has_not() {
    let target = CacheTarget::ServerlessCache("s".to_owned());
    let ground = Ground::of(&target, engine("valkey", "8.1"), false);
    let text = access_string(&Profile::default(), &ground);
    for absent in ["+client|id", "+memory", "+object", "+psubscribe"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    assert!(text.contains("+cluster|slots") && text.contains("+subscribe"), "{text}");
}

#[test]
fn the_profile_of_a_tenant_that_asks_for_none_is_in_the_catalogue() {
    let profiles = Profiles::built_in();
    let named = profiles.get(&ProfileName::default()).unwrap();
    assert_eq!(named.name(), Profile::default().name());
}

#[test]
fn an_unknown_name_is_answered_with_those_that_there_are() {
    let error = Profiles::built_in().find("root").unwrap_err().to_string();
    let known = "use read-write, read-only, queue, cache or pubsub";
    assert_eq!(error, format!("\"root\" is no access profile: {known}"));
}
