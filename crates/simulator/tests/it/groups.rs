//! User groups: their life and what is refused.

use std::time::Duration;

use aws_sdk_elasticache::error::ProvideErrorMetadata;
use ringfence_simulator::Span;

use crate::bench::{Bench, PASSWORD, assert_refused};

/// A group of two, a user that is outside, and group changes that take a minute.
async fn bench_with_slow_group() -> Bench {
    let bench = Bench::new().await;
    for id in ["a", "b", "c"] {
        bench.user(id).await;
    }
    bench.group("g", &["a", "b"]).await;
    bench.control.change_settings(|settings| {
        settings.latencies.group_modify = Span::exactly(Duration::from_mins(1));
    });
    bench
}

#[tokio::test]
async fn a_group_is_created_then_active() {
    let bench = Bench::new().await;
    bench.user("a").await;
    let create = bench.elasticache.create_user_group().engine("VALKEY").user_group_id("Tenants");
    let created = create.user_ids("A").send().await.unwrap();
    assert_eq!(created.user_group_id(), Some("tenants"));
    assert_eq!(created.status(), Some("creating"));
    assert_eq!(created.engine(), Some("valkey"));
    assert_eq!(created.user_ids(), ["a"]);
    let arn = "arn:aws:elasticache:eu-west-1:123456789012:usergroup:tenants";
    assert_eq!(created.arn(), Some(arn));
    assert_eq!(bench.describe_group("tenants").await.status(), Some("active"));
    let users = bench.elasticache.describe_users().user_id("a").send().await.unwrap();
    assert_eq!(users.users()[0].user_group_ids(), ["tenants"]);
}

#[tokio::test]
async fn a_pending_change_shows_the_old_members() {
    let bench = bench_with_slow_group().await;
    let change = bench.elasticache.modify_user_group().user_group_id("g");
    let change = change.user_ids_to_add("c").user_ids_to_remove("a").send().await.unwrap();
    assert_eq!(change.status(), Some("modifying"));
    assert_eq!(change.user_ids(), ["a", "b"]);
    let pending = change.pending_changes().unwrap();
    assert_eq!(pending.user_ids_to_add(), ["c"]);
    assert_eq!(pending.user_ids_to_remove(), ["a"]);

    bench.settle().await;
    let group = bench.describe_group("g").await;
    assert_eq!(group.status(), Some("active"));
    assert_eq!(group.user_ids(), ["b", "c"]);
    assert!(group.pending_changes().is_none());
}

#[tokio::test]
async fn a_group_takes_one_change_at_a_time() {
    let bench = bench_with_slow_group().await;
    let modify = || bench.elasticache.modify_user_group().user_group_id("g");
    modify().user_ids_to_add("c").send().await.unwrap();
    let second = modify().user_ids_to_remove("a").send().await.unwrap_err();
    assert_refused(&second, "InvalidUserGroupState", 400);
    let said = "User group g has status modifying. Only active user groups can be modified.";
    assert_eq!(second.message(), Some(said));
    let delete = bench.elasticache.delete_user_group().user_group_id("g").send().await;
    assert_refused(&delete.unwrap_err(), "InvalidUserGroupState", 400);
}

#[tokio::test]
async fn one_bad_id_refuses_the_whole_change() {
    let bench = bench_with_slow_group().await;
    let add_c = || bench.elasticache.modify_user_group().user_group_id("g").user_ids_to_add("c");
    let stranger = add_c().user_ids_to_remove("x").send().await.unwrap_err();
    assert_refused(&stranger, "InvalidParameterValue", 400);
    assert!(stranger.message().unwrap().contains("is not a member of user group"));
    let unknown = add_c().user_ids_to_add("x").send().await.unwrap_err();
    assert_refused(&unknown, "UserNotFound", 404);
    let twice = add_c().user_ids_to_remove("c").send().await.unwrap_err();
    assert_refused(&twice, "InvalidParameterCombination", 400);

    let group = bench.describe_group("g").await;
    assert_eq!((group.status(), group.user_ids().len()), (Some("active"), 2));
}

#[tokio::test]
async fn adding_a_member_again_is_refused_unless_told_otherwise() {
    let bench = bench_with_slow_group().await;
    let again = || bench.elasticache.modify_user_group().user_group_id("g").user_ids_to_add("a");
    let refused = again().send().await.unwrap_err();
    assert_refused(&refused, "InvalidParameterValue", 400);
    bench.control.change_settings(|settings| settings.behaviour.refuse_existing_members = false);
    again().send().await.unwrap();
}

#[tokio::test]
async fn adding_a_busy_user_is_refused_unless_told_otherwise() {
    let bench = bench_with_slow_group().await;
    bench.control.change_settings(|settings| {
        settings.latencies.user_modify = Span::exactly(Duration::from_mins(1));
    });
    bench.elasticache.modify_user().user_id("c").passwords(PASSWORD).send().await.unwrap();
    let add = || bench.elasticache.modify_user_group().user_group_id("g").user_ids_to_add("c");
    assert_refused(&add().send().await.unwrap_err(), "InvalidUserState", 400);
    bench.control.change_settings(|settings| settings.behaviour.refuse_busy_users = false);
    add().send().await.unwrap();
}

#[tokio::test]
async fn a_change_must_change_something() {
    let bench = bench_with_slow_group().await;
    let empty = bench.elasticache.modify_user_group().user_group_id("g").send().await.unwrap_err();
    assert_refused(&empty, "InvalidParameterCombination", 400);
    let unknown = bench.elasticache.modify_user_group().user_group_id("x").user_ids_to_add("c");
    assert_refused(&unknown.send().await.unwrap_err(), "UserGroupNotFound", 404);
}

#[tokio::test]
async fn a_deleted_group_is_gone_and_its_users_stay() {
    let bench = bench_with_slow_group().await;
    bench.control.change_settings(|settings| {
        settings.latencies.group_delete = Span::exactly(Duration::from_mins(1));
    });
    let delete = || bench.elasticache.delete_user_group().user_group_id("g").send();
    assert_eq!(delete().await.unwrap().status(), Some("deleting"));
    assert_refused(&delete().await.unwrap_err(), "InvalidUserGroupState", 400);
    bench.settle().await;
    assert_refused(&delete().await.unwrap_err(), "UserGroupNotFound", 404);
    let describe = bench.elasticache.describe_user_groups().user_group_id("g").send().await;
    assert_refused(&describe.unwrap_err(), "UserGroupNotFound", 404);
    assert_eq!(bench.status_of("a").await, "active");
}

#[tokio::test]
async fn a_group_id_is_taken_once() {
    let bench = bench_with_slow_group().await;
    let again = bench.elasticache.create_user_group().user_group_id("G").engine("valkey");
    assert_refused(&again.send().await.unwrap_err(), "UserGroupAlreadyExists", 400);
}

#[tokio::test]
async fn there_are_only_so_many_groups() {
    let bench = Bench::new().await;
    bench.control.change_settings(|settings| settings.quotas.user_groups = 1);
    bench.group("g", &[]).await;
    let second = bench.elasticache.create_user_group().user_group_id("h").engine("valkey");
    assert_refused(&second.send().await.unwrap_err(), "UserGroupQuotaExceeded", 400);
}
