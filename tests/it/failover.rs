//! A replica becomes the primary while a tenant is made or its password replaced.

use std::{collections::BTreeSet, time::Duration};

use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::{Fault, Node};
use serde_json::{Value, json};

use crate::world::{Answer, Size, TenantLogin, World, code, on_both_engines};

const PAIR: Size = Size { shards: 1, replicas: 1 };
const CLUSTER: Size = Size { shards: 3, replicas: 1 };

/// A world in which the cache is where AWS says.
async fn world_of(kind: EngineKind, size: Size) -> World {
    World::of(kind, size, |config| {
        let cache = &mut config.caches[0];
        (cache.host, cache.port) = (None, None);
    })
    .await
}

/// Waits until a fault holds a call back, and fails over meanwhile.
async fn fail_over_at(world: &World, operation: &str, shard: usize) {
    let mut looks = tokio::time::interval(Duration::from_millis(5));
    // What has struck is not armed any more.
    while !world.control().faults().is_empty() {
        looks.tick().await;
    }
    let before = primaries(&world.nodes().await);
    world.control().fail_over("cache-main", shard).await.unwrap();
    assert_ne!(primaries(&world.nodes().await), before, "{operation}");
    world.control().release_delayed();
}

fn primaries(nodes: &[Node]) -> BTreeSet<u16> {
    nodes.iter().filter(|node| node.is_primary).map(|node| node.address.port()).collect()
}

/// The tenant can log in to every node and is fenced there, and an attestation of all says so.
async fn assert_at_home_everywhere(world: &World, name: &str, at: &str) {
    let login = world.get(&format!("/tenants/{name}/credentials")).await.body;
    let said = |member: &str| login[member].as_str().unwrap().to_owned();
    let nodes = world.nodes().await;
    for node in &nodes {
        let (user, password) = (said("username"), said("password"));
        let mut session =
            TenantLogin::with_password(node.address, &user, &password).await.expect(at);
        let refused = session.run(&["GET", "other:x"]).await.unwrap_err();
        assert_eq!(code(&refused), "NOPERM", "{at}: {}", node.address);
    }
    let finding = world.attest(name).await.body["finding"].clone();
    assert_eq!(finding["verdict"], "isolated", "{at}: {finding}");
    let attested = finding["nodes"].as_array().unwrap().iter();
    let attested: BTreeSet<u64> = attested.map(|node| node["port"].as_u64().unwrap()).collect();
    assert!(attested.iter().copied().eq(ports(&nodes)), "{at}: {finding}");
}

fn ports(nodes: &[Node]) -> BTreeSet<u64> {
    nodes.iter().map(|node| u64::from(node.address.port())).collect()
}

async fn provisioned_during_failovers(world: World, shards: usize) {
    let operations = ["CreateUser", "ModifyUserGroup", "DescribeUserGroups"];
    for (round, operation) in operations.into_iter().enumerate() {
        let name = format!("t{round}");
        world.control().add_fault(Fault::delay(operation).times(1));
        let body = json!({ "name": name });
        let accepted = Answer::of(world.request(Method::POST, "/tenants").json(&body)).await;
        assert_eq!(accepted.status, 202, "{accepted:?}");
        fail_over_at(&world, operation, round % shards + 1).await;
        world.until_phase(&name, "active").await;
        assert_at_home_everywhere(&world, &name, operation).await;
    }
}

async fn rotated_during_failovers(world: World, shards: usize) {
    world.create("acme").await;
    let operations = ["PutSecretValue", "ModifyUser", "UpdateSecretVersionStage"];
    for (round, operation) in operations.into_iter().enumerate() {
        let old = world.get("/tenants/acme/credentials").await.body["password"].clone();
        world.control().add_fault(Fault::delay(operation).times(1));
        let path = "/tenants/acme/rotations";
        let body = json!({ "grace_seconds": 0 });
        let started = Answer::of(world.request(Method::POST, path).json(&body)).await;
        assert_eq!(started.status, 202, "{started:?}");
        fail_over_at(&world, operation, round % shards + 1).await;
        let rotation = format!("{path}/{}", started.body["id"].as_str().unwrap());
        world.until(&rotation, |it| it.body["status"] == "completed").await;
        assert_at_home_everywhere(&world, "acme", operation).await;
        assert_gone_everywhere(&world, &old, operation).await;
    }
}

async fn assert_gone_everywhere(world: &World, old: &Value, at: &str) {
    for node in world.nodes().await {
        let login = TenantLogin::with_password(node.address, "acme", old.as_str().unwrap()).await;
        assert!(login.is_err(), "{at}: the old password works on {}", node.address);
    }
}

on_both_engines! {
    async fn a_tenant_made_while_a_pair_fails_over_is_there_on_both_nodes(kind) {
        provisioned_during_failovers(world_of(kind, PAIR).await, 1).await;
    }

    async fn a_password_replaced_while_a_pair_fails_over_is_replaced_on_both_nodes(kind) {
        rotated_during_failovers(world_of(kind, PAIR).await, 1).await;
    }
}

#[tokio::test]
async fn a_tenant_made_while_shards_of_a_cluster_fail_over_is_there_on_every_node() {
    provisioned_during_failovers(world_of(EngineKind::Valkey, CLUSTER).await, 3).await;
}

#[tokio::test]
async fn a_password_replaced_while_shards_of_a_cluster_fail_over_is_replaced_on_every_node() {
    rotated_during_failovers(world_of(EngineKind::Valkey, CLUSTER).await, 3).await;
}
