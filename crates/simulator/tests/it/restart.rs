//! What outlives a simulator, and what does not.

use std::io::Read as _;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::{Client, cmd};
use ringfence_acl::EngineKind;
use ringfence_simulator::{EngineBinary, Simulator, SimulatorConfig, Span, StartError};

use crate::bench::{Bench, CACHE, GROUP, PASSWORD, cache, eventually, on_both_engines};

on_both_engines! {
    async fn everything_is_there_again_after_a_restart(bench: Bench) {
        bench.member("acme").await;
        let url = format!("redis://acme:{PASSWORD}@{}/", bench.address());
        let mut acme = Client::open(url.as_str()).unwrap().get_connection().unwrap();
        cmd("SET").arg("app:1").arg("x").exec(&mut acme).unwrap();
        let (before, address) = (bench.control.dump().await, bench.address());
        let now = bench.control.now();

        let bench = bench.restart().await;
        assert_eq!(bench.control.dump().await, before);
        assert_eq!(bench.address(), address, "the port is kept");
        assert!(bench.control.now() >= now, "time does not go back");
        let mut acme = Client::open(url.as_str()).unwrap().get_connection().unwrap();
        assert_eq!(cmd("GET").arg("app:1").query(&mut acme), Ok("x".to_owned()));
    }

    async fn what_was_under_way_goes_on_after_a_restart(bench: Bench) {
        bench.user("acme").await;
        bench.control.change_settings(|settings| {
            settings.latencies.group_modify = Span::exactly(Duration::from_mins(5));
        });
        let add = bench.elasticache.modify_user_group().user_group_id(GROUP);
        add.user_ids_to_add("acme").send().await.unwrap();

        let bench = bench.restart().await;
        assert_eq!(bench.describe_group(GROUP).await.status(), Some("modifying"));
        bench.control.advance_clock(Duration::from_mins(5)).await.unwrap();
        assert_eq!(bench.describe_group(GROUP).await.status(), Some("active"));
        let url = format!("redis://acme:{PASSWORD}@{}/", bench.address());
        Client::open(url).unwrap().get_connection().unwrap();
    }

    /// Nobody runs on with nobody to rule it, however the simulator ended.
    async fn the_engine_ends_with_a_killed_simulator(bench: Bench) {
        let directory = bench.directory.path().join("another");
        let (mut simulator, address) = start_child(&bench, &directory).await;
        let mut engine = TcpStream::connect(&address).unwrap();
        simulator.kill().unwrap();
        simulator.wait().unwrap();
        // The engine closes its connections when it ends: there is nothing more to read.
        engine.read_exact(&mut [0]).unwrap_err();
        eventually(async || TcpStream::connect(&address).is_err()).await;
    }

    /// The engine of the one before may still be on its way out.
    async fn a_simulator_can_follow_a_killed_one_at_once(bench: Bench) {
        let directory = bench.directory.path().join("another");
        let (mut simulator, address) = start_child(&bench, &directory).await;
        simulator.kill().unwrap();
        let engine = EngineBinary::find(Some(bench.kind)).unwrap();
        let config = SimulatorConfig::new(&directory, engine).with_cache(cache());
        let next = Simulator::start(config).await.unwrap();
        assert_eq!(next.cache_address(CACHE).unwrap().to_string(), address);
        simulator.wait().unwrap();
    }
}

/// Starts a simulator in a process of its own, and says where its engine listens.
async fn start_child(bench: &Bench, directory: &Path) -> (Child, String) {
    let simulator = Command::new(std::env::current_exe().unwrap())
        .args(["restart::child", "--exact", "--nocapture"])
        .env(CHILD_DIRECTORY, directory)
        .env(CHILD_ENGINE, bench.engine_word())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let ready = directory.join("address");
    let mut address = String::new();
    eventually(async || {
        address = std::fs::read_to_string(&ready).unwrap_or_default();
        address.ends_with('\n')
    })
    .await;
    (simulator, address.trim().to_owned())
}

const CHILD_DIRECTORY: &str = "RINGFENCE_TEST_CHILD_DIRECTORY";
const CHILD_ENGINE: &str = "RINGFENCE_TEST_CHILD_ENGINE";

/// The other process of the test above; on its own it claims nothing.
#[tokio::test]
async fn child() {
    let Some(directory) = std::env::var_os(CHILD_DIRECTORY).map(std::path::PathBuf::from) else {
        return;
    };
    let kind: EngineKind = std::env::var(CHILD_ENGINE).unwrap().parse().unwrap();
    let engine = EngineBinary::find(Some(kind)).unwrap();
    let config = SimulatorConfig::new(&directory, engine).with_cache(cache());
    let simulator = Simulator::start(config).await.unwrap();
    let address = simulator.cache_address(CACHE).unwrap();
    std::fs::write(directory.join("address"), format!("{address}\n")).unwrap();
    // Until it is killed, or the test that started it is gone.
    std::io::stdin().read_exact(&mut [0]).unwrap_err();
}

#[tokio::test]
async fn the_state_is_for_its_owner_only() {
    let bench = Bench::with_cache(EngineKind::Redis).await;
    bench.user("acme").await;
    let data = bench.directory.path().join("simulator");
    for file in ["simulator.json", "engines/main/engine.conf"] {
        let mode = std::fs::metadata(data.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let state = std::fs::read_to_string(data.join("simulator.json")).unwrap();
    assert!(!state.contains(PASSWORD), "of a user's password only the hash is kept");
}

#[tokio::test]
async fn what_cannot_be_used_stops_the_start() {
    let engine = EngineBinary::find(Some(EngineKind::Redis)).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let config = SimulatorConfig::new(directory.path(), engine);
    let mut open = config.clone();
    open.listen = "0.0.0.0:0".parse().unwrap();
    let refused = Simulator::start(open).await.unwrap_err();
    assert!(matches!(refused, StartError::NotLoopback { .. }), "{refused}");

    let mut wrong = cache();
    wrong.replication_group = "not a name".to_owned();
    let refused = Simulator::start(config.clone().with_cache(wrong)).await.unwrap_err();
    assert!(matches!(refused, StartError::Seed { .. }), "{refused}");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut on_taken_port = cache();
    on_taken_port.port = taken.local_addr().unwrap().port();
    let refused = Simulator::start(config.clone().with_cache(on_taken_port)).await.unwrap_err();
    assert!(matches!(refused, StartError::Seed { .. }), "{refused}");
    drop(taken);

    Simulator::start(config.clone().with_cache(cache())).await.unwrap().shutdown().await;
    let mut other = config.clone();
    other.engine = EngineBinary::find(Some(EngineKind::Valkey)).unwrap();
    let refused = Simulator::start(other).await.unwrap_err();
    assert!(matches!(refused, StartError::OtherEngine { .. }), "{refused}");

    std::fs::write(directory.path().join("simulator.json"), "{}").unwrap();
    let refused = Simulator::start(config).await.unwrap_err();
    assert!(matches!(refused, StartError::State(_)), "{refused}");
}
