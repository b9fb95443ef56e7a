//! What AWS is asked for once for all who want to know.

use std::{sync::Arc, time::Duration};

use futures_util::future::{join_all, try_join_all};
use ringfence::{
    cloud::{AwsAccess, CallMetrics, Cloud, CloudSettings, Clouds},
    domain::{CacheName, GroupChange, Membership, UserId},
};
use ringfence_acl::EngineKind;
use ringfence_simulator::Span;
use tokio::time::Instant;

use crate::world::World;

/// With one user more than a page of a hundred holds.
async fn world() -> (World, Cloud) {
    let mut world = World::new(EngineKind::Valkey).await;
    world.stop_service().await;
    let elasticache = world.elasticache();
    let n_users = 101 - world.aws().await.user_ids().len();
    try_join_all((0..n_users).map(|i| {
        let user = elasticache.create_user().user_id(format!("U-{i}")).user_name(format!("u-{i}"));
        let user = user.engine("valkey").access_string(format!("on ~u-{i}:* +get"));
        user.passwords("sixteen-or-more-characters").send()
    }))
    .await
    .unwrap();
    let aws = AwsAccess::Simulator { url: world.simulator.url() };
    let settings = CloudSettings { call_timeout: Duration::from_secs(30), ..Default::default() };
    let cloud = Cloud::connect(&aws, &settings, &CallMetrics::default()).await.unwrap();
    world.control().clear_calls();
    (world, cloud)
}

fn n_calls(world: &World, operation: &str) -> usize {
    world.control().calls().iter().filter(|call| call.operation == operation).count()
}

#[tokio::test]
async fn many_who_ask_cost_one_listing_and_each_text_is_held_once() {
    let (world, cloud) = Box::pin(world()).await;
    let now = Instant::now();
    let listings = join_all((0..50).map(|_| cloud.users_since(now))).await;
    let listing = listings[0].as_ref().unwrap();
    assert_eq!(listing.users.len(), 101);
    assert!(listings.iter().all(|other| Arc::ptr_eq(other.as_ref().unwrap(), listing)));
    assert_eq!(n_calls(&world, "DescribeUsers"), 2, "two pages, once");

    let changed = world.elasticache().modify_user().user_id("u-0");
    changed.access_string("on ~else:* +get").send().await.unwrap();
    let next = cloud.users_since(Instant::now()).await.unwrap();
    assert!(next.began > listing.began);
    let is_same = |id: &str| {
        let text = |users: &ringfence::cloud::UserListing| {
            Arc::clone(&users.get(&UserId::new(id)).unwrap().access_string)
        };
        Arc::ptr_eq(&text(listing), &text(&next))
    };
    assert!(is_same("u-1"));
    assert!(!is_same("u-0"));
}

#[tokio::test]
async fn a_change_of_a_group_is_seen_in_its_answer_and_in_the_next_listing() {
    let (world, cloud) = Box::pin(world()).await;
    world.control().change_settings(|settings| {
        settings.latencies.group_modify = Span::exactly(Duration::from_mins(1));
    });
    let user = UserId::new("u-0");
    let change = GroupChange { adds: vec![user.clone()], removes: Vec::new() };
    let answer = cloud.modify_group("ringfence", &change).await.unwrap();
    assert_eq!(answer.view.membership(&user), Membership::Joining);
    let now = Instant::now();
    let listings = join_all((0..50).map(|_| cloud.groups_since(now))).await;
    assert!(listings.iter().all(|listing| listing.as_ref().unwrap().groups["ringfence"] == answer));
    assert_eq!(n_calls(&world, "DescribeUserGroups"), 1);
}

#[tokio::test]
async fn caches_that_are_reached_in_the_same_way_share_what_was_listed() {
    let (world, _cloud) = Box::pin(world()).await;
    let aws = AwsAccess::Simulator { url: world.simulator.url() };
    let here = CloudSettings { call_timeout: Duration::from_secs(30), ..Default::default() };
    let named = CloudSettings { region: Some("us-east-1".to_owned()), ..here.clone() };
    let abroad = CloudSettings { region: Some("eu-west-1".to_owned()), ..here.clone() };
    let name = |name: &str| CacheName::parse(name).unwrap();
    let caches = [(name("here"), here), (name("named"), named), (name("abroad"), abroad)];
    let clouds = Clouds::connect(&aws, &caches, &CallMetrics::default()).await.unwrap();
    let [here, named, abroad] = caches.map(|(name, _)| clouds.for_cache(&name).unwrap().clone());

    let now = Instant::now();
    let listing = here.users_since(now).await.unwrap();
    assert!(Arc::ptr_eq(&listing, &named.users_since(now).await.unwrap()));
    assert!(!Arc::ptr_eq(&listing, &abroad.users_since(now).await.unwrap()));
    assert_eq!(
        (here.region(), named.region(), abroad.region()),
        ("us-east-1", "us-east-1", "eu-west-1")
    );
}
