//! Break-glass sessions: everything, for a while, with a reason.

use jiff::SignedDuration;
use reqwest::Method;
use ringfence_acl::EngineKind;
use serde_json::json;

use crate::world::{Answer, World, on_both_engines};

async fn open(world: &World) -> Answer {
    let body = json!({ "reason": "INC-1: look at acme", "ttl_seconds": 900 });
    world.send(Method::POST, "/break-glass", body).await
}

on_both_engines! {
    async fn a_session_sees_everything_and_is_closed_by_hand(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        world.login("acme").await.set("acme:x", "1").await.unwrap();
        let before = world.aws().await;
        let opened = open(&world).await;
        assert_eq!((opened.status, &opened.body["status"]), (201, &json!("active")), "{opened:?}");
        assert_eq!(opened.body["reason"], "INC-1: look at acme");
        let path = opened.headers["location"].to_str().unwrap().to_owned();

        let mut admin = world.login_with(&format!("{path}/credentials")).await;
        assert_eq!(admin.get("acme:x").await.unwrap().as_deref(), Some("1"));
        admin.run(&["SCAN", "0"]).await.unwrap();
        let isolation = world.get("/isolation").await.body;
        assert_eq!(isolation["between_tenants"], "isolated", "{isolation}");
        let listed = isolation["users"].as_array().unwrap();
        assert!(listed.iter().any(|user| user["break_glass"] == opened.body["name"]), "{isolation}");

        assert_eq!(world.remove(&path).await.status, 204);
        assert!(admin.get("acme:x").await.is_err(), "its connection was cut");
        assert_eq!(world.get(&path).await.problem(), "session-not-found");
        let after = world.aws().await;
        assert_eq!(after.user_ids(), before.user_ids());
        assert_eq!(after.living_secrets(), before.living_secrets());
    }

    /// The service is down when the time is over; the next start finds that out.
    async fn a_session_ends_by_itself_even_across_a_restart(kind) {
        let mut world = World::new(kind).await;
        let before = world.aws().await;
        let path = open(&world).await.headers["location"].to_str().unwrap().to_owned();
        let mut admin = world.login_with(&format!("{path}/credentials")).await;
        world.stop_service().await;
        world.clock.advance(SignedDuration::from_mins(16));
        world.start_service().await;
        world.until(&path, |answer| answer.status == 404).await;
        assert!(admin.get("acme:x").await.is_err(), "its connection was cut");
        assert_eq!(world.aws().await.user_ids(), before.user_ids());
        assert!(world.aws().await.living_secrets().is_empty());
    }
}

#[tokio::test]
async fn each_request_opens_a_session_unless_it_is_the_same_request() {
    let world = World::new(EngineKind::Valkey).await;
    let body = json!({ "reason": "INC-1" });
    let keyed = || {
        let request = world.request(Method::POST, "/break-glass").header("idempotency-key", "k1");
        Answer::of(request.header("prefer", "wait=60").json(&body))
    };
    let (first, again, other) = (keyed().await, keyed().await, open(&world).await);
    assert_eq!(first.body["name"], again.body["name"]);
    assert_ne!(first.body["name"], other.body["name"]);
    let listed = world.get("/break-glass").await.body["items"].as_array().unwrap().len();
    assert_eq!(listed, 2);
}

#[tokio::test]
async fn a_session_needs_a_reason_and_ends_within_a_day() {
    let world = World::new(EngineKind::Valkey).await;
    let body = json!({ "reason": " ", "ttl_seconds": 86_401, "cache": "-" });
    let refused = world.send(Method::POST, "/break-glass", body).await;
    assert_eq!((refused.status, refused.problem()), (400, "invalid-body"), "{refused:?}");
    let places: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(places, ["/cache", "/reason", "/ttl_seconds"]);
}

#[tokio::test]
async fn no_tenant_can_have_the_name_of_a_session() {
    let world = World::new(EngineKind::Valkey).await;
    for name in ["break-glass", "break-glass-1"] {
        let refused = world.create(name).await;
        assert_eq!((refused.status, refused.problem()), (400, "invalid-body"), "{name}");
    }
    assert_eq!(world.create("break-glassy").await.status, 201);
}

/// Its name is a tenant's name in form, and must not be found as one.
#[tokio::test]
async fn a_session_is_reached_under_its_own_path_only() {
    let world = World::new(EngineKind::Valkey).await;
    let name = open(&world).await.body["name"].as_str().unwrap().to_owned();
    for path in ["tenants", "services"] {
        for what in ["", "/credentials"] {
            let answer = world.get(&format!("/{path}/{name}{what}")).await;
            assert_eq!(answer.status, 404, "/{path}/{name}{what}");
        }
        assert_eq!(world.remove(&format!("/{path}/{name}")).await.status, 404, "{path}");
    }
    let user = world.send(Method::PUT, &format!("/tenants/{name}/users/x"), json!({})).await;
    assert_eq!((user.status, user.problem()), (404, "tenant-not-found"));
}

#[tokio::test]
async fn a_session_ends_while_the_service_runs_and_its_credentials_end_at_once() {
    let world = World::with(EngineKind::Valkey, |config| {
        // The worker cannot reach AWS for a while, so that the session is still there.
        config.reconciler.period = std::time::Duration::from_millis(20);
    })
    .await;
    let path = open(&world).await.headers["location"].to_str().unwrap().to_owned();
    let fault = ringfence_simulator::Fault::before("DescribeUserGroups").error("Throttling", 400);
    world.control().add_fault(fault);
    world.clock.advance(SignedDuration::from_mins(16));
    let late = world.get(&format!("{path}/credentials")).await;
    assert_eq!((late.status, late.problem()), (409, "tenant-not-active"), "{late:?}");
    world.control().clear_faults();
    world.until(&path, |answer| answer.status == 404).await;
    assert!(world.aws().await.living_secrets().is_empty());
}

/// What AWS refuses would block a tenant until a person acts; a session must go all the same.
#[tokio::test]
async fn a_session_is_removed_even_if_aws_refuses_at_first() {
    let world = World::new(EngineKind::Valkey).await;
    let path = open(&world).await.headers["location"].to_str().unwrap().to_owned();
    let fault =
        ringfence_simulator::Fault::before("DeleteUser").error("InvalidParameterValue", 400);
    world.control().add_fault(fault.times(3));
    assert_eq!(world.remove(&path).await.status, 204);
}

#[tokio::test]
async fn both_ends_of_a_session_and_each_reading_are_recorded_with_the_reason() {
    let world = World::new(EngineKind::Valkey).await;
    let path = open(&world).await.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("{path}/credentials")).await.status, 200);
    world.clock.advance(SignedDuration::from_mins(16));
    open(&world).await;
    world.until(&path, |answer| answer.status == 404).await;
    let name = path.rsplit('/').next().unwrap();
    let recorded = world.recorded(name).await;
    let about_it: Vec<&str> = recorded
        .iter()
        .filter(|(_, detail)| detail == "INC-1: look at acme")
        .map(|(kind, _)| kind.as_str())
        .collect();
    assert_eq!(
        about_it,
        [
            "break-glass.requested",
            "break-glass.opened",
            "credentials.read",
            "break-glass.expired",
            "break-glass.closed"
        ]
    );
}
