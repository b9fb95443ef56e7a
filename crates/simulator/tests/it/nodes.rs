//! Caches of several nodes: shards, replicas, and who is primary.

use std::{net::SocketAddr, time::Duration};

use aws_sdk_elasticache::types::{ClusterMode, ReplicationGroup};
use redis::cluster::ClusterClientBuilder;
use redis::{Client, Connection, RedisResult, cmd};
use ringfence_simulator::{Control, Node, NodeError, SeedCache, Span};

use crate::bench::{
    Bench, GROUP, PASSWORD, assert_refused, cache, eventually, on_both_engines, try_with,
};

/// A cluster of three shards with a replica each.
const CLUSTER: &str = "sharded";

/// A primary with two replicas.
const REPLICATED: &str = "replicated";

on_both_engines! {
    async fn a_cluster_is_described_with_one_endpoint_and_its_shards(bench: Bench) {
        let created = create_cluster(&bench).await;
        assert_eq!(created.status(), Some("creating"));
        assert!(created.configuration_endpoint().is_none(), "there is no node yet");
        bench.settle().await;
        let cluster = describe(&bench, CLUSTER).await;
        assert_eq!(cluster.cluster_enabled(), Some(true));
        assert_eq!(cluster.cluster_mode(), Some(&ClusterMode::Enabled));
        let nodes = bench.control.nodes(CLUSTER).await;
        let endpoint = cluster.configuration_endpoint().unwrap();
        assert_eq!(endpoint.port(), Some(i32::from(nodes[0].address.port())));
        let slots: Vec<_> = cluster.node_groups().iter().map(|group| group.slots()).collect();
        assert_eq!(slots, [Some("0-5461"), Some("5462-10922"), Some("10923-16383")]);
        let members = cluster.node_groups()[1].node_group_members();
        assert_eq!(members[1].cache_cluster_id(), Some("sharded-0002-002"));
        // Where nodes listen and what they are, the engines tell in cluster mode, not AWS.
        assert!(members[1].read_endpoint().is_none() && members[1].current_role().is_none());
        assert_eq!(cluster.member_clusters().len(), 6);
    }

    async fn replicas_without_cluster_mode_are_described_with_their_endpoints(bench: Bench) {
        create_replicated(&bench).await;
        let described = describe(&bench, REPLICATED).await;
        assert_eq!(described.cluster_enabled(), Some(false));
        assert!(described.configuration_endpoint().is_none());
        let nodes = bench.control.nodes(REPLICATED).await;
        let group = &described.node_groups()[0];
        let port = |place: usize| Some(i32::from(nodes[place].address.port()));
        assert_eq!(group.primary_endpoint().unwrap().port(), port(0));
        assert_eq!(group.reader_endpoint().unwrap().port(), port(1));
        let roles: Vec<_> =
            group.node_group_members().iter().map(|member| member.current_role()).collect();
        assert_eq!(roles, [Some("primary"), Some("replica"), Some("replica")]);
        let last = &group.node_group_members()[2];
        assert_eq!(last.cache_cluster_id(), Some("replicated-003"));
        assert_eq!(last.read_endpoint().unwrap().port(), port(2));
    }

    async fn every_node_has_the_users(bench: Bench) {
        create_cluster(&bench).await;
        create_replicated(&bench).await;
        bench.member("acme").await;
        let mut nodes = bench.control.nodes(CLUSTER).await;
        nodes.extend(bench.control.nodes(REPLICATED).await);
        assert_eq!(nodes.len(), 9);
        let mut open = Vec::new();
        for node in &nodes {
            open.push(log_in(node, "acme").unwrap());
            anonymous(node).unwrap_err();
        }
        let remove = bench.elasticache.modify_user_group().user_group_id(GROUP);
        remove.user_ids_to_remove("acme").send().await.unwrap();
        bench.settle().await;
        for (node, connection) in nodes.iter().zip(&mut open) {
            let cut = cmd("PING").exec(connection).unwrap_err();
            assert!(cut.is_connection_dropped() || cut.is_io_error(), "{node:?}: {cut}");
            assert!(log_in(node, "acme").is_err(), "{node:?}");
        }
    }

    async fn a_cluster_client_uses_all_shards(bench: Bench) {
        create_cluster(&bench).await;
        administrator(&bench).await;
        let nodes = bench.control.nodes(CLUSTER).await;
        fill(&nodes).await;
        for node in &nodes {
            let mut connection = log_in(node, "admin").unwrap();
            // A replica copies a moment behind its primary.
            let held = |connection: &mut Connection| cmd("DBSIZE").query::<usize>(connection);
            eventually(async || held(&mut connection).unwrap() > 10).await;
        }
    }

    async fn a_replica_serves_reads_to_who_asks_for_it(bench: Bench) {
        create_cluster(&bench).await;
        administrator(&bench).await;
        let nodes = bench.control.nodes(CLUSTER).await;
        fill(&nodes).await;
        let mut replica = log_in(&nodes[1], "admin").unwrap();
        let mut held: Option<String> = None;
        // It copies a moment behind its primary.
        eventually(async || {
            held = cmd("RANDOMKEY").query(&mut replica).unwrap();
            held.is_some()
        })
        .await;
        let get = cmd("GET").arg(held).clone();
        assert_eq!(get.query::<String>(&mut replica).unwrap_err().code(), Some("MOVED"));
        cmd("READONLY").exec(&mut replica).unwrap();
        assert_eq!(get.query::<String>(&mut replica).unwrap(), "x");
    }

    async fn a_failover_in_a_cluster_keeps_users_and_data(bench: Bench) {
        create_cluster(&bench).await;
        administrator(&bench).await;
        let before = bench.control.nodes(CLUSTER).await;
        fill(&before).await;
        bench.control.fail_over(CLUSTER, 2).await.unwrap();
        let after = bench.control.nodes(CLUSTER).await;
        assert_eq!(primaries(&after), ["sharded-0001-001", "sharded-0002-002", "sharded-0003-001"]);
        assert_eq!(role(&after[2]), "slave");
        assert_eq!(role(&after[3]), "master");
        all_is_there(&after).await;
    }

    async fn a_failover_without_cluster_mode_moves_the_endpoint_and_keeps_the_data(bench: Bench) {
        create_replicated(&bench).await;
        administrator(&bench).await;
        let before = bench.control.nodes(REPLICATED).await;
        let mut primary = log_in(&before[0], "admin").unwrap();
        cmd("SET").arg("app:1").arg("x").exec(&mut primary).unwrap();
        let minutes = Duration::from_mins(2);
        bench.control.change_settings(|settings| {
            settings.latencies.cache_modify = Span::exactly(minutes);
        });
        let test = bench.elasticache.test_failover().replication_group_id(REPLICATED);
        let answer = test.node_group_id("0001").send().await.unwrap();
        assert_eq!(answer.replication_group().unwrap().status(), Some("modifying"));
        assert_eq!(bench.control.nodes(REPLICATED).await, before, "it takes its time");
        bench.control.advance_clock(minutes).await.unwrap();

        let after = describe(&bench, REPLICATED).await;
        assert_eq!(after.status(), Some("available"));
        let group = &after.node_groups()[0];
        let port = |place: usize| Some(i32::from(before[place].address.port()));
        assert_eq!(group.primary_endpoint().unwrap().port(), port(1));
        assert_eq!(group.reader_endpoint().unwrap().port(), port(0));
        assert_eq!(before.iter().map(role).collect::<Vec<_>>(), ["slave", "master", "slave"]);
        let mut primary = log_in(&before[1], "admin").unwrap();
        assert_eq!(cmd("GET").arg("app:1").query(&mut primary), Ok("x".to_owned()));
        cmd("SET").arg("app:2").arg("y").exec(&mut primary).unwrap();
        let mut last = log_in(&before[2], "admin").unwrap();
        eventually(async || cmd("GET").arg("app:2").query(&mut last) == Ok(Some("y".to_owned())))
            .await;
        let events = bench.elasticache.describe_events().source_identifier(REPLICATED);
        let events = events.source_type("replication-group".into()).duration(60).send().await;
        let said = "Failover from primary node replicated-001 to replica node replicated-002 \
                    completed";
        assert!(events.unwrap().events().iter().any(|event| event.message() == Some(said)));
    }

    async fn roles_data_and_users_are_there_again_after_a_restart(bench: Bench) {
        create_cluster(&bench).await;
        create_replicated(&bench).await;
        administrator(&bench).await;
        fill(&bench.control.nodes(CLUSTER).await).await;
        bench.control.fail_over(CLUSTER, 1).await.unwrap();
        bench.control.fail_over(REPLICATED, 1).await.unwrap();
        let both = async |control: &Control| {
            (control.nodes(CLUSTER).await, control.nodes(REPLICATED).await)
        };
        let before = both(&bench.control).await;
        let mut primary = log_in(&before.1[1], "admin").unwrap();
        cmd("SET").arg("app:1").arg("x").exec(&mut primary).unwrap();

        let bench = bench.restart().await;
        assert_eq!(both(&bench.control).await, before);
        all_is_there(&before.0).await;
        let roles = |nodes: &[Node]| nodes.iter().map(role).collect::<Vec<_>>();
        assert_eq!(roles(&before.0[..2]), ["slave", "master"]);
        assert_eq!(roles(&before.1), ["slave", "master", "slave"]);
        let mut replica = log_in(&before.1[2], "admin").unwrap();
        assert_eq!(cmd("GET").arg("app:1").query(&mut replica), Ok("x".to_owned()));
    }

    /// A replica that is still busy with its first copy does not want to end.
    async fn all_nodes_end_with_the_simulator_also_when_they_have_just_begun(bench: Bench) {
        create_replicated(&bench).await;
        let nodes = bench.control.nodes(REPLICATED).await;
        // Nothing waits for the engines here: they are let go, and end by themselves.
        drop(bench);
        for node in nodes {
            eventually(async || std::net::TcpStream::connect(node.address).is_err()).await;
        }
    }

    async fn a_node_that_has_died_comes_back_as_what_it_was(bench: Bench) {
        create_cluster(&bench).await;
        administrator(&bench).await;
        let nodes = bench.control.nodes(CLUSTER).await;
        fill(&nodes).await;
        for node in &nodes[..2] {
            let mut admin = log_in(node, "admin").unwrap();
            cmd("SHUTDOWN").arg("NOSAVE").exec(&mut admin).unwrap_err();
            eventually(async || log_in(node, "admin").is_ok()).await;
        }
        assert_eq!(bench.control.nodes(CLUSTER).await, nodes);
        assert_eq!((role(&nodes[0]), role(&nodes[1])), ("master".to_owned(), "slave".to_owned()));
        all_is_there(&nodes).await;
    }
}

#[tokio::test]
async fn a_cache_from_the_start_has_the_nodes_that_were_asked_for() {
    let seed = SeedCache { shards: 2, replicas: 1, ..cache() };
    let (_directory, simulator) = try_with(seed).await.unwrap();
    let nodes = simulator.control().nodes("main").await;
    assert_eq!(nodes.len(), 4);
    assert_eq!(simulator.cache_address("main"), Some(nodes[0].address));
    let seed = SeedCache { shards: 0, ..cache() };
    assert!(try_with(seed).await.is_err());
}

#[tokio::test]
async fn what_cannot_fail_over_says_so() {
    let bench = Bench::with_cache(ringfence_acl::EngineKind::Redis).await;
    let test = |cache: &str, group: &str| {
        bench.elasticache.test_failover().replication_group_id(cache).node_group_id(group)
    };
    let alone = test("main", "0001").send().await.unwrap_err();
    assert_refused(&alone, "InvalidReplicationGroupState", 400);
    let shard = test("main", "0002").send().await.unwrap_err();
    assert_refused(&shard, "NodeGroupNotFoundFault", 404);
    let cache = test("nothing", "0001").send().await.unwrap_err();
    assert_refused(&cache, "ReplicationGroupNotFoundFault", 404);
    for (cache, shard) in [("main", 1), ("main", 0), ("nothing", 1)] {
        let refused = bench.control.fail_over(cache, shard).await.unwrap_err();
        assert!(matches!(refused, NodeError::Refused { .. }), "{refused}");
    }
}

/// What a test needs to show that somebody looks at each node.
#[tokio::test]
async fn a_user_is_changed_on_one_node_alone() {
    let bench = Bench::with_cache(ringfence_acl::EngineKind::Redis).await;
    create_replicated(&bench).await;
    bench.member("acme").await;
    let nodes = bench.control.nodes(REPLICATED).await;
    bench.control.change_engine_user(nodes[1].address, "acme", &["+dbsize"]).await.unwrap();
    let dbsize = |node: &Node| cmd("DBSIZE").exec(&mut log_in(node, "acme").unwrap());
    assert!(dbsize(&nodes[1]).is_ok());
    assert!(dbsize(&nodes[0]).is_err() && dbsize(&nodes[2]).is_err());
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
    let refused = bench.control.change_engine_user(nowhere, "acme", &[]).await.unwrap_err();
    assert!(matches!(refused, NodeError::UnknownNode { .. }), "{refused}");
    let nonsense = bench.control.change_engine_user(nodes[1].address, "acme", &["nonsense"]).await;
    assert!(matches!(nonsense.unwrap_err(), NodeError::Engine(_)));
}

async fn create_cluster(bench: &Bench) -> ReplicationGroup {
    let create = bench.elasticache.create_replication_group().replication_group_id(CLUSTER);
    let create = create.num_node_groups(3).replicas_per_node_group(1);
    let create = create.cluster_mode(ClusterMode::Enabled).automatic_failover_enabled(true);
    let create = create.replication_group_description("for a test").user_group_ids(GROUP);
    let create = create.engine(bench.engine_word()).transit_encryption_enabled(true);
    create.send().await.unwrap().replication_group().unwrap().clone()
}

async fn create_replicated(bench: &Bench) {
    let create = bench.elasticache.create_replication_group().replication_group_id(REPLICATED);
    let create = create.num_cache_clusters(3).automatic_failover_enabled(true);
    let create = create.replication_group_description("for a test").user_group_ids(GROUP);
    let create = create.engine(bench.engine_word()).transit_encryption_enabled(true);
    create.send().await.unwrap();
    bench.settle().await;
}

async fn describe(bench: &Bench, id: &str) -> ReplicationGroup {
    let caches = bench.elasticache.describe_replication_groups().replication_group_id(id);
    caches.send().await.unwrap().replication_groups()[0].clone()
}

/// A user who may do anything, so that a test can look everywhere.
async fn administrator(bench: &Bench) {
    bench.new_user("admin").access_string("on ~* &* +@all").send().await.unwrap();
    bench.settle().await;
    let add = bench.elasticache.modify_user_group().user_group_id(GROUP);
    add.user_ids_to_add("admin").send().await.unwrap();
    bench.settle().await;
}

fn log_in(node: &Node, name: &str) -> RedisResult<Connection> {
    Client::open(format!("redis://{name}:{PASSWORD}@{}/", node.address))?.get_connection()
}

fn anonymous(node: &Node) -> RedisResult<()> {
    cmd("PING").exec(&mut Client::open(format!("redis://{}/", node.address))?.get_connection()?)
}

/// What an engine says it is.
fn role(node: &Node) -> String {
    let mut connection = log_in(node, "admin").unwrap();
    let said: Vec<redis::Value> = cmd("ROLE").query(&mut connection).unwrap();
    redis::from_redis_value(said[0].clone()).unwrap()
}

fn primaries(nodes: &[Node]) -> Vec<&str> {
    nodes.iter().filter(|node| node.is_primary).map(|node| node.id.as_str()).collect()
}

const KEYS: std::ops::Range<u32> = 0..100;

async fn client(nodes: &[Node]) -> redis::cluster_async::ClusterConnection {
    let client = ClusterClientBuilder::new([format!("redis://{}/", nodes[0].address)])
        .username("admin")
        .password(PASSWORD)
        // One second, as otherwise, is little where all cores are busy.
        .connection_timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    client.get_async_connection().await.unwrap()
}

/// Writes to all shards.
async fn fill(nodes: &[Node]) {
    let mut client = client(nodes).await;
    for key in KEYS {
        let mut set = cmd("SET");
        set.arg(format!("app:{key}")).arg("x");
        set.exec_async(&mut client).await.unwrap();
    }
}

/// Reads what [`fill`] has written.
async fn all_is_there(nodes: &[Node]) {
    let mut client = client(nodes).await;
    for key in KEYS {
        let got = cmd("GET").arg(format!("app:{key}")).query_async(&mut client).await;
        assert_eq!(got, Ok(Some("x".to_owned())), "app:{key}");
    }
}
