//! Lists: their pages, their filters, and the list of events.

use std::time::Duration;

use aws_sdk_elasticache::types::{Filter, SourceType};

use crate::bench::{Bench, assert_refused};

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let bench = Bench::new().await;
    for number in 0..45 {
        bench.new_user(&format!("user-{number:02}")).send().await.unwrap();
    }
    let mut pages = bench.elasticache.describe_users().into_paginator().page_size(20).send();
    let (mut sizes, mut ids) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        sizes.push(page.users().len());
        ids.extend(page.users().iter().map(|user| user.user_id().unwrap().to_owned()));
    }
    assert_eq!(sizes, [20, 20, 6], "45 and the stock user");
    ids.dedup();
    assert_eq!(ids.len(), 46);
}

#[tokio::test]
async fn pages_have_bounds_and_markers_are_ours() {
    let bench = Bench::new().await;
    for size in [0, 19, 101] {
        let users = bench.elasticache.describe_users().max_records(size).send().await;
        assert_refused(&users.unwrap_err(), "InvalidParameterValue", 400);
        let groups = bench.elasticache.describe_user_groups().max_records(size).send().await;
        assert_refused(&groups.unwrap_err(), "InvalidParameterValue", 400);
    }
    let marker = bench.elasticache.describe_users().marker("*").send().await;
    assert_refused(&marker.unwrap_err(), "InvalidParameterValue", 400);
}

#[tokio::test]
async fn groups_and_caches_are_listed() {
    let bench = Bench::with_cache(ringfence_acl::EngineKind::Redis).await;
    bench.group("another", &[]).await;
    let groups = bench.elasticache.describe_user_groups().send().await.unwrap();
    let ids: Vec<_> =
        groups.user_groups().iter().filter_map(|group| group.user_group_id()).collect();
    assert_eq!(ids, ["another", "tenants"]);
    let caches = bench.elasticache.describe_replication_groups().send().await.unwrap();
    assert_eq!(caches.replication_groups().len(), 1);
}

#[tokio::test]
async fn users_are_filtered() {
    let bench = Bench::new().await;
    bench.new_user("a").user_name("same").engine("valkey").send().await.unwrap();
    bench.new_user("b").user_name("same").engine("redis").send().await.unwrap();
    bench.new_user("c").user_name("other").engine("redis").send().await.unwrap();
    let find = async |name: &str, values: &[&str]| -> Vec<String> {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        let filter = Filter::builder().name(name).set_values(Some(values)).build();
        let found = bench.elasticache.describe_users().filters(filter).send().await.unwrap();
        found.users().iter().map(|user| user.user_id().unwrap().to_owned()).collect()
    };
    assert_eq!(find("UserName", &["same"]).await, ["a", "b"]);
    assert_eq!(find("UserId", &["B", "c"]).await, ["b", "c"]);
    assert_eq!(find("Engine", &["valkey"]).await, ["a"]);
    assert_eq!(find("Status", &["deleting"]).await, [""; 0]);
    let engine = bench.elasticache.describe_users().engine("valkey").send().await.unwrap();
    assert_eq!(engine.users().len(), 1);

    let unknown = Filter::builder().name("Colour").values("red").build();
    let unknown = bench.elasticache.describe_users().filters(unknown).send().await;
    assert_refused(&unknown.unwrap_err(), "InvalidParameterValue", 400);
}

#[tokio::test]
async fn what_has_happened_is_listed() {
    let bench = Bench::new().await;
    bench.user("acme").await;
    bench.elasticache.modify_user().user_id("acme").access_string("off").send().await.unwrap();
    let events = || bench.elasticache.describe_events().source_type(SourceType::User);
    let recent = events().source_identifier("acme").duration(120).send().await.unwrap();
    let messages: Vec<_> = recent.events().iter().filter_map(|event| event.message()).collect();
    assert_eq!(messages, ["User created", "User modified"]);
    assert!(recent.events()[0].date().is_some());

    bench.control.advance_clock(Duration::from_hours(2)).await.unwrap();
    assert!(events().send().await.unwrap().events().is_empty(), "an hour, if nothing is asked");
    let start = *recent.events()[0].date().unwrap();
    assert_eq!(events().start_time(start).send().await.unwrap().events().len(), 2);
    let both = events().start_time(start).duration(5).send().await.unwrap_err();
    assert_refused(&both, "InvalidParameterCombination", 400);
    let whose = bench.elasticache.describe_events().source_identifier("acme").send().await;
    assert_refused(&whose.unwrap_err(), "InvalidParameterCombination", 400);
    let kind = bench.elasticache.describe_events().source_type(SourceType::from("x")).send().await;
    assert_refused(&kind.unwrap_err(), "InvalidParameterValue", 400);
}
