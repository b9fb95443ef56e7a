//! Long random runs: whatever happens, AWS ends as it was wanted.
//!
//! A seed says what is asked for and in which order; how calls and faults fall together varies, so a
//! seed that fails may have to be played more than once. `make soak SEEDS=1000` plays many.

mod deed;
mod invariants;
mod wanted;

use std::{env, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt as _;
use jiff::SignedDuration;
use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::{Fault, Latencies, Span};
use serde_json::{Value, json};

use self::{deed::Deed, wanted::Wanted};
use crate::world::{Answer, World, set_quota};

/// More users than any run has.
const QUOTA: u32 = 2_000;
/// How often it is looked whether all work is done.
const LOOKS_MAX: u32 = 20_000;
/// How often it is swept until nothing differs.
const SWEEPS_MAX: u32 = 50;

/// What a run is made of.
struct Soak {
    world: World,
    chance: fastrand::Rng,
    wanted: Wanted,
    n_asked: u32,
}

/// A number from a variable, which `make soak` sets.
fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().unwrap())
}

#[tokio::test]
async fn whatever_happens_aws_ends_as_it_was_wanted() {
    let first = number("SOAK_FIRST").unwrap_or_else(|| fastrand::u64(..1_000_000));
    let n_tenants = usize::try_from(number("SOAK_TENANTS").unwrap_or(16)).unwrap();
    for seed in first..first + number("SOAK_SEEDS").unwrap_or(1) {
        let run = AssertUnwindSafe(Box::pin(play(seed, n_tenants)));
        assert!(
            run.catch_unwind().await.is_ok(),
            "play it again: make soak SOAK_FIRST={seed} SEEDS=1 SOAK_TENANTS={n_tenants}"
        );
    }
}

async fn play(seed: u64, n_tenants: usize) {
    let world = World::with(EngineKind::Valkey, |config| {
        set_quota(&mut config.caches[0], QUOTA);
        config.reconciler.period = Duration::from_millis(200);
    })
    .await;
    let mut soak = Soak {
        world,
        chance: fastrand::Rng::with_seed(seed),
        wanted: Wanted::default(),
        n_asked: 0,
    };
    let before = soak.begin().await;
    soak.start_weather();
    for _ in 0..8 * n_tenants {
        let deed = Deed::draw(&mut soak.chance);
        Box::pin(soak.act(deed, n_tenants)).await;
    }
    soak.world.control().clear_faults();
    soak.settle_without_drift().await;
    Box::pin(soak.assert_kept_out()).await;
    soak.resume_all().await;
    soak.settle_without_drift().await;
    Box::pin(soak.assert_invariants(&before)).await;
}

impl Soak {
    /// Faults of every kind, answers that come late, and changes that take their time.
    fn start_weather(&self) {
        let control = self.world.control();
        for fault in [
            Fault::before("*").with_probability(0.03),
            Fault::after("*").with_probability(0.03),
            Fault::before("*").error("Throttling", 400).with_probability(0.02),
            Fault::after("*").error("InternalFailure", 500).with_probability(0.02),
        ] {
            control.add_fault(fault);
        }
        control.change_settings(|settings| {
            settings.latencies = Latencies {
                call: Span::between_ms(0, 10),
                user_create: Span::between_ms(0, 20),
                user_modify: Span::between_ms(0, 20),
                user_delete: Span::between_ms(0, 20),
                group_modify: Span::between_ms(10, 40),
                member_lock: Span::between_ms(0, 20),
                ..Latencies::none()
            };
            settings.throttling.insert("*".to_owned(), 200.0);
        });
    }

    /// Lets in who is kept out.
    async fn resume_all(&mut self) {
        for name in self.wanted.resume_all() {
            let path = format!("/tenants/{name}");
            let resumed = self.world.request(Method::PATCH, &path);
            let resumed = Answer::of(resumed.json(&json!({ "suspended": false }))).await;
            assert_eq!(resumed.status, 202, "{resumed:?}");
        }
    }

    /// Waits until there is no work left, and a sweep finds none.
    async fn settle_without_drift(&self) {
        for _ in 0..SWEEPS_MAX {
            self.settle().await;
            self.sweep().await;
            let drift = self.world.get("/drift").await;
            if drift.body["items"].as_array().unwrap().is_empty() && self.is_settled().await {
                return;
            }
        }
        panic!("it never ends to differ: {:?}", self.world.get("/drift").await);
    }

    /// Waits until there is no work left. Time passes on the service's clock, so that what was put off
    /// becomes due; and it is swept, because work may wait for what somebody has changed.
    async fn settle(&self) {
        self.world.control().change_settings(|settings| settings.throttling.clear());
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        for look in 0..LOOKS_MAX {
            if look % 50 == 0 {
                self.world.clock.advance(SignedDuration::from_mins(20));
                self.sweep().await;
            }
            // Twice, because work may lead to work elsewhere, as a rotation's end to the next of a fleet's.
            if self.is_settled().await && self.is_settled().await {
                return;
            }
            looks.tick().await;
        }
        panic!("the work never ends: {:#?}", self.unsettled().await);
    }

    async fn sweep(&self) {
        self.world.send(Method::POST, "/drift/sweeps", json!({})).await;
    }

    async fn is_settled(&self) -> bool {
        self.unsettled().await.is_none()
    }

    /// Something that is not as it is to be.
    async fn unsettled(&self) -> Option<Value> {
        let cache = self.world.get("/caches/main").await.body;
        if cache["queue_depth"] != 0 {
            let tenants = self.world.get("/tenants?limit=200").await.body["items"].take();
            let is_settled = |it: &Value| it["status"] == "active" || it["status"] == "suspended";
            let waiting = tenants.as_array().unwrap().iter().find(|it| !is_settled(it));
            return Some(json!({ "cache": cache, "waiting": waiting }));
        }
        // Those of who is kept out wait, and so do a fleet's with them.
        if self.wanted.let_in().count() == self.wanted.names().count() {
            let fleets = self.world.get("/rotations?limit=50").await.body["items"].take();
            let running = fleets.as_array().unwrap().iter().find(|it| it["state"] == "running");
            if running.is_some() {
                return running.cloned();
            }
        }
        for name in self.wanted.let_in() {
            let rotations = self.world.get(&format!("/tenants/{name}/rotations")).await.body;
            let is_over = |it: &Value| {
                ["completed", "cancelled", "failed"].iter().any(|over| it["status"] == *over)
            };
            let open = rotations["items"].as_array().unwrap().iter().find(|it| !is_over(it));
            if open.is_some() {
                return open.cloned();
            }
        }
        None
    }
}
