//! Stopping in order.

use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::json;

use crate::world::{Answer, World};

/// A request that waits is answered as things stand, and the next start goes on with the work.
#[tokio::test]
async fn a_stopping_service_answers_those_who_wait_and_loses_nothing() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.control().add_fault(Fault::before("CreateUser").error("Throttling", 400));
    let request = world.request(Method::POST, "/tenants").header("prefer", "wait=60");
    let waiting = Answer::of(request.json(&json!({ "name": "acme" })));
    let (answer, ()) = tokio::join!(waiting, async {
        while world.get("/tenants/acme").await.body["problem"].is_null() {}
        world.stop_service().await;
    });
    assert_eq!((answer.status, &answer.body["status"]), (202, &json!("provisioning")));
    world.control().clear_faults();
    world.start_service().await;
    assert_eq!(world.create("acme").await.body["status"], "active");
}
