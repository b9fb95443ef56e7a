//! What tenants cost.

use reqwest::Method;
use ringfence::domain::CALLS_OF_A_ROTATION;
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use crate::world::World;

async fn world() -> World {
    World::with(EngineKind::Valkey, |config| {
        config.cost.node_hour = "0.10".parse().unwrap();
        config.cost.own_node_hour = "0.02".parse().unwrap();
        config.cost.secret_reads = 1_000;
    })
    .await
}

fn names(report: &Value) -> Vec<&str> {
    let items = report["items"].as_array().unwrap();
    items.iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn tenants_and_services_are_compared_with_a_cluster_each() {
    let world = world().await;
    world.create_as(json!({ "name": "acme", "rotate_every_seconds": 730 * 3600 })).await;
    world.create("globex").await;
    world.send(Method::POST, "/services", json!({ "name": "billing" })).await;
    let users = "/tenants/globex/users/reports";
    world.send(Method::PUT, users, json!({ "profile": "read-only" })).await;
    world.create("initech").await;
    assert_eq!(world.delete("initech").await.status, 204);

    let report = world.get("/reports/cost").await;
    assert_eq!(report.status, 200, "{report:?}");
    let report = report.body;
    assert_eq!(names(&report), ["acme", "billing", "globex"], "deleted ones cost nothing");
    assert_eq!(report["tenants"], 3);
    // Two nodes for all at 0.10, or two for each at 0.02, for 730 hours.
    assert_eq!(
        (&report["shared"]["nodes"], &report["own_clusters"]["nodes"]),
        (&json!(2), &json!(6))
    );
    assert_eq!(report["shared"]["nodes_cost"], "146.0000");
    assert_eq!(report["own_clusters"]["nodes_cost"], "87.6000");
    assert_eq!(report["saved"], "-58.4000");
    assert_eq!(report["shared"]["secrets"], 4, "one for each user");
    assert_eq!(report["shared"]["secrets_cost"], "1.6000");
    let calls = 4_000 + u64::from(CALLS_OF_A_ROTATION);
    assert_eq!(report["shared"]["calls"], calls);
    let acme = &report["items"][0];
    assert_eq!(acme["shared"]["nodes_cost"], "48.6667");
    assert_eq!(acme["own_cluster"]["nodes_cost"], "29.2000");
    assert_eq!(acme["shared"]["calls"], 1_000 + u64::from(CALLS_OF_A_ROTATION));
    assert_eq!(report["items"][2]["shared"]["secrets"], 2);
}

#[tokio::test]
async fn the_totals_are_the_same_on_every_page() {
    let world = world().await;
    for name in ["acme", "globex", "initech"] {
        world.create(name).await;
    }
    let first = world.get("/reports/cost?limit=2").await.body;
    assert_eq!(names(&first), ["acme", "globex"]);
    let token = first["next_page_token"].as_str().unwrap();
    let second = world.get(&format!("/reports/cost?limit=2&page_token={token}")).await.body;
    assert_eq!(names(&second), ["initech"]);
    assert!(second["next_page_token"].is_null());
    assert_eq!(first["shared"], second["shared"]);
    for query in ["limit=0", "limit=201", "tenant=acme"] {
        let refused = world.get(&format!("/reports/cost?{query}")).await;
        assert_eq!(refused.problem(), "invalid-query", "{query}");
    }
    let refused = world.get("/reports/cost?page_token=bm9uc2Vuc2U").await;
    assert_eq!(refused.problem(), "invalid-page-token");
}

#[tokio::test]
async fn a_rotation_takes_the_calls_that_it_is_reckoned_with() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let calls = async || {
        let metrics = world.metrics_of_all_calls().await;
        let counts = metrics.counts("ringfence_aws_calls_total", "operation");
        counts
            .iter()
            .filter(|(operation, _)| operation.contains("Secret"))
            .map(|(_, n)| n)
            .sum::<u64>()
    };
    let before = calls().await;
    let path = "/tenants/acme/rotations";
    let rotation = world.send(Method::POST, path, json!({ "grace_seconds": 0 })).await;
    let path = format!("{path}/{}", rotation.body["id"].as_str().unwrap());
    world.until(&path, |rotation| rotation.body["phase"] == "completed").await;
    assert_eq!(calls().await - before, u64::from(CALLS_OF_A_ROTATION));
}
