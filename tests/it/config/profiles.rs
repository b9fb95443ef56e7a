//! Access profiles in a configuration, and those that are refused.

use std::fs;

use ringfence::{
    config::{Config, ConfigError},
    domain::{KeyRights, OptIn},
};
use ringfence_acl::LINT_CODES;

use super::{ONE_CACHE, load, pairs};

/// A profile of this text beside a cache that runs this engine.
fn with_profile(profile: &str, engine: &str) -> Result<Config, ConfigError> {
    load(&format!("{ONE_CACHE}{engine}\n[[profiles]]\nname = 'sessions'\n{profile}"), &[])
}

/// What is said of a refused one, without the place of the file.
fn refusal(profile: &str, engine: &str) -> String {
    let error = with_profile(profile, engine).unwrap_err().to_string();
    let (message, _path) = error.split_once(" (in ").unwrap_or((&error, ""));
    message.to_owned()
}

const VALKEY_9: &str = "engine = 'valkey'\nengine_version = '9.1'";
const REDIS_6: &str = "engine = 'redis'\nengine_version = '6.2'";

#[test]
fn a_profile_is_a_name_and_commands() {
    let config = with_profile("commands = '+@string +del'", "").unwrap();
    let [profile] = config.profiles.as_slice() else { panic!("{:?}", config.profiles) };
    assert_eq!((profile.name.as_str(), profile.description.as_str()), ("sessions", ""));
    assert_eq!((profile.keys, profile.channels), (KeyRights::ReadWrite, false));
    let catalogue = config.access_profiles().unwrap();
    assert!(catalogue.find("sessions").is_ok() && catalogue.find("cache").is_ok());
}

#[test]
fn profiles_can_be_given_by_variables() {
    let variables = pairs(&[
        ("RINGFENCE_CACHES__0__NAME", "main"),
        ("RINGFENCE_CACHES__0__USER_GROUP", "ringfence"),
        ("RINGFENCE_CACHES__0__SERVERLESS_CACHE", "main"),
        ("RINGFENCE_OPT_IN_PROFILES", "scripting"),
        ("RINGFENCE_PROFILES__0__NAME", "counters"),
        ("RINGFENCE_PROFILES__0__COMMANDS", "+@string +scan"),
        ("RINGFENCE_PROFILES__0__KEYS", "read-write"),
        ("RINGFENCE_PROFILES__0__CHANNELS", "true"),
        ("RINGFENCE_PROFILES__0__ALLOW", "reveals-key-names, takes-much"),
    ]);
    let config = Config::load(None, variables).unwrap();
    assert_eq!(config.opt_in_profiles, [OptIn::Scripting].into());
    let allowed: Vec<&str> = config.profiles[0].allow.iter().map(|code| code.as_str()).collect();
    assert_eq!(allowed, ["reveals-key-names", "takes-much"]);
    assert!(config.profiles[0].channels);
}

#[test]
fn the_same_stands_in_a_file_as_a_list() {
    let text = format!("opt_in_profiles = ['scripting']\n{ONE_CACHE}");
    let config = load(&text, &[]).unwrap();
    assert!(config.access_profiles().unwrap().find("scripting").is_ok());
}

#[test]
fn a_refused_profile_is_named_by_its_place_with_the_rule_and_the_remedy() {
    let refusals = [
        refusal("", ""),
        refusal("commands = ''", ""),
        refusal("commands = '+get ~other:*'", ""),
        refusal("commands = '+get +gte'", ""),
        refusal("commands = '+get -@dangerous +config|get'", ""),
        refusal("commands = '+client|'", ""),
        refusal("commands = '+get'\nkeys = 'all'", ""),
        refusal("commands = '+get'\ndescription = \"two\\nlines\"", ""),
        refusal("commands = '+get'\nallow = ['blocking-command']", ""),
        refusal("commands = '+get'\nallow = ['refused-by-engine']", ""),
        refusal("commands = '+get'\nallow = 1", ""),
        refusal("commands = '+get'\n[[profiles]]\nname = 'pubsub'\ncommands = '+get'", ""),
        refusal("commands = '+get'\n[[profiles]]\nname = 'scripting'\ncommands = '+get'", ""),
        refusal("commands = '+get'\n[[profiles]]\nname = 'sessions'\ncommands = '+get'", ""),
        refusal("commands = '+get'\n[[profiles]]\nname = 'Other'\ncommands = '+get'", ""),
        load(&format!("opt_in_profiles = ['admin']\n{ONE_CACHE}"), &[]).unwrap_err().to_string(),
    ];
    let refusals = refusals.map(|text| text.split(" (in ").next().unwrap().to_owned());
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn a_profile_that_is_not_safe_is_refused_with_everything_that_is_wrong_with_it() {
    let refusals = [
        refusal("commands = '+@read +@write -@dangerous'", VALKEY_9),
        refusal("commands = '+@string +@scripting'", VALKEY_9),
        refusal("commands = '+@string +client -client|kill'", REDIS_6),
        refusal("commands = '+@string +eval'", REDIS_6),
        refusal("commands = '+@string +eval'", VALKEY_9),
        refusal("commands = '+@string'\nkeys = 'read'", REDIS_6),
    ];
    insta::assert_snapshot!(refusals.join("\n"));
}

/// A refused `allow` sends the reader there.
#[test]
fn the_page_lists_every_code() {
    let page = fs::read_to_string("docs/profiles.md").unwrap();
    let missing = LINT_CODES.into_iter().filter(|code| !page.contains(&format!("`{code}`")));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn a_finding_that_is_allowed_does_not_refuse_and_others_still_do() {
    let commands = "commands = '+@string +scan +dbsize'";
    let scans = format!("{commands}\nallow = ['reveals-key-names']");
    let refused = refusal(&scans, VALKEY_9);
    assert!(refused.contains("reveals-counts") && !refused.contains("reveals-key-names"));
    let both = format!("{commands}\nallow = ['reveals-key-names', 'reveals-counts']");
    assert!(with_profile(&both, VALKEY_9).is_ok());
}

/// The built-in profile of that name gives none on Redis 6.2.
#[test]
fn scripts_that_are_switched_on_may_be_given_by_own_profiles_too() {
    let switched_on = |engine: &str| {
        let profile = "[[profiles]]\nname = 'sessions'\ncommands = '+@string +eval'";
        load(&format!("opt_in_profiles = ['scripting']\n{ONE_CACHE}{engine}\n{profile}"), &[])
    };
    assert!(switched_on(VALKEY_9).is_ok());
    let refused = switched_on(REDIS_6).unwrap_err().to_string();
    assert!(refused.contains("runs-scripts at byte 9 on redis 6.2.0"), "{refused}");
    assert!(!refused.contains("opt_in_profiles"), "{refused}");
    assert!(with_profile("commands = '+eval'\nallow = ['runs-scripts']", REDIS_6).is_ok());
}

/// What is not told may be any.
#[test]
fn a_profile_has_to_be_safe_on_every_engine_that_the_cache_may_be() {
    let reading = "commands = '+@string'\nkeys = 'read'";
    assert!(refusal(reading, "").contains("redis 6.2.0"));
    assert!(with_profile(reading, "engine = 'valkey'").is_ok());
    assert!(with_profile(reading, "engine = 'redis'\nengine_version = '7.1'").is_ok());
    // Valkey 7.2 does not know CLUSTERSCAN, so that a string for it cannot take it away.
    let keyspace = "commands = '+@keyspace -@dangerous -scan -randomkey -dbsize -clusterscan'";
    assert!(with_profile(keyspace, VALKEY_9).is_ok());
    assert!(refusal(keyspace, "engine = 'valkey'").contains("CLUSTERSCAN"));
}

#[test]
fn a_profile_has_to_be_safe_on_every_cache() {
    let caches = "[[caches]]\nname = 'old'\nuser_group = 'old'\nreplication_group = 'old'";
    let text = format!("{ONE_CACHE}{VALKEY_9}\n{caches}\n{REDIS_6}");
    let profile = "[[profiles]]\nname = 'reader'\ncommands = '+@read'\nkeys = 'read'\n\
                   allow = ['reveals-key-names', 'reveals-counts']";
    let error = load(&format!("{text}\n{profile}"), &[]).unwrap_err().to_string();
    assert!(error.contains("profiles[0].keys: reader is refused for the cache old"), "{error}");
}
