//! What profiles grant on each ground that there is.

use ringfence_acl::{AccessString, Engine, Severity, explain, lint};

use super::*;
use crate::domain::{
    CacheTarget, Ground, KeyPattern, KeyPatternTemplate, ProfileName, TenantName, lint_context,
    oldest_engine,
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

/// All built-in profiles, those that have to be switched on too.
fn all() -> Profiles {
    Profiles::built_in().with_opt_in([OptIn::Scripting])
}

fn keys() -> KeyPattern {
    KeyPatternTemplate::Colon.pattern(&TenantName::parse("acme").unwrap())
}

fn access_string(profile: &Profile, ground: &Ground) -> String {
    profile.access_string(&keys(), ground)
}

fn own_profile(name: &str, commands: &str) -> OwnProfile {
    OwnProfile {
        name: ProfileName::parse(name).unwrap(),
        description: String::new(),
        commands: commands.parse().unwrap(),
        keys: KeyRights::ReadWrite,
        has_channels: false,
        accepted: [].into(),
    }
}

/// What is said of a profile where no built-in one is switched on.
fn objections(profile: &OwnProfile, grounds: &[(Ground, Engine)]) -> Vec<Objection> {
    review(profile, &keys(), grounds, &[].into())
}

#[test]
fn every_ground_accepts_every_profile_and_the_lint_finds_no_error_in_it() {
    for ground in grounds() {
        for profile in all().iter() {
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
    let everybody = ["read-write", "read-only", "queue", "cache", "pubsub", "scripting"];
    let calls: [(&str, &[&str]); 10] = [
        ("GET acme:k", &["read-write", "read-only", "queue", "cache", "scripting"]),
        ("SET acme:k 1", &["read-write", "queue", "cache", "scripting"]),
        ("HGETALL acme:k", &["read-write", "read-only", "cache", "scripting"]),
        ("HSET acme:k f 1", &["read-write", "cache", "scripting"]),
        ("BLPOP acme:k 1", &["read-write", "queue", "scripting"]),
        ("XRANGE acme:k - +", &["read-write", "read-only", "queue", "scripting"]),
        ("DEL acme:k", &["read-write", "queue", "cache", "scripting"]),
        ("PUBLISH acme:k 1", &["read-write", "pubsub", "scripting"]),
        ("SCRIPT FLUSH", &[]),
        ("PING", &everybody),
    ];
    for ground in grounds() {
        for profile in all().iter() {
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
        for profile in all().iter() {
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
fn scripts_are_granted_by_name_and_only_where_the_engine_keeps_them_apart() {
    let scripts = ["eval", "evalsha", "eval_ro", "evalsha_ro", "script|load", "script|exists"];
    for ground in grounds() {
        let catalogue = all();
        let text = access_string(catalogue.find("scripting").unwrap(), &ground);
        let read_write = access_string(&Profile::default(), &ground);
        let more: Vec<&str> = text.split(' ').filter(|r| !read_write.contains(r)).collect();
        let expected: Vec<String> = if ground.engine.to_string() == "redis 6.2.0" {
            Vec::new()
        } else {
            scripts.iter().map(|name| format!("+{name}")).collect()
        };
        assert_eq!(more, expected, "{ground:?}");
    }
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

#[test]
fn a_profile_that_is_switched_off_is_not_there_and_the_answer_names_the_setting() {
    let scripting = ProfileName::parse("scripting").unwrap();
    assert!(Profiles::built_in().get(&scripting).is_none());
    let error = Profiles::built_in().find("scripting").unwrap_err().to_string();
    assert!(error.contains("`opt_in_profiles`"), "{error}");
    assert!(all().get(&scripting).is_some());
}

#[test]
fn an_own_profile_stands_behind_the_built_in_ones_under_a_name_of_its_own() {
    let own = |name: &str| own_profile(name, "+get");
    let profiles = Profiles::built_in().with_own(own("sessions")).unwrap();
    let last = profiles.iter().last().unwrap();
    assert_eq!((last.name().as_str(), last.origin()), ("sessions", ProfileOrigin::Own));
    for (name, by) in [
        ("cache", ProfileOrigin::BuiltIn),
        ("scripting", ProfileOrigin::BuiltIn),
        ("sessions", ProfileOrigin::Own),
    ] {
        assert_eq!(profiles.clone().with_own(own(name)).unwrap_err().by, by, "{name}");
    }
}

#[test]
fn the_string_of_an_own_profile_is_built_like_that_of_a_built_in_one() {
    let ground = Ground::plain(engine("redis", "7.0"));
    let text = |keys, has_channels| {
        let own = own_profile("own", "+@hash -hdel +clusterscan +publish");
        access_string(&Profile::own(OwnProfile { keys, has_channels, ..own }), &ground)
    };
    let of_all = "-@all +@hash -hdel +publish +ping +echo";
    let starts = [
        (KeyRights::ReadWrite, false, "on ~acme:* resetchannels"),
        (KeyRights::Read, false, "on %R~acme:* resetchannels"),
        (KeyRights::Write, true, "on %W~acme:* resetchannels &acme:*"),
        (KeyRights::None, true, "on resetchannels &acme:*"),
    ];
    for (keys, has_channels, start) in starts {
        let text = text(keys, has_channels);
        assert!(text.starts_with(&format!("{start} {of_all}")), "{text}");
        assert!(text.ends_with("+multi +exec +discard +watch +unwatch"), "{text}");
    }
}

#[test]
fn what_the_lint_calls_an_error_is_objected_to_with_place_and_remedy() {
    let said = |commands: &str, accepted: &[&str]| -> Vec<String> {
        let accepted = accepted.iter().map(|code| code.parse().unwrap()).collect();
        let own = OwnProfile { accepted, ..own_profile("own", commands) };
        let grounds: Vec<_> = grounds().into_iter().map(|ground| (ground, ground.engine)).collect();
        objections(&own, &grounds).iter().map(Objection::to_string).collect()
    };
    assert_eq!(said("+@string +@hash -@dangerous", &[]), Vec::<String>::new());
    let scans = said("+get +@keyspace -@dangerous", &[]);
    let names = scans.iter().find(|text| text.starts_with("reveals-key-names at byte 5")).unwrap();
    assert!(names.contains("on valkey 9.1.0"), "the engine that has most of them: {names}");
    assert!(names.contains("`-scan -randomkey -clusterscan`"), "{names}");
    assert!(names.contains("add \"reveals-key-names\" to allow"), "{names}");
    let codes = ["reveals-key-names", "reveals-counts", "shows-or-harms-clients", "destroys-keys"];
    assert_eq!(said("+get +@keyspace -@dangerous", &codes), Vec::<String>::new());
    let mended = "+get +@keyspace -@dangerous -scan -randomkey -clusterscan -dbsize";
    let left = said(mended, &[]);
    assert!(left.iter().all(|text| text.contains("on redis 6.2.0")), "{left:?}");
}

/// A denial that the oldest engine does not know is left out for it, and the newest grants the
/// command all the same.
#[test]
fn a_string_for_the_oldest_engine_has_to_be_safe_on_the_newest() {
    let (old, new) = (engine("valkey", "7.2"), engine("valkey", "9.1"));
    let own = own_profile("own", "+@keyspace -@dangerous -scan -randomkey -dbsize -clusterscan");
    assert_eq!(objections(&own, &[(Ground::plain(new), new)]), []);
    let made_for_the_old = objections(&own, &[(Ground::plain(old), new)]);
    assert_eq!(made_for_the_old[0].code, "reveals-key-names");
}

#[test]
fn an_own_profile_runs_scripts_only_where_somebody_said_so() {
    let commands = "+@string +eval +evalsha +script|load";
    let said = |engine, accepted: &[&str], switched_on: &[OptIn]| -> Vec<String> {
        let accepted = accepted.iter().map(|code| code.parse().unwrap()).collect();
        let own = OwnProfile { accepted, ..own_profile("own", commands) };
        let switched_on = switched_on.iter().copied().collect();
        let found = review(&own, &keys(), &[(Ground::plain(engine), engine)], &switched_on);
        found.iter().map(Objection::to_string).collect()
    };
    let (old, new) = (engine("redis", "6.2"), engine("valkey", "9.0"));
    for (engine, remedy) in [
        (old, "or add \"runs-scripts\" to allow"),
        (new, "add \"runs-scripts\" to allow, or \"scripting\" to opt_in_profiles"),
    ] {
        let unasked = said(engine, &[], &[]);
        assert_eq!(unasked.len(), 3, "one for each rule: {unasked:?}");
        let start = format!("runs-scripts at byte 9 on {engine}: `+eval` gives EVAL");
        assert!(unasked[0].starts_with(&start) && unasked[0].ends_with(remedy), "{unasked:?}");
        assert_eq!(said(engine, &["runs-scripts"], &[]), Vec::<String>::new());
    }
    assert_eq!(said(new, &[], &[OptIn::Scripting]), Vec::<String>::new());
    // There the built-in profile gives no scripts either.
    assert_eq!(said(old, &[], &[OptIn::Scripting]), said(old, &[], &[]));
}

/// Of one whose version nobody tells.
#[test]
fn scripts_are_objected_to_on_the_engine_where_they_do_most_harm() {
    let own = own_profile("own", "+@string +@scripting -function -script|flush -script|kill");
    let redis = ENGINES.iter().filter(|(kind, _)| *kind == "redis");
    let grounds = redis.map(|(kind, version)| engine(kind, version));
    let grounds: Vec<_> = grounds.map(|engine| (Ground::plain(engine), engine)).collect();
    let said = objections(&own, &grounds);
    let scripts = said.iter().find(|objection| objection.code == "runs-scripts").unwrap();
    assert_eq!(scripts.engine, engine("redis", "6.2"), "{scripts}");
}

#[test]
fn rights_to_read_alone_need_an_engine_that_has_them() {
    let own = OwnProfile { keys: KeyRights::Read, ..own_profile("own", "+@string") };
    let on = |kind, version| {
        let engine = engine(kind, version);
        objections(&own, &[(Ground::plain(engine), engine)])
    };
    assert_eq!(on("redis", "7.0"), []);
    let [objection] = &on("redis", "6.2")[..] else { panic!() };
    assert_eq!(objection.part, ProfilePart::Keys);
    assert!(objection.to_string().contains("engine_version"), "{objection}");
}

#[test]
fn what_an_engine_refuses_is_told_by_its_place_in_the_rules() {
    let own = own_profile("own", "+get +client -client|kill");
    let engine = engine("redis", "6.2");
    let objections = objections(&own, &[(Ground::plain(engine), engine)]);
    let refused = objections.iter().find(|one| one.code == "refused-by-engine").unwrap();
    let said = refused.to_string();
    assert!(said.starts_with("refused-by-engine at byte 13 on redis 6.2.0"), "{said}");
}

#[test]
fn only_findings_that_there_are_can_be_accepted() {
    assert!("runs-scripts".parse::<AcceptedCode>().is_ok());
    for text in ["blocking-command", "refused-by-engine", "removed-by-elasticache", ""] {
        assert!(text.parse::<AcceptedCode>().is_err(), "{text}");
    }
}
