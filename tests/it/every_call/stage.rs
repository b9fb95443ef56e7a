//! Where a scenario is played: one world for many runs, each with a tenant of its own.

use std::{future::pending, time::Duration};

use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::CallRecord;
use serde_json::Value;

use super::{scenario::Scenario, way::Way};
use crate::world::{Answer, AwsState, Mortal, TenantLogin, World, code};

/// How often an outcome is looked for until it counts as lost.
const LOOKS_MAX: u32 = 6_000;
/// The tenant of every run, once its own name is taken out of what it leaves.
const ANYBODY: &str = "anybody";

/// A world, and the service at work for one tenant after the other.
pub(super) struct Stage {
    scenario: Scenario,
    way: Way,
    world: World,
    service: Mortal,
    tenant: String,
    n_asked: u32,
    /// Whether the process of this run was killed already.
    has_died: bool,
}

/// How a scenario went.
pub(super) struct Run {
    /// What it has left in AWS.
    pub(super) left: String,
    pub(super) n_calls: u32,
    /// The call that went wrong.
    pub(super) struck: Option<CallRecord>,
}

impl Stage {
    pub(super) async fn new(scenario: Scenario, kind: EngineKind, way: Way) -> Self {
        let mut world = (scenario.world)(kind).await;
        world.stop_service().await;
        let service = Mortal::with(
            &world,
            [
                ("RINGFENCE_LOG", "warn,ringfence=info".to_owned()),
                ("RINGFENCE_RECONCILER__CALL_TIMEOUT", way.call_timeout().to_owned()),
                ("RINGFENCE_RECONCILER__RETRY_MAX", "40ms".to_owned()),
                ("RINGFENCE_ROTATION__GRACE", "0s".to_owned()),
                ("RINGFENCE_DRIFT__PERIOD", "24h".to_owned()),
                (
                    "RINGFENCE_DRIFT__POLICY",
                    "user-missing=report,secret-scheduled=report".to_owned(),
                ),
                ("RINGFENCE_DRIFT__RECHECK", "50ms".to_owned()),
            ],
        );
        let tenant = String::new();
        Self { scenario, way, world, service, tenant, n_asked: 0, has_died: false }
    }

    /// Plays the scenario with a tenant of this name, and with the call after so many going wrong.
    pub(super) async fn play(&mut self, tenant: &str, skipped: Option<u32>) -> Run {
        tenant.clone_into(&mut self.tenant);
        // Nobody dies before there is something to die of.
        self.has_died = true;
        let before = self.world.aws().await;
        (self.scenario.prepare)(self).await;
        let control = self.world.control();
        control.clear_calls();
        if let Some(skipped) = skipped {
            control.add_fault(self.way.fault(skipped));
            self.has_died = false;
        }
        (self.scenario.play)(self).await;
        let is_spent = control.faults().is_empty();
        control.clear_faults();
        let calls = control.calls();
        let struck = calls.iter().find(|call| call.fault.is_some()).cloned();
        // The struck call may have been one that nobody waited for.
        if is_spent && self.way.kills() && !self.has_died {
            self.kill().await;
        }
        // Nobody dies while the stage is cleared.
        self.has_died = true;
        let left = self.left_since(&before).await;
        self.clean_up().await;
        Run { left, n_calls: u32::try_from(calls.len()).unwrap(), struck }
    }

    /// The tenant's name.
    pub(super) fn tenant(&self) -> &str {
        &self.tenant
    }

    pub(super) fn tenant_path(&self) -> String {
        format!("/tenants/{}", self.tenant)
    }

    /// Somebody takes the tenant's user and secret away, behind the service's back.
    pub(super) async fn lose_user_and_secret(&self) {
        let user = format!("rf-{}", self.tenant);
        self.world.elasticache().delete_user().user_id(user).send().await.unwrap();
        let secret = format!("ringfence/{}", self.tenant);
        self.world.secrets_manager().delete_secret().secret_id(secret).send().await.unwrap();
    }

    /// Asks until there is an answer that is not a failure, and lets the service wait for the outcome
    /// where it can. What is asked for twice has its effect once.
    pub(super) async fn ask(&mut self, method: Method, path: &str, body: Value) -> Answer {
        self.n_asked += 1;
        let key = format!("{}-{}", self.tenant, self.n_asked);
        let answer = self
            .answered(|service| {
                let request = service.request(method.clone(), path).header("prefer", "wait=20");
                request.header("idempotency-key", &key).json(&body)
            })
            .await;
        assert!(answer.status < 400 || answer.status == 404, "{method} {path}: {answer:?}");
        answer
    }

    /// Looks until an answer is as it is awaited.
    pub(super) async fn until(&mut self, path: &str, is_awaited: impl Fn(&Answer) -> bool) {
        let mut looks = tokio::time::interval(Duration::from_millis(5));
        for _ in 0..LOOKS_MAX {
            let answer = self.answered(|service| service.request(Method::GET, path)).await;
            if is_awaited(&answer) {
                return;
            }
            let status = &answer.body["status"];
            assert!(status != "blocked" && status != "failed", "{path}: {answer:?}");
            looks.tick().await;
        }
        let last = self.service.get(path).await;
        panic!(
            "{path} never became what was awaited: {last:?}, {:?}",
            self.world.control().calls()
        );
    }

    /// Asks for a removal, and waits until there is nothing left of it.
    pub(super) async fn remove(&mut self, path: &str) {
        self.ask(Method::DELETE, path, Value::Null).await;
        self.until(path, |answer| answer.status == 404).await;
    }

    /// Sends a request until it is answered by a service that lives and does not fail.
    async fn answered(&mut self, request: impl Fn(&Mortal) -> reqwest::RequestBuilder) -> Answer {
        let mut looks = tokio::time::interval(Duration::from_millis(5));
        for _ in 0..LOOKS_MAX {
            let answer = tokio::select! {
                answer = Answer::of(request(&self.service)) => answer,
                () = self.death() => {
                    self.kill().await;
                    continue;
                }
            };
            if self.is_to_die() {
                self.kill().await;
            } else if answer.status < 500 {
                return answer;
            }
            looks.tick().await;
        }
        panic!("{}: the service does not answer any more", self.scenario.name);
    }

    /// Ends when it is time to kill the process, if it ever is.
    async fn death(&self) {
        if !self.way.kills() || self.has_died {
            return pending().await;
        }
        let mut looks = tokio::time::interval(Duration::from_millis(2));
        while !self.is_to_die() {
            looks.tick().await;
        }
    }

    fn is_to_die(&self) -> bool {
        // A fault that has struck is not armed any more.
        self.way.kills() && !self.has_died && self.world.control().faults().is_empty()
    }

    async fn kill(&mut self) {
        self.has_died = true;
        self.service.kill_and_start().await;
    }

    /// What AWS holds that it did not hold before, as if the tenant had been anybody; and the tenant's
    /// fence stands.
    async fn left_since(&self, before: &AwsState) -> String {
        let credentials = self.service.get(&format!("{}/credentials", self.tenant_path())).await;
        if credentials.status != 404 {
            self.assert_fenced(&credentials).await;
        }
        let left = self.world.aws().await.since(before);
        let left = serde_json::to_string_pretty(&left).unwrap();
        without_chance(&left.replace(&self.tenant, ANYBODY))
    }

    async fn assert_fenced(&self, credentials: &Answer) {
        let mut login =
            TenantLogin::with_url(credentials.body["url"].as_str().unwrap()).await.unwrap();
        login.set(&format!("{}:x", self.tenant), "1").await.unwrap();
        let refused = login.run(&["GET", "other:x"]).await.unwrap_err();
        assert_eq!(code(&refused), "NOPERM");
    }

    async fn clean_up(&mut self) {
        let path = self.tenant_path();
        self.remove(&path).await;
    }
}

/// The names of sessions are drawn.
fn without_chance(text: &str) -> String {
    let mut parts = text.split("break-glass-");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str("break-glass");
        kept.push_str(part.trim_start_matches(|it: char| it.is_ascii_alphanumeric()));
    }
    kept
}
