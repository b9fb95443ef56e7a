//! As many sign-ups at once as there are places.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use crate::world::{Answer, AwsState, World, on_both_engines, set_quota, user_group};

const CACHES: [&str; 3] = ["one", "three", "two"];
const PLACES: u32 = 100;
/// How many members of each group are not ours, beside a `default` that the engine may need.
const FOREIGN: [u32; 3] = [0, 7, 3];

on_both_engines! {
    /// AWS throttles, fails before and after the effect of calls, and hangs up, by chance.
    async fn three_hundred_sign_ups_at_once_get_the_three_hundred_places_there_are(kind) {
        let mut world = full_when_all_came(kind).await;
        strew_faults(&world);
        let names: Vec<String> = (0..300).map(|i| format!("tenant-{i}")).collect();
        let accepted = join_all(names.iter().map(|name| sign_up(&world, name))).await;
        for answer in accepted {
            assert_eq!(answer.status, 202, "{answer:?}");
        }
        let late = sign_up(&world, "late").await;
        assert_eq!(late.status, 507, "{late:?}");
        assert_eq!(late.body["type"], "/problems/no-capacity");
        until_idle(&world).await;
        for name in &names {
            let tenant = world.get(&format!("/tenants/{name}")).await;
            assert_eq!(tenant.body["status"], "active", "{tenant:?}");
        }
        world.control().clear_faults();
        let by_cache = world.users_by_cache().await;
        assert!(by_cache.iter().all(|(_, users)| *users == u64::from(PLACES)), "{by_cache:?}");
        assert_each_has_one_of_everything(&world.aws().await, kind, &names);
        world.stop_service().await;
    }
}

/// Three caches, in which others are members, each with a hundred places left.
async fn full_when_all_came(kind: EngineKind) -> World {
    let mut world = World::with_caches(kind, &CACHES, |config| {
        for (cache, foreign) in config.caches.iter_mut().zip(FOREIGN) {
            set_quota(cache, PLACES + foreign + n_default(kind));
        }
        // Hundreds of steps share the thread with AWS, and none is to be given up for that.
        config.reconciler.call_timeout = Duration::from_secs(30);
        // So that what fails together is tried again together: each look is at hundreds of users.
        config.reconciler.poll_min = Duration::from_millis(100);
        config.reconciler.poll_max = Duration::from_millis(200);
        config.reconciler.retry_base = Duration::from_millis(100);
        config.reconciler.retry_max = Duration::from_millis(400);
    })
    .await;
    world.control().change_settings(|settings| {
        let most = FOREIGN.into_iter().max().unwrap_or(0);
        settings.quotas.users_per_group = (PLACES + most + n_default(kind)) as usize;
    });
    for (cache, foreign) in CACHES.into_iter().zip(FOREIGN) {
        if foreign > 0 {
            world.add_foreign_members(cache, kind, foreign).await;
        }
    }
    world.start_and_look().await;
    world
}

/// A Redis group has a user `default` among its members.
fn n_default(kind: EngineKind) -> u32 {
    match kind {
        EngineKind::Redis => 1,
        EngineKind::Valkey => 0,
    }
}

fn strew_faults(world: &World) {
    let control = world.control();
    control.add_fault(Fault::before("*").error("Throttling", 400).with_probability(0.05));
    control.add_fault(Fault::before("*").error("InternalFailure", 500).with_probability(0.02));
    control.add_fault(Fault::after("*").error("InternalFailure", 500).with_probability(0.02));
    control.add_fault(Fault::after("*").dropped().with_probability(0.02));
}

/// Waits until there is no work left. Seldom, because what is asked here takes the time of those who
/// do the work.
async fn until_idle(world: &World) {
    let mut looks = tokio::time::interval(Duration::from_millis(250));
    let is_idle = |cache: &Value| cache["queue_depth"] == 0;
    let all_idle = |answer: &Answer| answer.body["items"].as_array().unwrap().iter().all(is_idle);
    while !all_idle(&world.get("/caches").await) {
        looks.tick().await;
        let blocked = world.get("/tenants?status=blocked").await;
        assert_eq!(blocked.body["items"], json!([]), "nobody needs a person");
    }
}

async fn sign_up(world: &World, name: &str) -> Answer {
    let request = world.request(Method::POST, "/tenants");
    Answer::of(request.json(&json!({ "name": name }))).await
}

/// One user, one secret and one membership for each, and the groups no fuller than AWS lets them be.
fn assert_each_has_one_of_everything(aws: &AwsState, kind: EngineKind, names: &[String]) {
    let expected: BTreeSet<String> = names.iter().map(|name| format!("rf-{name}")).collect();
    let is_ours = |id: &&str| id.starts_with("rf-");
    let users: BTreeSet<_> =
        aws.user_ids().into_iter().filter(is_ours).map(str::to_owned).collect();
    assert_eq!(users, expected);
    let secrets: Vec<String> = names.iter().map(|name| format!("ringfence/{name}")).collect();
    let secrets: BTreeSet<&str> = secrets.iter().map(String::as_str).collect();
    assert_eq!(aws.living_secrets(), secrets);
    let mut members = Vec::new();
    for (cache, foreign) in CACHES.into_iter().zip(FOREIGN) {
        let group = aws.members_of(&user_group(cache));
        assert_eq!(group.len(), (PLACES + foreign + n_default(kind)) as usize, "{cache}");
        members.extend(group.into_iter().filter(is_ours).map(str::to_owned));
    }
    assert_eq!(members.len(), names.len(), "nobody is in two groups");
    assert_eq!(members.into_iter().collect::<BTreeSet<_>>(), expected);
}

/// A member that is not ours takes a place, and its name is nobody's.
#[tokio::test]
async fn members_of_others_are_reckoned_with() {
    let kind = EngineKind::Valkey;
    let mut world = World::with_caches(kind, &["a", "b"], |config| {
        config.caches.iter_mut().for_each(|cache| set_quota(cache, 2));
    })
    .await;
    world.add_foreign_members("a", kind, 1).await;
    world.start_and_look().await;
    let shown = world.get("/caches/a").await.body;
    let places = json!({ "quota": 2, "source": "configured", "ours": 0, "foreign": 1, "free": 1 });
    assert_eq!((&shown["places"], &shown["headroom"]), (&places, &json!(1)));
    let mut caches = Vec::new();
    for name in ["x", "y", "z"] {
        caches.push(world.create(name).await.body["cache"].clone());
    }
    assert_eq!(caches, ["b", "a", "b"]);
    let refused = world.create("w").await;
    let details: Vec<&Value> = refused.body["considered"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cache| &cache["detail"])
        .collect();
    assert_eq!(
        details,
        [
            "2 of 2 places are taken, 1 by users of Ringfence and 1 by others",
            "2 of 2 places are taken, 2 by users of Ringfence and 0 by others",
        ]
    );
    assert_eq!(world.delete("y").await.status, 204);
    assert_eq!(world.create("w").await.body["cache"], "a", "a place is free again");
}
