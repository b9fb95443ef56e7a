//! Rotations under clients that log in all the time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::json;
use tokio::{sync::Mutex, task::JoinSet};

use crate::world::{
    Size, TenantLogin, World,
    consumer::{read, works},
    on_both_engines,
};

const ROTATIONS: &str = "/tenants/acme/rotations";

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
