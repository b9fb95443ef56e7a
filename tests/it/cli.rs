//! The program as it is started by people and scripts.

mod acl;
mod audit;
mod backup;
mod client;
mod import;
mod readme;
mod running;
mod stopping;
mod tls;
mod token;

use std::{fs, path::Path};

use ringfence_acl::EngineKind;
use ringfence_simulator::EngineBinary;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::TenantLogin;
use running::{Running, finish, get, ringfence, run};

#[tokio::test]
async fn every_command_explains_itself_with_an_example() {
    let help = run(&["--help"]).await;
    assert!(help.success, "{help:?}");
    let commands = [
        "dev",
        "serve",
        "check-config",
        "backup",
        "restore",
        "import",
        "audit",
        "token",
        "tenant",
        "rotation",
        "status",
        "acl",
        "simulate",
        "openapi",
        "healthcheck",
        "completions",
    ];
    for command in commands {
        assert!(help.stdout.contains(&format!("\n  {command} ")), "{}", help.stdout);
        let help = run(&[command, "--help"]).await;
        assert!(help.stdout.contains("Example"), "{}", help.stdout);
    }
}

#[tokio::test]
async fn the_version_is_the_packages() {
    let version = run(&["--version"]).await;
    assert_eq!(version.stdout, format!("ringfence {}\n", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn check_config_accepts_the_example_and_touches_nothing() {
    let example = Path::new("ringfence.example.toml").canonicalize().unwrap();
    let directory = TempDir::new().unwrap();
    let mut command = ringfence(&["check-config", "--config", example.to_str().unwrap()]);
    let outcome = finish(command.current_dir(directory.path())).await;
    assert!(outcome.success, "{outcome:?}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_refused_configuration_ends_both_commands_that_read_it() {
    let variables = [("RINGFENCE_LISTEN", "0.0.0.0:8080"), ("RINGFENCE_CACHES__0__NAME", "main")];
    for command in ["check-config", "serve"] {
        let outcome = finish(ringfence(&[command]).envs(variables)).await;
        assert!(!outcome.success, "{outcome:?}");
        assert!(outcome.stderr.starts_with("error: "), "{outcome:?}");
        assert_eq!(outcome.stdout, "");
    }
    let outcome = finish(ringfence(&["serve"]).env("RINGFENCE_LISEN", "x")).await;
    assert!(outcome.stderr.contains("unknown setting lisen"), "{outcome:?}");
}

#[tokio::test]
async fn openapi_prints_the_committed_document() {
    let printed = run(&["openapi"]).await;
    assert!(printed.success, "{printed:?}");
    assert_eq!(printed.stdout, fs::read_to_string("openapi/ringfence.json").unwrap());
}

#[tokio::test]
async fn without_an_engine_dev_says_how_to_get_one_and_stops() {
    let directory = TempDir::new().unwrap();
    let nothing = [("RINGFENCE_VALKEY", "/no/valkey"), ("RINGFENCE_REDIS", "/no/redis")];
    let mut command = ringfence(&["dev"]);
    let outcome = finish(command.envs(nothing).current_dir(directory.path())).await;
    assert!(!outcome.success, "{outcome:?}");
    assert!(outcome.stderr.contains("make engines"), "{outcome:?}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "nothing was made");
}

#[tokio::test]
async fn nobody_listens_where_healthcheck_fails() {
    let outcome = run(&["healthcheck", "--address", "127.0.0.1:1"]).await;
    assert!(!outcome.success);
    assert!(outcome.stderr.contains("no answer"), "{outcome:?}");
}

#[tokio::test]
async fn dev_says_where_everything_runs() {
    for kind in [EngineKind::Valkey, EngineKind::Redis] {
        let engine = EngineBinary::find(Some(kind)).unwrap().engine;
        let directory = TempDir::new().unwrap();
        let dev = Running::dev(&directory, &["--engine", &kind.to_string()]).await;
        let expected = json!({
            "api": dev.api(),
            "simulator": dev.addresses["simulator"],
            "cache": {
                "host": "127.0.0.1",
                "port": dev.addresses["cache"]["port"],
                "engine": kind.to_string(),
                "version": engine.version.to_string(),
            },
            "token": null,
        });
        assert_eq!(dev.addresses, expected);
        for url in [dev.api(), dev.addresses["simulator"].as_str().unwrap()] {
            assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with(":0"), "{url}");
            assert!(dev.said.contains(url), "{}", dev.said);
        }
        let health = run(&["healthcheck", "--address", &dev.api()["http://".len()..]]).await;
        assert!(health.success, "{health:?}");
        dev.stop().await;
    }
}

#[tokio::test]
async fn dev_runs_a_cache_of_several_nodes() {
    let directory = TempDir::new().unwrap();
    let dev = Running::dev(&directory, &["--shards", "2", "--replicas", "1"]).await;
    dev.create_tenant("acme").await;
    let attestations = dev.get("/tenants/acme/attestations").await;
    let nodes = attestations["items"][0]["finding"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 4, "{nodes:?}");
    dev.stop().await;
}

/// The engine takes tokens that are signed with the simulator's access key.
#[tokio::test]
async fn a_tenant_without_a_password_is_at_home_in_dev() {
    let directory = TempDir::new().unwrap();
    let dev = Running::dev(&directory, &[]).await;
    let request = reqwest::Client::new().post(format!("{}/tenants", dev.api()));
    let request = request.header("prefer", "wait=60");
    let answer = request.json(&json!({ "name": "acme", "auth": "iam" })).send().await.unwrap();
    let tenant: Value = answer.json().await.unwrap();
    assert_eq!(tenant["status"], "active", "{tenant}");
    assert_eq!(tenant["attested"]["verdict"], "isolated");
    dev.stop().await;
}

#[tokio::test]
async fn ctrl_c_stops_as_sigterm_does() {
    let directory = TempDir::new().unwrap();
    Running::dev(&directory, &[]).await.stop_by("INT").await;
}

#[tokio::test]
async fn a_data_directory_is_for_one_at_a_time() {
    let directory = TempDir::new().unwrap();
    let dev = Running::dev(&directory, &[]).await;
    for command in ["dev", "simulate"] {
        let second = finish(ringfence(&[command]).current_dir(directory.path())).await;
        assert!(!second.success, "{second:?}");
        assert!(second.stderr.contains("in use by another ringfence"), "{second:?}");
    }
    dev.stop().await;
}

/// The tenant, its password and its way to the engine are there after a restart. `--fresh` forgets
/// them, and leaves alone what somebody else has put there.
#[tokio::test]
async fn state_outlives_a_restart_and_not_a_fresh_start() {
    let directory = TempDir::new().unwrap();
    let first = Running::dev(&directory, &[]).await;
    first.create_tenant("acme").await;
    let credentials = first.get("/tenants/acme/credentials").await;
    first.stop().await;

    let second = Running::dev(&directory, &[]).await;
    second.create_tenant("globex").await;
    assert_eq!(second.get("/tenants/acme/credentials").await, credentials);
    let mut acme = TenantLogin::with_url(credentials["url"].as_str().unwrap()).await.unwrap();
    acme.set("acme:a", "1").await.unwrap();
    second.stop().await;

    let strange = directory.path().join(".ringfence/notes.txt");
    fs::write(&strange, "keep me").unwrap();
    let third = Running::dev(&directory, &["--fresh"]).await;
    assert_eq!(third.get("/tenants/acme").await["status"], 404);
    assert_eq!(fs::read_to_string(strange).unwrap(), "keep me");
    third.stop().await;
}

/// What `simulate` says to export is enough for `serve`. The simulator goes on when the service is
/// killed.
#[tokio::test]
async fn the_simulator_runs_without_the_service() {
    let directory = TempDir::new().unwrap();
    let simulator = Running::simulate(&directory, &["--latency", "none"]).await;
    assert_eq!(simulator.addresses["api"], Value::Null);

    let mut serve = ringfence(&["serve"]);
    serve.current_dir(directory.path()).envs(simulator.exports());
    let service = Running::serve(serve.env("RINGFENCE_LISTEN", "127.0.0.1:0")).await;
    service.create_tenant("acme").await;
    service.kill().await;

    let url = simulator.addresses["simulator"].as_str().unwrap();
    let state = get(&format!("{url}/_simulator/state")).await.to_string();
    assert!(state.contains("rf-acme"), "{state}");
    simulator.stop().await;
}
