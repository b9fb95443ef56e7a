//! What a sweep costs that finds nothing to differ.

use std::{collections::BTreeMap, num::NonZeroU32, ops::Range, time::Duration};

use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use super::sweep;
use crate::world::World;

const CACHES: [&str; 2] = ["one", "two"];
/// Of so many users of each cache the tags are read.
const TAGS: u32 = 1;

/// Signs up tenants in turn in all caches.
async fn sign_up(world: &World, numbers: Range<usize>) {
    for number in numbers {
        let cache = CACHES[number % CACHES.len()];
        let body = json!({ "name": format!("t{number}"), "cache": cache });
        assert_eq!(world.create_as(body).await.status, 201);
    }
}

/// The calls of one sweep of all caches.
async fn calls(world: &World) -> BTreeMap<String, u64> {
    world.control().clear_calls();
    assert_eq!(sweep(world).await, Vec::<Value>::new());
    let mut calls = BTreeMap::new();
    for call in world.control().calls() {
        *calls.entry(call.operation).or_default() += 1;
    }
    calls
}

/// Users, groups and secrets are listed in pages of a hundred, once for all caches. What is asked for
/// each cache is where it is. No call is for a tenant, but for the tags that are read in turn.
#[tokio::test]
async fn a_sweep_that_finds_nothing_takes_no_call_for_a_tenant() {
    let mut world = World::with_caches(EngineKind::Valkey, &CACHES, |config| {
        config.drift.tags_at_once = NonZeroU32::new(TAGS).unwrap();
        // Nobody looks at AWS meanwhile but the sweep.
        config.reconciler.period = Duration::from_hours(1);
    })
    .await;
    world.start_service().await;
    sign_up(&world, 0..2).await;
    let n_caches = CACHES.len() as u64;
    let expected = BTreeMap::from([
        ("DescribeReplicationGroups".to_owned(), n_caches),
        ("DescribeUserGroups".to_owned(), 1),
        ("DescribeUsers".to_owned(), 1),
        ("ListSecrets".to_owned(), 1),
        ("ListTagsForResource".to_owned(), n_caches * u64::from(TAGS)),
    ]);
    assert_eq!(calls(&world).await, expected);
    sign_up(&world, 2..12).await;
    assert_eq!(calls(&world).await, expected, "with six times as many");
}
