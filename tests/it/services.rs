//! Services: parts of the product that share the cache, fenced like tenants.

use reqwest::Method;
use serde_json::json;

use crate::world::{World, code, on_both_engines};

on_both_engines! {
    async fn a_service_lives_beside_tenants_behind_its_own_fence(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        world.login("acme").await.set("acme:x", "1").await.unwrap();
        let body = json!({ "name": "billing", "profile": "queue" });
        let made = world.send(Method::POST, "/services", body.clone()).await;
        assert_eq!((made.status, &made.body["status"]), (201, &json!("active")), "{made:?}");
        assert_eq!(made.headers["location"], "/services/billing");
        assert_eq!(made.body["attested"]["verdict"], "isolated");
        assert_eq!(world.send(Method::POST, "/services", body).await.status, 200);

        let mut billing = world.login_with("/services/billing/credentials").await;
        billing.run(&["LPUSH", "billing:jobs", "1"]).await.unwrap();
        let refused = billing.get("acme:x").await.unwrap_err();
        assert_eq!(code(&refused), "NOPERM");
        assert_eq!(world.get("/isolation").await.body["between_tenants"], "isolated");

        assert_eq!(world.remove("/services/billing").await.status, 204);
        assert_eq!(world.get("/services/billing").await.problem(), "service-not-found");
    }

    async fn a_service_and_a_tenant_are_not_taken_for_each_other(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        world.send(Method::POST, "/services", json!({ "name": "billing" })).await;
        assert_eq!(world.get("/tenants/billing").await.problem(), "tenant-not-found");
        assert_eq!(world.get("/services/acme").await.problem(), "service-not-found");
        let names = async |path| {
            let items = world.get(path).await.body["items"].clone();
            items.as_array().unwrap().iter().map(|item| item["name"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(names("/tenants").await, ["acme"]);
        assert_eq!(names("/services").await, ["billing"]);
        let taken = world.create("billing").await;
        assert_eq!((taken.status, taken.problem()), (409, "tenant-name-taken"));
    }
}

#[tokio::test]
async fn a_service_has_one_user() {
    let world = World::new(ringfence_acl::EngineKind::Valkey).await;
    let body = json!({ "name": "billing", "users": [{ "name": "queue" }] });
    let refused = world.send(Method::POST, "/services", body).await;
    assert_eq!((refused.status, refused.problem()), (400, "invalid-body"));
    assert_eq!(refused.body["errors"][0]["pointer"], "/users");
}
