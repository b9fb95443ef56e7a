//! What is there from the first start without an engine.

use ringfence_acl::EngineKind;
use ringfence_simulator::{
    EngineBinary, Quotas, SeedGroup, SeedUser, Simulator, SimulatorConfig, StartError,
};

use crate::bench::{ACCESS, Bench, PASSWORD, config};

fn valkey() -> SimulatorConfig {
    let engine = EngineBinary::find(Some(EngineKind::Valkey));
    config("", engine.unwrap_or_else(|error| panic!("{error}")))
}

fn group(name: &str, n_members: usize) -> SeedGroup {
    let member = |number: usize| SeedUser {
        id: format!("{name}-{number:03}"),
        name: format!("{name}-{number:03}"),
        access_string: ACCESS.to_owned(),
        password: PASSWORD.to_owned(),
        tags: vec![("owner".to_owned(), name.to_owned())],
    };
    SeedGroup { user_group: name.to_owned(), members: (0..n_members).map(member).collect() }
}

#[tokio::test]
async fn groups_are_there_with_their_members_and_no_cache() {
    let user_groups = vec![group("blue", 99), group("green", 30)];
    let bench = Bench::start(SimulatorConfig { user_groups, ..valkey() }).await;
    for (name, n_members) in [("blue", 99), ("green", 30)] {
        let group = bench.describe_group(name).await;
        assert_eq!((group.status(), group.user_ids().len()), (Some("active"), n_members));
        assert!(group.replication_groups().is_empty());
    }
    let mut pages = bench.elasticache.describe_users().into_paginator().page_size(50).send();
    let mut n_users = 0;
    while let Some(page) = pages.next().await {
        for user in page.unwrap().users() {
            let id = user.user_id().unwrap();
            let Some((group, _)) = id.split_once('-') else { continue };
            assert_eq!(user.user_group_ids(), [group], "{id} is in its group only");
            assert_eq!(user.status(), Some("active"));
            n_users += 1;
        }
    }
    assert_eq!(n_users, 129);
    let state = bench.control.dump().await;
    assert_eq!(state["users"][1]["tags"]["owner"], "blue", "{}", state["users"][1]);
}

#[tokio::test]
async fn seeds_keep_to_the_quotas() {
    let directory = tempfile::tempdir().unwrap();
    let quotas = Quotas { users_per_group: 100, ..Quotas::default() };
    let user_groups = vec![group("blue", 101)];
    let data_dir = directory.path().to_owned();
    let refused =
        Simulator::start(SimulatorConfig { user_groups, quotas, data_dir, ..valkey() }).await;
    assert!(matches!(refused, Err(StartError::SeedGroups { .. })), "{refused:?}");
}

/// A user's groups are looked up in what is made of all groups: it must not be older than they are.
#[tokio::test]
async fn a_user_is_shown_with_the_groups_that_it_is_in_now() {
    let user_groups = vec![group("blue", 2), group("green", 1)];
    let bench = Bench::start(SimulatorConfig { user_groups, ..valkey() }).await;
    let groups_of = async || {
        let users = bench.elasticache.describe_users().user_id("blue-000").send().await.unwrap();
        users.users()[0].user_group_ids().to_vec()
    };
    assert_eq!(groups_of().await, ["blue"]);
    let join = bench.elasticache.modify_user_group().user_group_id("green");
    join.user_ids_to_add("blue-000").send().await.unwrap();
    assert_eq!(groups_of().await, ["blue", "green"]);
    let leave = bench.elasticache.modify_user_group().user_group_id("blue");
    leave.user_ids_to_remove("blue-000").send().await.unwrap();
    assert_eq!(groups_of().await, ["green"]);
    bench.elasticache.delete_user_group().user_group_id("green").send().await.unwrap();
    assert_eq!(groups_of().await, [""; 0]);
    bench.group("late", &["blue-000"]).await;
    assert_eq!(groups_of().await, ["late"]);
}
