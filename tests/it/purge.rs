//! Tenants that are deleted with their keys.

use std::{collections::BTreeSet, num::NonZeroU32};

use redis::{cluster::ClusterClientBuilder, cmd};
use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::{Fault, Node};
use serde_json::{Value, json};

use crate::world::{Answer, Mortal, PATIENCE, Size, TenantLogin, World, on_both_engines};

const PURGE: &str = "/tenants/acme?purge_keys=true";
/// More than are looked at in a second, where that is to take longer.
const MANY: u32 = 2_500;
const SLOW: NonZeroU32 = NonZeroU32::new(1_000).unwrap();

/// Writes so many keys of a tenant.
async fn fill(login: &mut TenantLogin, tenant: &str, n_keys: u32) {
    let pairs = (0..n_keys).flat_map(|number| [format!("{tenant}:{number}"), "x".to_owned()]);
    let pairs: Vec<String> = pairs.collect();
    let mut words = vec!["MSET"];
    words.extend(pairs.iter().map(String::as_str));
    login.run(&words).await.unwrap();
}

/// All keys on these nodes, as a person sees them who may see everything.
async fn keys_on(world: &World, nodes: &[Node]) -> BTreeSet<String> {
    let opened = world.send(Method::POST, "/break-glass", json!({ "reason": "a test" })).await;
    let session = opened.headers["location"].to_str().unwrap();
    let login = world.get(&format!("{session}/credentials")).await.body;
    let said = |member: &str| login[member].as_str().unwrap().to_owned();
    let mut keys = BTreeSet::new();
    for node in nodes {
        let (user, password) = (said("username"), said("password"));
        let mut eye = TenantLogin::with_password(node.address, &user, &password).await.unwrap();
        let found = eye.run(&["KEYS", "*"]).await.unwrap();
        keys.extend(redis::from_redis_value::<Vec<String>>(found).unwrap());
    }
    world.remove(session).await;
    keys
}

/// Nobody is left in AWS who could remove keys, and nobody's password.
async fn assert_nothing_is_left(world: &World) {
    let aws = world.aws().await;
    let names = aws.user_ids().into_iter().chain(aws.member_ids()).chain(aws.living_secrets());
    let left: Vec<&str> = names.filter(|name| name.contains("purge")).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// The first state of the tenant in which some of its keys are gone and not all.
fn is_in_the_middle(tenant: &Answer) -> bool {
    let removed = tenant.body["purge"]["removed"].as_u64().unwrap_or_default();
    (1..u64::from(MANY)).contains(&removed)
}

on_both_engines! {
    async fn a_purged_tenants_keys_are_gone_and_nobody_elses(kind) {
        let world = World::new(kind).await;
        for name in ["acme", "acme-eu"] {
            world.create(name).await;
            fill(&mut world.login(name).await, name, 700).await;
        }
        let gone = world.remove(PURGE).await;
        assert_eq!(gone.status, 204, "{gone:?}");
        let keys = keys_on(&world, &world.nodes().await).await;
        assert!(keys.len() == 700 && keys.iter().all(|key| key.starts_with("acme-eu:")), "{keys:?}");
        assert_nothing_is_left(&world).await;
        // Nothing is inherited, so nobody has to say that it may be.
        let again = world.create("acme").await;
        assert_eq!((again.status, &again.body["status"]), (201, &json!("active")), "{again:?}");
        assert_eq!(world.get("/tenants/acme").await.body.get("purge"), None);
    }

    async fn a_purge_goes_over_every_shard_of_a_cluster(kind) {
        let world = World::of(kind, Size { shards: 3, replicas: 0 }, |_| {}).await;
        for name in ["acme", "globex"] {
            world.create(name).await;
            let login = world.get(&format!("/tenants/{name}/credentials")).await.body;
            let client = ClusterClientBuilder::new([login["url"].as_str().unwrap()])
                .connection_timeout(PATIENCE)
                .build()
                .unwrap();
            let mut client = client.get_async_connection().await.unwrap();
            for number in 0..100 {
                let key = format!("{name}:{number}");
                cmd("SET").arg(key).arg("x").exec_async(&mut client).await.unwrap();
            }
        }
        let nodes = world.nodes().await;
        assert_eq!(keys_on(&world, &nodes).await.len(), 200);
        assert_eq!(world.remove(PURGE).await.status, 204);
        let keys = keys_on(&world, &nodes).await;
        assert!(keys.len() == 100 && keys.iter().all(|key| key.starts_with("globex:")), "{keys:?}");
    }
}

/// What is told is told by the tenant as long as it is there.
#[tokio::test]
async fn the_tenant_tells_how_far_its_purge_is() {
    let world = World::with(EngineKind::Valkey, |config| config.purge.keys_per_second = SLOW).await;
    world.create("acme").await;
    let mut open = world.login("acme").await;
    fill(&mut open, "acme", MANY).await;
    let asked = Answer::of(world.request(Method::DELETE, PURGE)).await;
    assert_eq!((asked.status, &asked.body["status"]), (202, &json!("deleting")), "{asked:?}");
    assert_eq!(asked.body["purge"], json!({ "scanned": 0, "removed": 0, "nodes": [] }));

    let middle = world.until("/tenants/acme", is_in_the_middle).await.body;
    // It does not end before all that is asked below has been answered.
    world.control().add_fault(Fault::before("DeleteUser").error("Throttling", 400));
    assert!(open.get("acme:1").await.is_err(), "nobody is left who could write keys");
    let (phase, purge) = (&middle["phase"], &middle["purge"]);
    assert_eq!((phase, &purge["phase"]), (&json!("deleted"), &json!("attesting")), "{middle}");
    assert_eq!(purge["nodes"][0]["removed"], purge["removed"]);
    assert_eq!(purge["nodes"][0]["node"], world.engine_address().to_string());
    // Its user is nobody's to see or to use.
    assert_eq!(middle["users"].as_array().unwrap().len(), 1);
    assert_eq!(world.get("/tenants/acme/users/purge").await.problem(), "user-not-found");
    let refused = world.get("/tenants/acme/credentials").await;
    assert_eq!(refused.problem(), "tenant-not-active", "{refused:?}");
    let taken = world.create("acme").await;
    assert_eq!((taken.status, taken.problem()), (409, "tenant-being-deleted"));

    // Asked again, with or without it, nothing changes.
    for path in ["/tenants/acme", PURGE] {
        let again = Answer::of(world.request(Method::DELETE, path)).await;
        assert_eq!(again.status, 202, "{again:?}");
        assert!(again.body["purge"]["removed"].as_u64() >= purge["removed"].as_u64(), "{again:?}");
    }
    world.control().clear_faults();
    world.until("/tenants/acme", |tenant| tenant.status == 404).await;
    assert_eq!(world.create("acme").await.status, 201);
    let recorded = world.recorded("acme").await;
    let of_purge = recorded.iter().map(|(kind, _)| kind.as_str());
    let of_purge: Vec<&str> = of_purge.filter(|kind| kind.contains("purge")).collect();
    assert_eq!(of_purge, ["tenant.purge-requested", "tenant.keys-purged"]);
}

#[tokio::test]
async fn a_purge_can_be_asked_for_until_the_tenant_is_gone() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    fill(&mut world.login("acme").await, "acme", 10).await;
    world.control().add_fault(Fault::delay("DeleteUser").times(1));
    let asked = Answer::of(world.request(Method::DELETE, "/tenants/acme")).await;
    assert_eq!(asked.body.get("purge"), None, "{asked:?}");
    world.until_phase("acme", "removing-user").await;
    let added = Answer::of(world.request(Method::DELETE, PURGE)).await;
    assert_eq!(added.body["purge"]["removed"], 0, "{added:?}");
    world.control().release_delayed();
    world.until("/tenants/acme", |tenant| tenant.status == 404).await;
    assert!(keys_on(&world, &world.nodes().await).await.is_empty());
    assert_eq!(world.remove(PURGE).await.problem(), "tenant-not-found");
}

/// Who was deleted before under the same name has left nothing either.
#[tokio::test]
async fn a_purge_speaks_for_all_who_had_the_keys_before() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.delete("acme").await;
    assert_eq!(world.create("acme").await.problem(), "keys-left-behind");
    world.create_as(json!({ "name": "acme", "inherit_keys": true })).await;
    assert_eq!(world.remove(PURGE).await.status, 204);
    assert_eq!(world.create("acme").await.status, 201);
    world.delete("acme").await;
    assert_eq!(world.create("acme").await.problem(), "keys-left-behind");
}

#[tokio::test]
async fn a_purge_goes_on_in_another_process() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    fill(&mut world.login("acme").await, "acme", MANY).await;
    world.stop_service().await;
    let pace = ("RINGFENCE_PURGE__KEYS_PER_SECOND", SLOW.to_string());
    let mut service = Mortal::with(&world, [pace]);
    service.send(Method::DELETE, PURGE, Value::Null).await;
    let middle = service.until("/tenants/acme", is_in_the_middle).await;
    service.kill_and_start().await;
    let after = service.get("/tenants/acme").await;
    assert!(after.body["purge"]["scanned"].as_u64() >= middle.body["purge"]["scanned"].as_u64());
    service.until("/tenants/acme", |tenant| tenant.status == 404).await;
    assert_nothing_is_left(&world).await;
    drop(service);
    world.start_service().await;
    assert!(keys_on(&world, &world.nodes().await).await.is_empty());
    assert_eq!(world.create("acme").await.status, 201);
}

/// Nobody but Ringfence needs the password of the user that removes keys.
#[tokio::test]
async fn a_purge_whose_secret_somebody_deletes_gets_another() {
    let mut world =
        World::with(EngineKind::Valkey, |config| config.purge.keys_per_second = SLOW).await;
    world.create("acme").await;
    fill(&mut world.login("acme").await, "acme", MANY).await;
    Answer::of(world.request(Method::DELETE, PURGE)).await;
    world.until("/tenants/acme", is_in_the_middle).await;
    world.stop_service().await;
    let aws = world.aws().await;
    let secrets = aws.living_secrets();
    let secret = secrets.iter().find(|name| name.contains("purge")).unwrap();
    let delete = world.secrets_manager().delete_secret().secret_id(*secret);
    delete.force_delete_without_recovery(true).send().await.unwrap();
    world.start_service().await;
    world.until("/tenants/acme", |tenant| tenant.status == 404).await;
    assert_nothing_is_left(&world).await;
    assert!(keys_on(&world, &world.nodes().await).await.is_empty());
}

/// What the new primary holds is what counts.
#[tokio::test]
async fn a_purge_begins_again_on_a_replica_that_is_promoted() {
    let world = World::of(EngineKind::Valkey, Size { shards: 1, replicas: 1 }, |config| {
        let cache = &mut config.caches[0];
        (cache.host, cache.port) = (None, None);
        config.purge.keys_per_second = SLOW;
    })
    .await;
    world.create("acme").await;
    fill(&mut world.login("acme").await, "acme", MANY).await;
    Answer::of(world.request(Method::DELETE, PURGE)).await;
    let before = world.until("/tenants/acme", is_in_the_middle).await.body["purge"].clone();
    world.control().fail_over("cache-main", 1).await.unwrap();
    let other = |tenant: &Answer| {
        tenant.status == 404
            || tenant.body["purge"]["nodes"][0]["node"] != before["nodes"][0]["node"]
    };
    world.until("/tenants/acme", other).await;
    world.until("/tenants/acme", |tenant| tenant.status == 404).await;
    assert!(keys_on(&world, &world.nodes().await).await.is_empty());
}

#[tokio::test]
async fn a_purge_that_is_hindered_says_so_and_goes_on() {
    let world = World::with(EngineKind::Valkey, |config| config.purge.keys_per_second = SLOW).await;
    world.create("acme").await;
    fill(&mut world.login("acme").await, "acme", MANY).await;
    Answer::of(world.request(Method::DELETE, PURGE)).await;
    world.until("/tenants/acme", is_in_the_middle).await;
    let change = async |rules: &[&str]| {
        let (control, engine) = (world.control(), world.engine_address());
        control.change_engine_user(engine, "acme---purge", rules).await.unwrap();
    };
    change(&["-scan"]).await;
    let is_hindered = |tenant: &Answer| !tenant.body["problem"].is_null();
    let hindered = world.until("/tenants/acme", is_hindered).await.body;
    let (status, problem) = (&hindered["status"], &hindered["problem"]);
    assert_eq!(
        (status, &problem["type"]),
        (&json!("deleting"), &json!("/problems/engine-unreachable"))
    );
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.ends_with("the engine answered NOPERM"), "{detail}");
    change(&["+scan"]).await;
    world.until("/tenants/acme", |tenant| !is_hindered(tenant)).await;
    world.until("/tenants/acme", |tenant| tenant.status == 404).await;
    assert!(keys_on(&world, &world.nodes().await).await.is_empty());
}
