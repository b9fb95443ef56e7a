//! Who may be in a group together.

use aws_sdk_elasticache::operation::create_user_group::builders::CreateUserGroupFluentBuilder;

use crate::bench::{Bench, assert_refused};

fn group(bench: &Bench, engine: &str) -> CreateUserGroupFluentBuilder {
    bench.elasticache.create_user_group().user_group_id("g").engine(engine)
}

/// A Redis user of this id and name, without password if `open`.
async fn redis_user(bench: &Bench, id: &str, name: &str) {
    let user = bench.new_user(id).user_name(name).engine("redis");
    user.send().await.unwrap();
    bench.settle().await;
}

#[tokio::test]
async fn a_redis_group_needs_a_default_user() {
    let bench = Bench::new().await;
    redis_user(&bench, "a", "a").await;
    let without = group(&bench, "redis").user_ids("a").send().await.unwrap_err();
    assert_refused(&without, "DefaultUserRequired", 400);
    let with = group(&bench, "redis").user_ids("a").user_ids("default").send().await.unwrap();
    assert_eq!(with.user_ids(), ["a", "default"]);
}

#[tokio::test]
async fn the_default_user_can_be_swapped_in_one_call() {
    let bench = Bench::new().await;
    redis_user(&bench, "closed", "default").await;
    group(&bench, "redis").user_ids("default").send().await.unwrap();
    bench.settle().await;
    let modify = || bench.elasticache.modify_user_group().user_group_id("g");
    let removed = modify().user_ids_to_remove("default").send().await.unwrap_err();
    assert_refused(&removed, "DefaultUserRequired", 400);
    let second = modify().user_ids_to_add("closed").send().await.unwrap_err();
    assert_refused(&second, "DuplicateUserName", 400);
    let swap = modify().user_ids_to_add("closed").user_ids_to_remove("default");
    swap.send().await.unwrap();
    bench.settle().await;
    assert_eq!(bench.describe_group("g").await.user_ids(), ["closed"]);
    let delete = bench.elasticache.delete_user().user_id("closed").send().await.unwrap_err();
    assert_refused(&delete, "DefaultUserAssociatedToUserGroup", 400);
}

#[tokio::test]
async fn names_are_unique_in_a_group_and_nowhere_else() {
    let bench = Bench::new().await;
    bench.new_user("a").user_name("same").engine("valkey").send().await.unwrap();
    bench.new_user("b").user_name("same").engine("valkey").send().await.unwrap();
    bench.settle().await;
    let both = group(&bench, "valkey").user_ids("a").user_ids("b").send().await.unwrap_err();
    assert_refused(&both, "DuplicateUserName", 400);
    group(&bench, "valkey").user_ids("a").send().await.unwrap();
}

#[tokio::test]
async fn each_engine_takes_its_own_users() {
    let bench = Bench::new().await;
    bench.new_user("v").engine("valkey").send().await.unwrap();
    redis_user(&bench, "r", "r").await;
    let foreign = group(&bench, "redis").user_ids("default").user_ids("v").send().await;
    assert_refused(&foreign.unwrap_err(), "InvalidParameterCombination", 400);
    let open = group(&bench, "valkey").user_ids("default").send().await.unwrap_err();
    assert_refused(&open, "InvalidParameterCombination", 400);
    group(&bench, "valkey").user_ids("v").user_ids("r").send().await.unwrap();
    bench.settle().await;

    // Nor can a member become what the group would not take.
    let modify = bench.elasticache.modify_user().user_id("r").no_password_required(true);
    assert_refused(&modify.send().await.unwrap_err(), "InvalidParameterCombination", 400);
    bench.elasticache.modify_user().user_id("r").engine("valkey").send().await.unwrap();
}

#[tokio::test]
async fn a_group_changes_its_engine_if_its_members_allow() {
    let bench = Bench::new().await;
    bench.user("a").await;
    bench.elasticache.modify_user().user_id("a").engine("valkey").send().await.unwrap();
    bench.settle().await;
    bench.group("g", &["a"]).await;
    let modify = || bench.elasticache.modify_user_group().user_group_id("g").engine("redis");
    assert_refused(&modify().send().await.unwrap_err(), "InvalidParameterCombination", 400);
    bench.elasticache.modify_user().user_id("a").engine("redis").send().await.unwrap();
    bench.settle().await;
    assert_refused(&modify().send().await.unwrap_err(), "DefaultUserRequired", 400);
    modify().user_ids_to_add("default").send().await.unwrap();
    bench.settle().await;
    assert_eq!(bench.describe_group("g").await.engine(), Some("redis"));
}

#[tokio::test]
async fn a_group_holds_only_so_many_users() {
    let bench = Bench::new().await;
    bench.control.change_settings(|settings| settings.quotas.users_per_group = 1);
    bench.user("a").await;
    bench.user("b").await;
    let two = group(&bench, "valkey").user_ids("a").user_ids("b").send().await.unwrap_err();
    assert_refused(&two, "UserGroupQuotaExceeded", 400);
    bench.group("g", &["a"]).await;
    // The model of this operation does not have the code: clients must go by its text.
    let second = bench.elasticache.modify_user_group().user_group_id("g").user_ids_to_add("b");
    assert_refused(&second.send().await.unwrap_err(), "UserGroupQuotaExceeded", 400);
    let swap = bench.elasticache.modify_user_group().user_group_id("g").user_ids_to_add("b");
    swap.user_ids_to_remove("a").send().await.unwrap();
}

#[tokio::test]
async fn a_group_of_unknown_users_is_not_made() {
    let bench = Bench::new().await;
    let unknown = group(&bench, "valkey").user_ids("nobody").send().await.unwrap_err();
    assert_refused(&unknown, "UserNotFound", 404);
}
