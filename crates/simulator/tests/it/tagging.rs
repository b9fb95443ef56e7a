//! Tags, and the times at which AWS does not want to know of them.

use std::time::Duration;

use aws_sdk_elasticache::error::ProvideErrorMetadata;
use aws_sdk_elasticache::types::Tag;
use ringfence_acl::EngineKind;
use ringfence_simulator::Span;

use crate::bench::{Bench, CACHE, assert_refused};

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// A user with one tag, and its ARN.
async fn bench_with_tagged_user() -> (Bench, String) {
    let bench = Bench::new().await;
    let created = bench.new_user("acme").tags(tag("owner", "me & you")).send().await.unwrap();
    bench.settle().await;
    (bench, created.arn().unwrap().to_owned())
}

#[tokio::test]
async fn tags_are_listed_added_replaced_and_removed() {
    let (bench, arn) = bench_with_tagged_user().await;
    let listed = bench.elasticache.list_tags_for_resource().resource_name(&arn).send().await;
    assert_eq!(listed.unwrap().tag_list(), [tag("owner", "me & you")]);
    let add = bench.elasticache.add_tags_to_resource().resource_name(&arn);
    let added = add.tags(tag("owner", "you")).tags(tag("more", "")).send().await.unwrap();
    assert_eq!(added.tag_list(), [tag("more", ""), tag("owner", "you")]);
    let remove = || bench.elasticache.remove_tags_from_resource().resource_name(&arn);
    let removed = remove().tag_keys("more").send().await.unwrap();
    assert_eq!(removed.tag_list(), [tag("owner", "you")]);
    let missing = remove().tag_keys("more").send().await.unwrap_err();
    assert_refused(&missing, "TagNotFound", 404);
}

#[tokio::test]
async fn groups_and_caches_have_tags_too() {
    let bench = Bench::with_cache(EngineKind::Redis).await;
    for arn in [
        "arn:aws:elasticache:eu-west-1:123456789012:usergroup:tenants".to_owned(),
        format!("arn:aws:elasticache:eu-west-1:123456789012:replicationgroup:{CACHE}"),
    ] {
        let add = bench.elasticache.add_tags_to_resource().resource_name(&arn);
        add.tags(tag("a", "b")).send().await.unwrap();
        let listed = bench.elasticache.list_tags_for_resource().resource_name(&arn).send().await;
        assert_eq!(listed.unwrap().tag_list(), [tag("a", "b")]);
    }
}

#[tokio::test]
async fn for_a_while_after_tagging_the_user_is_said_not_to_be_there() {
    let (bench, arn) = bench_with_tagged_user().await;
    bench.control.change_settings(|settings| {
        settings.latencies.tagging_window = Span::exactly(Duration::from_secs(5));
    });
    let list = || bench.elasticache.list_tags_for_resource().resource_name(&arn).send();
    let add = bench.elasticache.add_tags_to_resource().resource_name(&arn).tags(tag("a", "b"));
    add.send().await.unwrap();
    let denied = list().await.unwrap_err();
    assert_refused(&denied, "UserNotFound", 404);
    assert_eq!(denied.message(), Some("acme is not available for tagging"));
    assert_eq!(bench.status_of("acme").await, "active");
    bench.control.advance_clock(Duration::from_secs(5)).await.unwrap();
    assert_eq!(list().await.unwrap().tag_list().len(), 2);
}

#[tokio::test]
async fn a_busy_user_is_said_not_to_be_there_for_tagging() {
    let (bench, arn) = bench_with_tagged_user().await;
    bench.control.change_settings(|settings| {
        settings.latencies.tagging_window = Span::exactly(Duration::from_secs(5));
        settings.latencies.user_modify = Span::exactly(Duration::from_mins(1));
    });
    bench.elasticache.modify_user().user_id("acme").access_string("off").send().await.unwrap();
    let list = bench.elasticache.list_tags_for_resource().resource_name(&arn).send().await;
    assert_refused(&list.unwrap_err(), "UserNotFound", 404);
}

#[tokio::test]
async fn a_resource_has_only_so_many_tags() {
    let (bench, arn) = bench_with_tagged_user().await;
    bench.control.change_settings(|settings| settings.quotas.tags_per_resource = 1);
    let add = bench.elasticache.add_tags_to_resource().resource_name(&arn).tags(tag("a", "b"));
    assert_refused(&add.send().await.unwrap_err(), "TagQuotaPerResourceExceeded", 400);
    let create = bench.new_user("other").tags(tag("a", "b")).tags(tag("c", "d")).send().await;
    assert_refused(&create.unwrap_err(), "TagQuotaPerResourceExceeded", 400);
}

#[tokio::test]
async fn only_an_arn_names_a_resource() {
    let bench = Bench::new().await;
    let list = |arn: &str| bench.elasticache.list_tags_for_resource().resource_name(arn).send();
    let prefix = "arn:aws:elasticache:eu-west-1:123456789012";
    assert_refused(&list("acme").await.unwrap_err(), "InvalidARN", 400);
    assert_refused(&list(&format!("{prefix}:x:y")).await.unwrap_err(), "InvalidARN", 400);
    assert_refused(&list(&format!("{prefix}:user:y")).await.unwrap_err(), "UserNotFound", 404);
    let group = list(&format!("{prefix}:usergroup:y")).await.unwrap_err();
    assert_refused(&group, "UserGroupNotFound", 404);
    let cache = list(&format!("{prefix}:replicationgroup:y")).await.unwrap_err();
    assert_refused(&cache, "ReplicationGroupNotFoundFault", 404);
}
