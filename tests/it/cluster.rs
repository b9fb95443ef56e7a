//! Caches of several nodes: a tenant's fence stands on each of them, or it is said where not.

use std::{collections::BTreeSet, time::Duration};

use redis::{
    ProtocolVersion, cluster::ClusterClientBuilder, cluster_read_routing::RandomReplicaStrategy,
    cmd,
};
use reqwest::Method;
use ringfence::domain::CacheTarget;
use ringfence_acl::EngineKind;
use ringfence_simulator::{Node, Span};
use serde_json::{Value, json};

use crate::{
    clients::Program,
    world::{Answer, PATIENCE, Size, TenantLogin, World, on_both_engines},
};

const SIX_NODES: Size = Size { shards: 3, replicas: 1 };
const THREE_NODES: Size = Size { shards: 1, replicas: 2 };

on_both_engines! {
    /// Where they are, the nodes say themselves: AWS does not, in cluster mode.
    async fn a_tenant_of_a_cluster_is_attested_on_every_node(kind) {
        let world = World::of(kind, SIX_NODES, |_| {}).await;
        let created = world.create("acme").await;
        assert_eq!(created.body["status"], "active", "{created:?}");
        let finding = newest_finding(&world).await;
        assert_eq!(finding["verdict"], "isolated", "{finding}");
        assert_eq!(attested(&finding), expected(&world.nodes().await));
        let probes = finding["probes"].as_array().unwrap();
        assert!(probes.len() > 150, "only {} commands were tried", probes.len());
        assert!(probes.iter().all(|probe| probe.get("node").is_none()), "all nodes agree");
    }

    async fn without_cluster_mode_the_nodes_that_aws_names_are_attested(kind) {
        let world = World::of(kind, THREE_NODES, |_| {}).await;
        assert_eq!(world.create("acme").await.body["status"], "active");
        let nodes = world.nodes().await;
        assert_eq!(attested(&newest_finding(&world).await), expected(&nodes));

        change(&world, &nodes[2], &["+scan"]).await;
        let finding = world.attest("acme").await.body["finding"].clone();
        let leak = format!("the tenant was allowed: SCAN 0 on {}", nodes[2].address);
        assert_eq!((&finding["verdict"], &finding["detail"]), (&json!("leaky"), &json!(leak)));
    }
}

/// All but where the nodes are can be configured, and that AWS is asked for.
#[tokio::test]
async fn a_cache_that_is_configured_in_full_is_attested_on_the_nodes_that_aws_names() {
    let mut world = World::of(EngineKind::Valkey, THREE_NODES, |_| {}).await;
    tell_everything(&mut world, None).await;
    assert_eq!(world.create("acme").await.body["status"], "active");
    assert_eq!(attested(&newest_finding(&world).await), expected(&world.nodes().await));
}

#[tokio::test]
async fn a_configured_cache_that_aws_does_not_know_is_attested_at_its_endpoint() {
    let mut world = World::of(EngineKind::Valkey, THREE_NODES, |_| {}).await;
    tell_everything(&mut world, Some("elsewhere")).await;
    assert_eq!(world.create("acme").await.body["status"], "active");
    let finding = newest_finding(&world).await;
    assert_eq!(finding["nodes"].as_array().unwrap().len(), 1, "{finding}");
    assert_eq!(finding["nodes"][0]["port"], world.engine_address().port());
}

#[tokio::test]
async fn a_fault_on_one_node_of_a_cluster_is_named_with_the_node() {
    let world = World::of(EngineKind::Valkey, SIX_NODES, |_| {}).await;
    world.create("acme").await;
    let nodes = world.nodes().await;
    let (primary, replica) = (&nodes[4], &nodes[3]);
    assert!(primary.is_primary && !replica.is_primary);
    for (node, rules, command) in [
        (replica, ["~*", "+randomkey"], "RANDOMKEY"),
        (primary, ["~ringfence-canary:*", "+ping"], "GET {foreign}"),
    ] {
        change(&world, node, &rules).await;
        let finding = world.attest("acme").await.body["finding"].clone();
        assert_eq!(finding["verdict"], "leaky", "{finding}");
        let detail = finding["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("{command} on {}", node.address)), "{detail}");
        assert_eq!(allowed_on(&finding, command), BTreeSet::from([node.address.port()]));
        assert_eq!(attested(&finding).len(), 6, "the others are tried all the same");
        // The next change of the user takes it back.
        let modify = world.elasticache().modify_user().user_id("rf-acme");
        let rules = world.aws().await.access_string("rf-acme").to_owned();
        modify.access_string(format!("{rules} +ping")).send().await.unwrap();
        assert_eq!(world.attest("acme").await.body["finding"]["verdict"], "isolated");
    }

    // Who may not ask for the nodes can use no cluster client.
    change(&world, &nodes[0], &["-cluster|shards"]).await;
    let finding = world.attest("acme").await.body["finding"].clone();
    assert_eq!(finding["verdict"], "too-tight", "{finding}");
    assert!(finding["detail"].as_str().unwrap().contains("CLUSTER SHARDS"), "{finding}");
}

/// A failover swaps the roles under the attestation's feet, and AWS is not even asked.
#[tokio::test]
async fn a_tenant_that_was_made_during_a_failover_is_attested_on_every_node() {
    let world = World::of(EngineKind::Valkey, SIX_NODES, |config| {
        config.caches[0].cluster_mode = Some(true);
    })
    .await;
    let minute = Duration::from_mins(1);
    world.control().change_settings(|settings| {
        settings.latencies.group_modify = Span::exactly(minute);
    });
    let request = world.request(Method::POST, "/tenants").json(&json!({ "name": "acme" }));
    assert_eq!(Answer::of(request).await.status, 202);
    world.until_phase("acme", "joining-group").await;
    world.control().fail_over("cache-main", 2).await.unwrap();
    // Whether the change was asked for already or is yet to be: it is over now.
    world.control().change_settings(|settings| settings.latencies.group_modify = Span::default());
    world.control().advance_clock(minute).await.unwrap();
    assert_eq!(world.create("acme").await.body["status"], "active");

    let nodes = world.nodes().await;
    assert!(nodes[3].is_primary, "{nodes:?}");
    assert_eq!(attested(&newest_finding(&world).await), expected(&nodes));
    let asked = |operation| world.control().calls().iter().any(|call| call.operation == operation);
    assert!(asked("DescribeUserGroups") && !asked("DescribeReplicationGroups"));
}

#[tokio::test]
async fn a_node_that_is_silent_or_shut_is_named() {
    let world = World::of(EngineKind::Valkey, THREE_NODES, |_| {}).await;
    world.create("acme").await;
    let nodes = world.nodes().await;
    change(&world, &nodes[1], &["resetpass"]).await;
    let finding = world.attest("acme").await.body["finding"].clone();
    assert_eq!(finding["verdict"], "login-refused", "{finding}");
    let detail = finding["detail"].as_str().unwrap();
    assert!(detail.ends_with(&nodes[1].address.to_string()), "{detail}");

    change(&world, &nodes[1], &["nopass"]).await;
    change(&world, &nodes[2], &["+client|pause"]).await;
    let login = world.get("/tenants/acme/credentials").await.body;
    let mut silenced = log_in(&login, &nodes[2]).await;
    silenced.run(&["CLIENT", "PAUSE", "60000"]).await.unwrap();
    let finding = world.attest("acme").await.body["finding"].clone();
    assert_eq!(finding["verdict"], "inconclusive", "{finding}");
    let why = format!("{}: the engine did not answer in time", nodes[2].address);
    assert_eq!(finding["detail"], why);
    assert_eq!(finding["nodes"].as_array().unwrap().len(), 2, "{finding}");
}

#[tokio::test]
async fn cluster_clients_work_as_a_tenant() {
    let world = World::of(EngineKind::Valkey, SIX_NODES, |_| {}).await;
    world.create("acme").await;
    let login = world.get("/tenants/acme/credentials").await.body;
    Program::python("redis_py_cluster.py", "redis").works_with(&login).await;
    for protocol in [ProtocolVersion::RESP2, ProtocolVersion::RESP3] {
        let client = ClusterClientBuilder::new([login["url"].as_str().unwrap()])
            .use_protocol(protocol)
            .read_routing_strategy(RandomReplicaStrategy)
            .connection_timeout(PATIENCE)
            .build()
            .unwrap();
        let mut acme = client.get_async_connection().await.unwrap();
        for number in 0..50 {
            let key = format!("acme:{number}");
            cmd("SET").arg(&key).arg("x").exec_async(&mut acme).await.unwrap();
            cmd("GET").arg(&key).exec_async(&mut acme).await.unwrap();
        }
        let foreign = cmd("SET").arg("globex:1").arg("x").exec_async(&mut acme).await.unwrap_err();
        assert_eq!(foreign.code(), Some("NOPERM"), "{foreign}");
    }
}

/// Starts the service again with all that can be said of the cache.
async fn tell_everything(world: &mut World, replication_group: Option<&str>) {
    world.stop_service().await;
    let engine = world.engine_address();
    let cache = &mut world.config.caches[0];
    cache.host = Some(engine.ip().to_string());
    cache.port = Some(engine.port());
    cache.tls = Some(false);
    cache.engine = Some(EngineKind::Valkey);
    cache.cluster_mode = Some(false);
    if let Some(id) = replication_group {
        cache.target = CacheTarget::ReplicationGroup(id.to_owned());
    }
    world.start_service().await;
}

/// Somebody changes the tenant's user on one node, not through AWS.
async fn change(world: &World, node: &Node, rules: &[&str]) {
    world.control().change_engine_user(node.address, "acme", rules).await.unwrap();
}

async fn newest_finding(world: &World) -> Value {
    world.get("/tenants/acme/attestations").await.body["items"][0]["finding"].clone()
}

/// The port and the role of each node that was attested.
fn attested(finding: &Value) -> BTreeSet<(u64, String)> {
    let nodes = finding["nodes"].as_array().unwrap().iter();
    nodes
        .map(|node| (node["port"].as_u64().unwrap(), node["role"].as_str().unwrap().to_owned()))
        .collect()
}

/// The same of the nodes that there are.
fn expected(nodes: &[Node]) -> BTreeSet<(u64, String)> {
    let role = |node: &Node| if node.is_primary { "primary" } else { "replica" };
    nodes.iter().map(|node| (u64::from(node.address.port()), role(node).to_owned())).collect()
}

/// The ports of the nodes on which a command was let through.
fn allowed_on(finding: &Value, command: &str) -> BTreeSet<u16> {
    let probes = finding["probes"].as_array().unwrap().iter();
    probes
        .filter(|probe| probe["command"] == command && probe["could"] == true)
        .map(|probe| u16::try_from(probe["node"]["port"].as_u64().unwrap()).unwrap())
        .collect()
}

async fn log_in(login: &Value, node: &Node) -> TenantLogin {
    let (user, password) = (&login["username"], &login["password"]);
    let (user, password) = (user.as_str().unwrap(), password.as_str().unwrap());
    let url = format!("redis://{user}:{password}@{}/", node.address);
    TenantLogin::with_url(&url).await.unwrap()
}
