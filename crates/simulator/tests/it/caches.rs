//! Replication groups, and what may be attached to them.

use aws_sdk_elasticache::operation::create_replication_group::builders::CreateReplicationGroupFluentBuilder;
use aws_sdk_elasticache::types::ReplicationGroup;
use ringfence_acl::EngineKind;

use crate::bench::{Bench, CACHE, GROUP, assert_refused, on_both_engines};

on_both_engines! {
    async fn a_seeded_cache_has_its_group_attached(bench: Bench) {
        let main = describe(&bench, CACHE).await;
        assert_eq!(main.status(), Some("available"));
        assert_eq!(main.engine(), Some(bench.engine_word().as_str()));
        assert_eq!(main.user_group_ids(), [GROUP]);
        assert_eq!(main.transit_encryption_enabled(), Some(true));
        let endpoint = main.node_groups()[0].primary_endpoint().unwrap();
        assert_eq!(endpoint.address(), Some("127.0.0.1"));
        assert_eq!(endpoint.port(), Some(i32::from(bench.address().port())));
        let group = bench.describe_group(GROUP).await;
        assert_eq!(group.replication_groups(), [CACHE]);
        assert_eq!(group.engine(), Some(bench.engine_word().as_str()));
    }

    async fn a_cache_is_created_with_an_engine_of_its_own(bench: Bench) {
        let created = new(&bench, "second").user_group_ids(GROUP).send().await.unwrap();
        let created = created.replication_group().unwrap();
        assert_eq!(created.status(), Some("creating"));
        assert!(created.node_groups().is_empty(), "there is no endpoint yet");
        bench.settle().await;
        let second = describe(&bench, "second").await;
        assert_eq!(second.status(), Some("available"));
        let endpoint = second.node_groups()[0].primary_endpoint().unwrap();
        assert_ne!(endpoint.port(), Some(i32::from(bench.address().port())));
        assert_eq!(bench.describe_group(GROUP).await.replication_groups(), [CACHE, "second"]);

        let again = new(&bench, "second").send().await.unwrap_err();
        assert_refused(&again, "ReplicationGroupAlreadyExists", 400);
    }

    async fn a_group_is_attached_swapped_and_detached(bench: Bench) {
        new(&bench, "second").send().await.unwrap();
        bench.settle().await;
        let modify = || bench.elasticache.modify_replication_group().replication_group_id("second");
        let attached = modify().user_group_ids_to_add(GROUP).send().await.unwrap();
        let attached = attached.replication_group().unwrap().clone();
        assert_eq!(attached.status(), Some("modifying"));
        assert!(attached.user_group_ids().is_empty());
        let pending = attached.pending_modified_values().unwrap().user_groups().unwrap().clone();
        assert_eq!(pending.user_group_ids_to_add(), [GROUP]);
        bench.settle().await;
        assert_eq!(describe(&bench, "second").await.user_group_ids(), [GROUP]);

        let second_group = modify().user_group_ids_to_add("other").send().await.unwrap_err();
        assert_refused(&second_group, "InvalidParameterValue", 400);
        modify().user_group_ids_to_remove(GROUP).send().await.unwrap();
        bench.settle().await;
        assert!(describe(&bench, "second").await.user_group_ids().is_empty());
        let stranger = modify().user_group_ids_to_remove(GROUP).send().await.unwrap_err();
        assert_refused(&stranger, "InvalidParameterValue", 400);
    }

    async fn an_attached_group_cannot_be_deleted(bench: Bench) {
        let delete = || bench.elasticache.delete_user_group().user_group_id(GROUP).send();
        assert_refused(&delete().await.unwrap_err(), "InvalidUserGroupState", 400);
        let gone = bench.elasticache.delete_replication_group().replication_group_id(CACHE);
        let gone = gone.send().await.unwrap();
        assert_eq!(gone.replication_group().unwrap().status(), Some("deleting"));
        bench.settle().await;
        let missing = bench.elasticache.describe_replication_groups().replication_group_id(CACHE);
        assert_refused(&missing.send().await.unwrap_err(), "ReplicationGroupNotFoundFault", 404);
        delete().await.unwrap();
    }
}

#[tokio::test]
async fn access_control_needs_encryption() {
    let bench = Bench::new().await;
    bench.group("g", &[]).await;
    let plain = new(&bench, "plain").user_group_ids("g").transit_encryption_enabled(false);
    assert_refused(&plain.send().await.unwrap_err(), "InvalidParameterCombination", 400);
    new(&bench, "plain").transit_encryption_enabled(false).send().await.unwrap();
    bench.settle().await;
    let modify = bench.elasticache.modify_replication_group().replication_group_id("plain");
    // Both in one call: the encryption comes too late.
    let both = modify.transit_encryption_enabled(true).user_group_ids_to_add("g").send().await;
    assert_refused(&both.unwrap_err(), "InvalidParameterCombination", 400);
}

#[tokio::test]
async fn a_valkey_group_does_not_fit_a_redis_cache() {
    let bench = Bench::with_cache(EngineKind::Redis).await;
    bench.group("valkeys", &[]).await;
    let refused = new(&bench, "second").user_group_ids("valkeys").send().await.unwrap_err();
    assert_refused(&refused, "InvalidParameterCombination", 400);
}

#[tokio::test]
async fn a_redis_group_fits_a_valkey_cache() {
    let bench = Bench::with_cache(EngineKind::Valkey).await;
    let create = bench.elasticache.create_user_group().user_group_id("old").engine("redis");
    create.user_ids("default").send().await.unwrap();
    bench.settle().await;
    new(&bench, "second").user_group_ids("old").send().await.unwrap();
}

#[tokio::test]
async fn only_a_group_that_is_there_and_active_is_attached() {
    let bench = Bench::new().await;
    let unknown = new(&bench, "second").user_group_ids("nobody").send().await.unwrap_err();
    assert_refused(&unknown, "UserGroupNotFound", 404);
    let create = bench.elasticache.create_user_group().user_group_id("g").engine("valkey");
    bench.control.change_settings(|settings| {
        settings.latencies.group_create = ringfence_simulator::Span::between_ms(60_000, 60_000);
    });
    create.send().await.unwrap();
    let busy = new(&bench, "second").user_group_ids("g").send().await.unwrap_err();
    assert_refused(&busy, "InvalidUserGroupState", 400);
    let two = new(&bench, "second").user_group_ids("g").user_group_ids("h").send().await;
    assert_refused(&two.unwrap_err(), "InvalidParameterValue", 400);
}

#[tokio::test]
async fn the_simulator_runs_one_kind_of_engine() {
    let bench = Bench::with_cache(EngineKind::Redis).await;
    let refused = new(&bench, "second").engine("valkey").send().await.unwrap_err();
    assert_refused(&refused, "InvalidParameterCombination", 400);
}

#[tokio::test]
async fn a_cache_whose_engine_does_not_start_says_so_and_holds_up_nobody() {
    let bench = Bench::with_cache(EngineKind::Redis).await;
    let taken = i32::from(bench.address().port());
    new(&bench, "second").port(taken).send().await.unwrap();
    bench.user("acme").await;
    assert_eq!(describe(&bench, "second").await.status(), Some("create-failed"));
    assert_eq!(bench.status_of("acme").await, "active");
    let modify = bench.elasticache.modify_replication_group().replication_group_id("second");
    assert_refused(&modify.send().await.unwrap_err(), "InvalidReplicationGroupState", 400);
    let delete = bench.elasticache.delete_replication_group().replication_group_id("second");
    delete.send().await.unwrap();
}

#[tokio::test]
async fn there_are_no_serverless_caches() {
    let bench = Bench::new().await;
    let all = bench.elasticache.describe_serverless_caches().send().await.unwrap();
    assert!(all.serverless_caches().is_empty());
    let one =
        bench.elasticache.describe_serverless_caches().serverless_cache_name("x").send().await;
    assert_refused(&one.unwrap_err(), "ServerlessCacheNotFoundFault", 404);
}

fn new(bench: &Bench, id: &str) -> CreateReplicationGroupFluentBuilder {
    bench
        .elasticache
        .create_replication_group()
        .replication_group_id(id)
        .replication_group_description("for a test")
        .engine(bench.engine_word())
        .transit_encryption_enabled(true)
}

async fn describe(bench: &Bench, id: &str) -> ReplicationGroup {
    let caches = bench.elasticache.describe_replication_groups().replication_group_id(id);
    caches.send().await.unwrap().replication_groups()[0].clone()
}
