//! Rotations under fire: clients that log in all the time, killed processes, two processes at once.
//! What is claimed is read from AWS's and the engine's state, never from the service's store.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::{Client, Method};
use ringfence_acl::EngineKind;
use ringfence_simulator::{CallRecord, Fault, Outcome};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{sync::Mutex, task::JoinSet};

use crate::world::{Answer, ServiceProcess, Size, TenantLogin, World, on_both_engines};

const ROTATIONS: &str = "/tenants/acme/rotations";
const SECRET: &str = "ringfence/acme";

/// What a version of the tenant's secret says, read as a consumer does; nothing if no version
/// carries the label.
async fn read(secrets: &aws_sdk_secretsmanager::Client, label: &str) -> Option<String> {
    loop {
        let call = secrets.get_secret_value().secret_id(SECRET).version_stage(label);
        match call.send().await {
            Ok(answer) => return Some(url_in(answer.secret_string().unwrap())),
            Err(error) if error.as_service_error().is_some_and(is_not_found) => return None,
            // The weather strikes consumers as well, and they ask again.
            Err(_) => {}
        }
    }
}

fn is_not_found(
    error: &aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError,
) -> bool {
    error.is_resource_not_found_exception()
}

fn url_in(secret: &str) -> String {
    let value: Value = serde_json::from_str(secret).unwrap();
    let member = |name: &str| value[name].as_str().unwrap().to_owned();
    let (host, port) = (member("host"), value["port"].as_u64().unwrap());
    format!("redis://{}:{}@{host}:{port}", member("username"), member("password"))
}

async fn works(url: &str) -> bool {
    TenantLogin::with_url(url).await.is_ok()
}

/// Invariant: some password that `AWSCURRENT` or `AWSPREVIOUS` holds can log in.
async fn assert_nobody_is_locked_out(world: &World, at: &str) {
    let secrets = world.secrets_manager();
    let current = read(&secrets, "AWSCURRENT").await.expect(at);
    if works(&current).await {
        return;
    }
    let previous = read(&secrets, "AWSPREVIOUS").await.unwrap_or_else(|| panic!("{at}"));
    assert!(works(&previous).await, "{at}: neither AWSCURRENT nor AWSPREVIOUS can log in");
}

/// Logs in again and again until it is told to stop.
struct Knocker {
    tasks: JoinSet<()>,
    stop: Arc<AtomicBool>,
    logins: Arc<AtomicUsize>,
    refused: Arc<Mutex<Vec<String>>>,
}

impl Knocker {
    fn new() -> Self {
        Self {
            tasks: JoinSet::new(),
            stop: Arc::default(),
            logins: Arc::default(),
            refused: Arc::default(),
        }
    }

    /// Fifty times a second, with what `url` gives at that moment.
    fn knock<F>(&mut self, who: &'static str, url: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = HeldUrl> + Send,
    {
        let (stop, logins) = (Arc::clone(&self.stop), Arc::clone(&self.logins));
        let refused = Arc::clone(&self.refused);
        self.tasks.spawn(async move {
            let mut pace = tokio::time::interval(Duration::from_millis(20));
            while !stop.load(Ordering::SeqCst) {
                pace.tick().await;
                let url = url().await;
                if let Err(error) = TenantLogin::with_url(url.text()).await {
                    refused.lock().await.push(format!("{who}: {error}"));
                }
                logins.fetch_add(1, Ordering::SeqCst);
            }
        });
    }

    async fn stop(mut self) -> (usize, Vec<String>) {
        self.stop.store(true, Ordering::SeqCst);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        (self.logins.load(Ordering::SeqCst), std::mem::take(&mut *self.refused.lock().await))
    }
}

/// What a client logs in with. One that lags behind holds on to it while it does.
enum HeldUrl {
    Read(String),
    Lagging(tokio::sync::OwnedMutexGuard<String>),
}

impl HeldUrl {
    fn text(&self) -> &str {
        match self {
            Self::Read(url) => url,
            Self::Lagging(url) => url,
        }
    }
}

fn bad_weather(world: &World) {
    for fault in [
        Fault::before("*").with_probability(0.05),
        Fault::after("*").with_probability(0.05),
        Fault::before("*").error("ThrottlingException", 400).with_probability(0.05),
        Fault::after("*").error("InternalFailure", 500).with_probability(0.05),
    ] {
        world.control().add_fault(fault);
    }
}

/// Rotates once: to the grace, then the lagging clients change over, then to the end.
async fn rotate(world: &World, lagging: &Mutex<String>) {
    let body = json!({ "retire_when": "manual" });
    let rotation = world.send(Method::POST, ROTATIONS, body).await;
    let path = format!("{ROTATIONS}/{}", rotation.body["id"].as_str().unwrap());
    world.until(&path, |it| it.body["status"] == "grace").await;
    let current = read(&world.secrets_manager(), "AWSCURRENT").await.unwrap();
    *lagging.lock().await = current;
    world.send(Method::POST, &format!("{path}/retire"), json!({})).await;
    world.until(&path, |it| it.body["status"] == "completed").await;
}

on_both_engines! {
    /// One client logs in anew with whatever `AWSCURRENT` says, one is a version behind until the
    /// grace is about to end, and one has never closed its first connection.
    async fn no_login_fails_while_a_tenant_is_rotated_a_hundred_times_in_bad_weather(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        let secrets = world.secrets_manager();
        let first = read(&secrets, "AWSCURRENT").await.unwrap();
        let mut open = TenantLogin::with_url(&first).await.unwrap();
        let lagging = Arc::new(Mutex::new(first));
        let mut knocker = Knocker::new();
        knocker.knock("current", move || {
            let secrets = secrets.clone();
            async move { HeldUrl::Read(read(&secrets, "AWSCURRENT").await.unwrap()) }
        });
        let held = Arc::clone(&lagging);
        knocker.knock("lagging", move || {
            let held = Arc::clone(&held);
            async move { HeldUrl::Lagging(held.lock_owned().await) }
        });

        bad_weather(&world);
        for round in 0..100 {
            // AWS keeps a hundred versions of a day.
            world.control().advance_clock(Duration::from_hours(1)).await.unwrap();
            rotate(&world, &lagging).await;
            open.set("acme:round", &round.to_string()).await.expect("the connection is never cut");
        }
        let (logins, refused) = knocker.stop().await;
        assert_eq!(refused, [""; 0], "of {logins} logins");
        assert!(logins > 200, "only {logins} logins were tried");
        world.control().clear_faults();
        assert_eq!(world.aws().await.password_count("rf-acme"), 1);
    }
}

/// The service, killed and started again.
struct Mortal<'a> {
    world: &'a World,
    process: Option<ServiceProcess>,
    client: Client,
}

impl<'a> Mortal<'a> {
    fn new(world: &'a World) -> Self {
        Self { world, process: Some(ServiceProcess::start(world)), client: Client::new() }
    }

    /// On another database, as after a restored backup.
    fn on(world: &'a World, database: &Path) -> Self {
        let database = [("RINGFENCE_DATABASE", database.display().to_string())];
        let process = Some(ServiceProcess::start_with(world, database));
        Self { world, process, client: Client::new() }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        let url = format!("{}{path}", self.process.as_ref().unwrap().url);
        Answer::of(self.client.request(method, url).json(&body)).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Value::Null).await
    }

    fn kill_and_start(&mut self) {
        self.process.take().unwrap().kill();
        self.process = Some(ServiceProcess::start(self.world));
    }

    async fn until(&self, path: &str, is_awaited: impl Fn(&Answer) -> bool) -> Answer {
        let mut looks = tokio::time::interval(Duration::from_millis(5));
        loop {
            looks.tick().await;
            let answer = self.get(path).await;
            if is_awaited(&answer) {
                return answer;
            }
        }
    }

    /// The call that a fault holds back now; nothing if the rotation is over without one.
    async fn struck(&self, path: &str) -> Option<CallRecord> {
        let mut looks = tokio::time::interval(Duration::from_millis(2));
        loop {
            looks.tick().await;
            // In this order: what is over is over with all its calls.
            let is_over = is_over(&self.get(path).await);
            let calls = self.world.control().calls();
            if let Some(call) = calls.into_iter().find(|call| call.fault.is_some()) {
                return Some(call);
            }
            if is_over {
                return None;
            }
        }
    }
}

fn is_over(rotation: &Answer) -> bool {
    ["completed", "cancelled", "failed"].iter().any(|over| rotation.body["status"] == *over)
}

/// Each rotation is killed at another of its calls, and goes on in a new process.
async fn kill_at_each_call(fault: fn(&str) -> Fault, body: Value, changes_mind: bool) {
    Box::pin(kill_at_each(fault, &body, changes_mind)).await;
}

async fn kill_at_each(fault: fn(&str) -> Fault, body: &Value, changes_mind: bool) {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.stop_service().await;
    let mut service = Mortal::new(&world);
    let is_emergency = body["mode"] == "emergency";
    let mut ends = BTreeSet::new();
    for call in 0.. {
        assert!(call < 90, "a rotation takes fewer calls");
        world.control().clear_calls();
        world.control().add_fault(fault("*").skipping(call).times(1));
        let started = service.send(Method::POST, ROTATIONS, body.clone()).await;
        assert_eq!(started.status, 202, "{started:?}");
        let path = format!("{ROTATIONS}/{}", started.body["id"].as_str().unwrap());
        let struck = service.struck(&path).await;
        let at = struck.as_ref().map_or_else(String::new, |call| call.operation.clone());
        if changes_mind {
            service.send(Method::POST, &format!("{path}/cancel"), Value::Null).await;
        }
        world.control().clear_faults();
        if struck.is_some() {
            service.kill_and_start();
        }
        // Cutting connections takes the user out of the group for a moment.
        let is_cut = is_emergency && !world.aws().await.member_ids().contains("rf-acme");
        if !is_cut {
            assert_nobody_is_locked_out(&world, &at).await;
        }
        let over = service.until(&path, is_over).await;
        assert_nobody_is_locked_out(&world, &at).await;
        assert_eq!(world.aws().await.password_count("rf-acme"), 1, "{at}");
        assert_ne!(over.body["status"], "failed", "{at}: {over:?}");
        ends.insert(over.body["status"].as_str().unwrap().to_owned());
        if struck.is_none() {
            break;
        }
    }
    let both = ["cancelled".to_owned(), "completed".to_owned()];
    let expected = if changes_mind { &both[..] } else { &both[1..] };
    assert!(ends.iter().eq(expected), "{ends:?}");
}

#[tokio::test]
async fn a_rotation_killed_right_before_any_call_ends_completed() {
    kill_at_each_call(Fault::delay, json!({ "grace_seconds": 0 }), false).await;
}

#[tokio::test]
async fn a_rotation_killed_right_after_any_call_ends_completed() {
    kill_at_each_call(Fault::hang, json!({ "grace_seconds": 0 }), false).await;
}

#[tokio::test]
async fn an_emergency_killed_right_after_any_call_ends_completed() {
    let body = json!({ "mode": "emergency", "reason": "INC-1" });
    kill_at_each_call(Fault::hang, body, false).await;
}

#[tokio::test]
async fn a_rotation_cancelled_and_killed_at_any_call_ends_cancelled_or_completed() {
    kill_at_each_call(Fault::hang, json!({ "grace_seconds": 0 }), true).await;
}

fn promotions(world: &World) -> Vec<CallRecord> {
    let mut calls = world.control().calls();
    calls.retain(|call| {
        call.operation == "UpdateSecretVersionStage"
            && call.parameters["VersionStage"] == "AWSCURRENT"
    });
    calls
}

/// Starts a rotation of which no call gets through, and leaves it to two stores.
async fn one_rotation_in_two_stores(world: &mut World, copy: &Path) -> String {
    world.start_service().await;
    world.control().add_fault(Fault::before("*").error("InternalFailure", 500));
    let body = json!({ "grace_seconds": 0 });
    let started = Answer::of(world.request(Method::POST, ROTATIONS).json(&body)).await;
    assert_eq!(started.status, 202, "{started:?}");
    world.stop_service().await;
    std::fs::copy(&world.config.database, copy).unwrap();
    world.control().clear_faults();
    world.control().clear_calls();
    format!("{ROTATIONS}/{}", started.body["id"].as_str().unwrap())
}

#[tokio::test]
async fn of_two_processes_at_one_rotation_exactly_one_promotes() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.stop_service().await;
    let directory = TempDir::new().unwrap();
    for round in 0..5 {
        let copy = directory.path().join(format!("{round}.db"));
        let path = one_rotation_in_two_stores(&mut world, &copy).await;
        let (one, other) = (Mortal::new(&world), Mortal::on(&world, &copy));
        for process in [&one, &other] {
            let over = process.until(&path, is_over).await;
            assert_eq!(over.body["status"], "completed", "round {round}: {over:?}");
        }
        let promoted = promotions(&world);
        let promoted = promoted.iter().filter(|call| call.outcome == Outcome::Answered);
        assert_eq!(promoted.count(), 1, "round {round}");
        assert_nobody_is_locked_out(&world, "after a round").await;
        assert_eq!(world.aws().await.password_count("rf-acme"), 1);
        drop((one, other));
    }
}

/// A process is held up in one of its calls, while another finishes the rotation and the next one.
async fn wake_up_late(operation: &str) {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.stop_service().await;
    let directory = TempDir::new().unwrap();
    let copy = directory.path().join("copy.db");
    let first = one_rotation_in_two_stores(&mut world, &copy).await;
    world.control().add_fault(Fault::delay(operation).times(1));
    let stale = Mortal::on(&world, &copy);
    stale.struck(&first).await.expect(operation);

    let awake = Mortal::new(&world);
    awake.until(&first, |it| it.body["status"] == "completed").await;
    let next = awake.send(Method::POST, ROTATIONS, json!({ "grace_seconds": 0 })).await;
    let next = format!("{ROTATIONS}/{}", next.body["id"].as_str().unwrap());
    awake.until(&next, |it| it.body["status"] == "completed").await;
    let current = read(&world.secrets_manager(), "AWSCURRENT").await.unwrap();
    let n_promotions = promotions(&world).iter().filter(|it| it.fault.is_none()).count();
    assert_eq!(n_promotions, 2, "{operation}");

    world.control().release_delayed();
    let over = stale.until(&first, is_over).await;
    assert_eq!(over.body["problem"]["type"], "/problems/secret-changed", "{over:?}");
    let after = read(&world.secrets_manager(), "AWSCURRENT").await.unwrap();
    assert_eq!(after, current, "{operation}: the late one moved nothing");
    assert!(works(&current).await, "{operation}: the late one took nothing away");
    assert_eq!(world.aws().await.password_count("rf-acme"), 1, "{operation}");
}

#[tokio::test]
async fn a_process_that_wakes_up_late_moves_nothing_and_takes_no_password_away() {
    let operations =
        ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"];
    for operation in operations {
        Box::pin(wake_up_late(operation)).await;
    }
}

/// Every node of a cluster is logged in to, and every one refuses the old password.
#[tokio::test]
async fn a_rotation_holds_on_every_node_of_a_cluster() {
    let size = Size { shards: 2, replicas: 1 };
    let world = World::of(EngineKind::Valkey, size, |_| {}).await;
    let created = world.create("acme").await;
    assert_eq!(created.body["status"], "active", "{created:?}");
    let secrets = world.secrets_manager();
    let old = read(&secrets, "AWSCURRENT").await.unwrap();
    let started = world.send(Method::POST, ROTATIONS, json!({ "grace_seconds": 0 })).await;
    let path = format!("{ROTATIONS}/{}", started.body["id"].as_str().unwrap());
    world.until(&path, |it| it.body["status"] == "completed").await;
    let new = read(&secrets, "AWSCURRENT").await.unwrap();
    let nodes = world.nodes().await;
    assert_eq!(nodes.len(), 4);
    for node in nodes {
        let at = |url: &str| {
            let (login, _) = url.rsplit_once('@').unwrap();
            format!("{login}@{}", node.address)
        };
        assert!(works(&at(&new)).await, "{node:?}");
        assert!(!works(&at(&old)).await, "{node:?}");
    }
}
