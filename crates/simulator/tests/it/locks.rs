//! Changes of users and of groups get in each other's way.

use std::time::Duration;

use ringfence_simulator::Span;

use crate::bench::{Bench, PASSWORD, assert_refused};

async fn bench_with_group_of(members: &[&str]) -> Bench {
    let bench = Bench::new().await;
    for id in members {
        bench.user(id).await;
    }
    bench.user("newcomer").await;
    bench.group("g", members).await;
    bench
}

#[tokio::test]
async fn a_change_of_the_group_keeps_its_members_busy_for_a_while() {
    let bench = bench_with_group_of(&["a"]).await;
    bench.control.change_settings(|settings| {
        settings.latencies.group_modify = Span::exactly(Duration::from_mins(10));
        settings.latencies.member_lock = Span::exactly(Duration::from_mins(1));
    });
    let change = bench.elasticache.modify_user_group().user_group_id("g");
    change.user_ids_to_add("newcomer").send().await.unwrap();
    for id in ["a", "newcomer"] {
        assert_eq!(bench.status_of(id).await, "modifying");
        let modify = bench.elasticache.modify_user().user_id(id).passwords(PASSWORD);
        assert_refused(&modify.send().await.unwrap_err(), "InvalidUserState", 400);
    }
    bench.control.advance_clock(Duration::from_mins(1)).await.unwrap();
    assert_eq!(bench.status_of("a").await, "active");
    assert_eq!(bench.describe_group("g").await.status(), Some("modifying"));
}

#[tokio::test]
async fn members_are_never_busy_for_longer_than_the_change() {
    let bench = bench_with_group_of(&["a"]).await;
    bench.control.change_settings(|settings| {
        settings.latencies.group_modify = Span::exactly(Duration::from_mins(1));
        settings.latencies.member_lock = Span::exactly(Duration::from_mins(10));
    });
    let change = bench.elasticache.modify_user_group().user_group_id("g");
    change.user_ids_to_add("newcomer").send().await.unwrap();
    bench.control.advance_clock(Duration::from_mins(1)).await.unwrap();
    assert_eq!(bench.status_of("a").await, "active");
}

#[tokio::test]
async fn a_change_of_a_member_keeps_the_group_busy_unless_told_otherwise() {
    let bench = bench_with_group_of(&["a", "b"]).await;
    bench.control.change_settings(|settings| {
        settings.latencies.user_modify = Span::exactly(Duration::from_mins(1));
    });
    let modify = |id: &str| bench.elasticache.modify_user().user_id(id).passwords(PASSWORD);
    modify("a").send().await.unwrap();
    assert_eq!(bench.describe_group("g").await.status(), Some("modifying"));
    let change = bench.elasticache.modify_user_group().user_group_id("g");
    let refused = change.user_ids_to_add("newcomer").send().await.unwrap_err();
    assert_refused(&refused, "InvalidUserGroupState", 400);
    modify("b").send().await.unwrap();
    bench.settle().await;
    assert_eq!(bench.describe_group("g").await.status(), Some("active"));

    bench.control.change_settings(|settings| settings.behaviour.user_change_locks_groups = false);
    modify("a").send().await.unwrap();
    assert_eq!(bench.describe_group("g").await.status(), Some("active"));
}

#[tokio::test]
async fn a_deleted_user_leaves_its_groups_by_itself() {
    let bench = bench_with_group_of(&["a", "b"]).await;
    bench.elasticache.delete_user().user_id("a").send().await.unwrap();
    bench.settle().await;
    assert_eq!(bench.describe_group("g").await.user_ids(), ["b"]);
    // Whoever removes it now loses the whole call.
    let change = bench.elasticache.modify_user_group().user_group_id("g");
    let late = change.user_ids_to_remove("a").user_ids_to_add("newcomer").send().await;
    assert_refused(&late.unwrap_err(), "InvalidParameterValue", 400);
}

#[tokio::test]
async fn a_user_deleted_while_it_waits_to_be_added_never_joins() {
    let bench = bench_with_group_of(&["a"]).await;
    bench.control.change_settings(|settings| {
        settings.latencies.group_modify = Span::exactly(Duration::from_mins(10));
    });
    let change = bench.elasticache.modify_user_group().user_group_id("g");
    change.user_ids_to_add("newcomer").send().await.unwrap();
    bench.elasticache.delete_user().user_id("newcomer").send().await.unwrap();
    bench.settle().await;
    assert_eq!(bench.describe_group("g").await.user_ids(), ["a"]);
}
