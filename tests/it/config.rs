//! What a configuration may say, and what is said about one that is refused.

mod access;
mod auth;
mod drift;
mod placement;
mod profiles;
mod reference;
mod rotation;
mod telemetry;

use std::{fs, path::Path};

use ringfence::{
    config::{Config, ConfigError, Origin, SimulatorCache, Verify},
    domain::CacheTarget,
};
use tempfile::TempDir;

const EXAMPLE: &str = "ringfence.example.toml";

const ONE_CACHE: &str = "
[[caches]]
name = 'main'
user_group = 'Ringfence'
replication_group = 'Cache-Main'
";

/// Loads a file of this text.
fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("ringfence.toml");
    fs::write(&path, text).unwrap();
    Config::load(Some(&path), pairs(variables))
}

fn pairs(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What is said of a text that is put before one good cache.
fn refusal(text: &str) -> String {
    let error = load(&format!("{text}\n{ONE_CACHE}"), &[]).unwrap_err().to_string();
    let (message, _path) = error.split_once(" (in ").unwrap_or((&error, ""));
    message.to_owned()
}

#[test]
fn the_example_is_accepted_and_its_values_are_the_defaults() {
    let example = Config::load(Some(Path::new(EXAMPLE)), []).unwrap();
    assert_eq!(example.caches.len(), 1);
    let without_caches = Config { caches: Vec::new(), ..example };
    assert_eq!(format!("{without_caches:?}"), format!("{:?}", Config::default()));
}

#[test]
fn one_cache_is_all_that_must_be_configured() {
    let config = load(ONE_CACHE, &[]).unwrap();
    let cache = &config.caches[0];
    assert_eq!(cache.name.as_str(), "main");
    assert_eq!(cache.user_group, "ringfence", "AWS keeps ids in lower case");
    assert_eq!(cache.target, CacheTarget::ReplicationGroup("cache-main".to_owned()));
    assert_eq!(cache.verify, Verify::Require);
    assert_eq!((cache.host.as_ref(), cache.port, cache.tls), (None, None, None));
}

#[test]
fn a_configuration_can_be_made_of_variables_alone() {
    let variables = pairs(&[
        ("RINGFENCE_LISTEN", "[::1]:9090"),
        ("RINGFENCE_RECONCILER__STEPS_IN_FLIGHT", "3"),
        ("RINGFENCE_CACHES__0__NAME", "main"),
        ("RINGFENCE_CACHES__0__USER_GROUP", "ringfence"),
        ("RINGFENCE_CACHES__0__SERVERLESS_CACHE", "main"),
        ("RINGFENCE_CACHES__0__PORT", "6380"),
        ("RINGFENCE_CACHES__0__TLS", "false"),
        ("RINGFENCE_CACHES__0__ENGINE_VERSION", "9.1"),
    ]);
    let config = Config::load(None, variables).unwrap();
    assert_eq!(config.listen.to_string(), "[::1]:9090");
    assert_eq!(config.reconciler.steps_in_flight.get(), 3);
    let cache = &config.caches[0];
    assert_eq!(cache.target, CacheTarget::ServerlessCache("main".to_owned()));
    assert_eq!((cache.port, cache.tls), (Some(6380), Some(false)));
    assert_eq!(cache.engine_version.unwrap().to_string(), "9.1.0");
}

#[test]
fn a_variable_wins_over_the_file() {
    let text = format!("secret_prefix = 'file/'\nuser_id_prefix = 'file-'\n{ONE_CACHE}");
    let config = load(&text, &[("RINGFENCE_SECRET_PREFIX", "variable/")]).unwrap();
    assert_eq!(config.secret_prefix, "variable/");
    assert_eq!(config.user_id_prefix, "file-");
}

#[test]
fn settings_that_nobody_knows_are_refused_all_at_once_with_their_place() {
    let text =
        format!("lisen = '127.0.0.1:1'\n{ONE_CACHE}\nprot = 1\n[reconciler.backoff]\nmax = 3");
    let variables = [("RINGFENCE_AWS__REGOIN", "x"), ("RINGFENCE_CACHES__0__HOTS", "x")];
    let error = load(&text, &variables).unwrap_err();
    let ConfigError::Unknown { settings } = &error else { panic!("{error}") };
    let found: Vec<_> = settings
        .iter()
        .map(|setting| match &setting.origin {
            Origin::Variable(name) => format!("{} in {name}", setting.key),
            Origin::File(path) => format!("{} in {}", setting.key, file_name(path)),
            Origin::Unset => setting.key.clone(),
        })
        .collect();
    insta::assert_debug_snapshot!(found);
}

/// It is both unknown and missing; the first is what helps.
#[test]
fn a_misspelt_setting_that_must_be_given_is_called_unknown() {
    let error = load("[[caches]]\nnmae = 'main'", &[]).unwrap_err();
    assert!(matches!(error, ConfigError::Unknown { .. }), "{error}");
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap()
}

#[test]
fn a_refusal_names_the_setting_the_rule_and_the_remedy() {
    let faults = [
        "listen = 'localhost'",
        "listen = '0.0.0.0:8080'",
        "database = 'postgres://db/ringfence'",
        "key_pattern = '{tenant}*'",
        "user_id_prefix = 'RF_'",
        "user_id_prefix = 'a-prefix-that-is-long-'",
        "secret_prefix = ''",
        "secret_recovery_days = 6",
        "installation = 'a b'",
        "request_timeout = 30",
        "request_timeout = '0s'",
        "wait_max = '-1s'",
        "log = 'ringfence=loud'",
        "log_format = 'xml'",
        "aws.region = 'Frankfurt'",
        "aws.elasticache_endpoint = '127.0.0.1:4566'",
        "reconciler.steps_in_flight = 0",
        "reconciler.steps_in_flight = 'many'",
        "reconciler.poll_min = '11s'",
        "reconciler.retry_base = '6m'",
    ];
    let refusals: Vec<_> = faults.iter().map(|fault| refusal(fault)).collect();
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn a_refused_cache_is_named_by_its_place() {
    let names = "[[caches]]\nname = 'other'\nuser_group = 'other'";
    let faults = [
        names.to_owned(),
        format!("{names}\nreplication_group = 'x'\nserverless_cache = 'y'"),
        "[[caches]]\nname = 'other'\nreplication_group = 'x'".to_owned(),
        format!("{names}\nreplication_group = 'x'\nport = 65536"),
        format!("{names}\nreplication_group = 'x'\nengine = 'memcached'"),
        format!("{names}\nreplication_group = 'x'\nengine_version = 'nine'"),
        format!("{names}\nreplication_group = 'x'\nverify = 'maybe'"),
        format!("{names}\nreplication_group = 'x'\nhost = 'redis://x'"),
        format!("{names}\nreplication_group = '1x'"),
        "[[caches]]\nname = 'Other'\nuser_group = 'other'\nreplication_group = 'x'".to_owned(),
        "[[caches]]\nname = 'main'\nuser_group = 'other'\nreplication_group = 'x'".to_owned(),
        "[[caches]]\nname = 'a'\nuser_group = 'ringfencE'\nreplication_group = 'x'".to_owned(),
    ];
    let mut refusals: Vec<_> = faults.iter().map(|fault| refusal(fault)).collect();
    refusals.push(load("", &[]).unwrap_err().to_string());
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn a_refusal_says_where_the_value_stands() {
    let error = load(ONE_CACHE, &[("RINGFENCE_CACHES__0__PORT", "redis")]).unwrap_err();
    assert!(error.to_string().ends_with(" (in the variable RINGFENCE_CACHES__0__PORT)"), "{error}");
    let error = load(&format!("listen = 'x'\n{ONE_CACHE}"), &[]).unwrap_err();
    assert!(error.to_string().ends_with("/ringfence.toml)"), "{error}");
    let error = load("[reconciler]\nperiod = 30s", &[]).unwrap_err();
    assert!(error.to_string().contains("/ringfence.toml is not TOML"), "{error}");
    assert!(error.to_string().contains("line 2, column 10"), "{error}");
}

/// Whoever counts from one is told so.
#[test]
fn caches_are_numbered_from_zero() {
    let variables = pairs(&[
        ("RINGFENCE_CACHES__1__NAME", "main"),
        ("RINGFENCE_CACHES__1__USER_GROUP", "ringfence"),
        ("RINGFENCE_CACHES__1__SERVERLESS_CACHE", "main"),
    ]);
    let error = Config::load(None, variables).unwrap_err();
    assert!(error.to_string().starts_with("caches[0]: "), "{error}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = Config::load(Some(Path::new("no/such.toml")), []).unwrap_err();
    assert!(matches!(error, ConfigError::Unreadable { .. }), "{error}");
    assert!(error.to_string().starts_with("cannot read no/such.toml"), "{error}");
}

#[test]
fn the_simulators_configuration_has_its_cache_and_takes_variables() {
    let cache = SimulatorCache {
        host: "127.0.0.1".to_owned(),
        port: 6400,
        engine: "valkey".parse().unwrap(),
        version: "9.1.2".parse().unwrap(),
    };
    let variables = pairs(&[("RINGFENCE_KEY_PATTERN", "{tenant}-*")]);
    let config = Config::for_simulator(&cache, variables).unwrap();
    assert_eq!(config.key_pattern.as_str(), "{tenant}-*");
    let [main] = config.caches.as_slice() else { panic!("{:?}", config.caches) };
    assert_eq!((main.name.as_str(), main.user_group.as_str()), ("main", "ringfence"));
    assert_eq!(main.target, CacheTarget::ReplicationGroup("cache-main".to_owned()));
    assert_eq!((main.host.as_deref(), main.port), (Some("127.0.0.1"), Some(6400)));
    assert_eq!((main.tls, main.engine), (Some(false), Some(cache.engine)));
    assert_eq!(main.engine_version, Some(cache.version));
}
