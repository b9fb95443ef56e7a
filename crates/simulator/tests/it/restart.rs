//! What outlives a simulator, and what does not.

use std::io::Read as _;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{self, Command, Stdio};
use std::time::Duration;

use redis::{Client, cmd};
use ringfence_acl::EngineKind;
use ringfence_simulator::{EngineBinary, Simulator, Span, StartError};

use crate::bench::{
    ACCESS, Bench, CACHE, GROUP, PASSWORD, cache, config, elasticache, eventually, on_both_engines,
};

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
        let mut child = Child::start(&bench).await;
        let mut engine = TcpStream::connect(&child.cache).unwrap();
        child.kill();
        // The engine closes its connections when it ends: there is nothing more to read.
        engine.read_exact(&mut [0]).unwrap_err();
        eventually(async || TcpStream::connect(&child.cache).is_err()).await;
    }

    /// Its engine may still be on its way out, and nothing that was answered is lost.
    async fn a_simulator_follows_a_killed_one_at_once(bench: Bench) {
        let mut child = Child::start(&bench).await;
        let client = elasticache(&child.url);
        let create = client.create_user().user_id("acme").user_name("acme").passwords(PASSWORD);
        let create = create.engine(bench.engine_word()).access_string(ACCESS);
        create.send().await.unwrap();
        let add = client.modify_user_group().user_group_id(GROUP).user_ids_to_add("acme");
        add.send().await.unwrap();
        child.kill();

        let engine = EngineBinary::find(Some(bench.kind)).unwrap();
        let config = config(&child.directory, engine).with_cache(cache());
        let next = Simulator::start(config).await.unwrap();
        assert_eq!(next.cache_address(CACHE).unwrap().to_string(), child.cache);
        let url = format!("redis://acme:{PASSWORD}@{}/", child.cache);
        Client::open(url).unwrap().get_connection().unwrap();
    }
}

/// A simulator in a process of its own, to be killed.
struct Child {
    process: process::Child,
    directory: PathBuf,
    url: String,
    cache: String,
}

const CHILD_DIRECTORY: &str = "RINGFENCE_TEST_CHILD_DIRECTORY";
const CHILD_ENGINE: &str = "RINGFENCE_TEST_CHILD_ENGINE";

impl Child {
    async fn start(bench: &Bench) -> Self {
        let directory = bench.directory.path().join("child");
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["restart::child", "--exact", "--nocapture"])
            .env(CHILD_DIRECTORY, &directory)
            .env(CHILD_ENGINE, bench.engine_word())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        eventually(async || {
            said = std::fs::read_to_string(directory.join("ready")).unwrap_or_default();
            said.ends_with('\n')
        })
        .await;
        let (url, cache) = said.trim().split_once(' ').unwrap();
        let (url, cache) = (url.to_owned(), cache.to_owned());
        Self { process, directory, url, cache }
    }

    /// `SIGKILL`: it has no moment to say goodbye.
    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// What runs in the other process. On its own it claims nothing.
#[tokio::test]
async fn child() {
    let Some(directory) = std::env::var_os(CHILD_DIRECTORY).map(PathBuf::from) else { return };
    let kind: EngineKind = std::env::var(CHILD_ENGINE).unwrap().parse().unwrap();
    let engine = EngineBinary::find(Some(kind)).unwrap();
    let config = config(&directory, engine).with_cache(cache());
    let simulator = Simulator::start(config).await.unwrap();
    let said = format!("{} {}\n", simulator.url(), simulator.cache_address(CACHE).unwrap());
    std::fs::write(directory.join("ready"), said).unwrap();
    // Until it is killed, or the test that started it is gone.
    let read = tokio::task::spawn_blocking(|| std::io::stdin().read_exact(&mut [0]));
    read.await.unwrap().unwrap_err();
}

#[tokio::test]
async fn the_state_is_for_its_owner_only() {
    let bench = Bench::with_cache(EngineKind::Redis).await;
    bench.user("acme").await;
    let data = bench.directory.path().join("simulator");
    for file in ["simulator.json", "engines/123456789012/eu-west-1/main/engine.conf"] {
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
    let config = config(directory.path(), engine);
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
