//! Asking for fleet rotations: who is selected, what is refused, how they are listed.

use reqwest::Method;
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use crate::{
    fleet_rotations::{members, path_of, start},
    world::{Answer, World},
};

/// How many users a selector selects.
async fn selected(world: &World, selector: Value) -> u64 {
    let body = json!({ "selector": selector, "reason": "r", "dry_run": true });
    let answer = start(world, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["selected"].as_u64().unwrap()
}

async fn world_with_three_tenants() -> World {
    let world = World::new(EngineKind::Valkey).await;
    let checkout = json!({ "team": "checkout", "plan": "gold" });
    let users = json!([{ "name": "sessions", "profile": "cache" }]);
    world.create_as(json!({ "name": "acme", "labels": checkout, "users": users })).await;
    world.create_as(json!({ "name": "globex", "labels": { "team": "checkout" } })).await;
    world.create_as(json!({ "name": "initech", "profile": "read-only" })).await;
    world
}

#[tokio::test]
async fn all_that_a_selector_says_must_be_met() {
    let world = world_with_three_tenants().await;
    world.send(Method::POST, "/services", json!({ "name": "billing" })).await;
    world.send(Method::POST, "/break-glass", json!({ "reason": "INC-1" })).await;
    for (selector, expected) in [
        (json!({}), 5),
        (json!({ "cache": "main" }), 5),
        (json!({ "profile": "read-only" }), 1),
        (json!({ "profile": "cache" }), 1),
        (json!({ "labels": { "team": "checkout" } }), 3),
        (json!({ "labels": { "team": "checkout", "plan": "gold" } }), 2),
        (json!({ "labels": { "team": "checkout" }, "profile": "read-write" }), 2),
        (json!({ "tenants": ["acme", "billing"] }), 3),
        (json!({ "tenants": ["acme"], "profile": "read-only" }), 0),
    ] {
        assert_eq!(selected(&world, selector.clone()).await, expected, "{selector}");
    }
    assert!(world.get("/rotations").await.body["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_password_is_as_old_as_its_last_promotion() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.create("globex").await;
    let rotated = world.send(Method::POST, "/tenants/acme/rotations", json!({})).await;
    let promoted_at = &rotated.body["steps"]["finish"];
    assert_eq!(selected(&world, json!({ "rotated_before": promoted_at })).await, 1);
    let late = json!({ "rotated_before": "2999-01-01T00:00:00Z" });
    assert_eq!(selected(&world, late).await, 2);
    let early = json!({ "rotated_before": "2001-01-01T00:00:00Z" });
    assert_eq!(selected(&world, early).await, 0);
}

#[tokio::test]
async fn one_that_selects_nobody_is_completed() {
    let world = world_with_three_tenants().await;
    let body = json!({ "selector": { "profile": "queue" }, "reason": "r" });
    let fleet = start(&world, body).await;
    assert_eq!((fleet.status, &fleet.body["state"]), (202, &json!("completed")), "{fleet:?}");
    assert_eq!(fleet.body["members"]["total"], 0);
}

#[tokio::test]
async fn the_same_request_twice_starts_one_fleet_rotation() {
    let world = world_with_three_tenants().await;
    let ask = async |reason: &str| {
        let request = world.request(Method::POST, "/rotations").header("idempotency-key", "k1");
        Answer::of(request.json(&json!({ "selector": {}, "reason": reason }))).await
    };
    let (first, second, other) = (ask("r").await, ask("r").await, ask("s").await);
    assert_eq!((second.status, &second.body["id"]), (202, &first.body["id"]), "{second:?}");
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert_eq!(other.problem(), "idempotency-key-reused");
    assert_eq!(world.get("/rotations").await.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn fleet_rotations_and_members_come_in_pages() {
    let world = world_with_three_tenants().await;
    let body = |reason: &str| json!({ "selector": { "tenants": ["acme"] }, "reason": reason });
    let first = start(&world, body("first")).await;
    start(&world, body("second")).await;
    let page = world.get("/rotations?limit=1").await;
    assert_eq!(page.body["items"][0]["reason"], "second", "{page:?}");
    let token = page.body["next_page_token"].as_str().unwrap();
    let last = world.get(&format!("/rotations?limit=1&page_token={token}")).await;
    assert_eq!(last.body["items"][0]["reason"], "first", "{last:?}");
    assert!(last.body["next_page_token"].is_null());

    let path = format!("{}/members?limit=1", path_of(&first));
    let page = world.get(&path).await;
    assert_eq!((&page.body["items"][0]["position"]), (&json!(1)), "{page:?}");
    let token = page.body["next_page_token"].as_str().unwrap();
    let last = world.get(&format!("{path}&page_token={token}")).await;
    assert_eq!(last.body["items"][0]["position"], 2, "{last:?}");
    assert!(last.body["next_page_token"].is_null());
    let other = world.get(&format!("{path}&status=failed&page_token={token}")).await;
    assert_eq!(other.problem(), "invalid-page-token");
    let unknown = world.get(&format!("{}/members?status=lost", path_of(&first))).await;
    assert_eq!(unknown.body["errors"][0]["parameter"], "status", "{unknown:?}");
    assert!(members(&world, &first, "skipped").await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_asked_of_a_fleet_rotation_is_named() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    for (body, pointer) in [
        (json!({ "reason": "r" }), ""),
        (json!({ "selector": {} }), ""),
        (json!({ "selector": {}, "reason": " " }), "/reason"),
        (json!({ "selector": { "team": "x" }, "reason": "r" }), "/selector/team"),
        (json!({ "selector": { "cache": "nowhere" }, "reason": "r" }), "/selector/cache"),
        (json!({ "selector": { "profile": "root" }, "reason": "r" }), "/selector/profile"),
        (json!({ "selector": { "labels": { "A": "x" } }, "reason": "r" }), "/selector/labels/A"),
        (json!({ "selector": { "tenants": [] }, "reason": "r" }), "/selector/tenants"),
        (
            json!({ "selector": { "tenants": ["acme", "amce"] }, "reason": "r" }),
            "/selector/tenants/1",
        ),
        (json!({ "selector": { "tenants": ["A"] }, "reason": "r" }), "/selector/tenants/0"),
        (
            json!({ "selector": { "rotated_before": "soon" }, "reason": "r" }),
            "/selector/rotated_before",
        ),
        (json!({ "selector": {}, "reason": "r", "max_in_flight": 0 }), "/max_in_flight"),
        (json!({ "selector": {}, "reason": "r", "max_in_flight": 51 }), "/max_in_flight"),
        (json!({ "selector": {}, "reason": "r", "grace_seconds": 604_801 }), "/grace_seconds"),
        (
            json!({ "selector": {}, "reason": "r", "mode": "emergency", "grace_seconds": 1 }),
            "/grace_seconds",
        ),
    ] {
        let refused = start(&world, body.clone()).await;
        assert_eq!(refused.status, 400, "{body}: {refused:?}");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{body}: {refused:?}");
    }
    for path in ["/rotations/x", "/rotations/01a2001e-33c4-7e40-8f1a-e2ad052b5067/members"] {
        assert_eq!(world.get(path).await.problem(), "fleet-rotation-not-found", "{path}");
    }
    assert!(world.get("/rotations").await.body["items"].as_array().unwrap().is_empty());
}
