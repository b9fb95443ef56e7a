//! Caches in several Regions and accounts, of one service.

use std::time::Duration;

use aws_sdk_elasticache::config::{Credentials, Region};
use reqwest::Method;
use ringfence::{
    clock::{Clock as _, SystemClock},
    cloud::{AwsAccess, CallMetrics, Cloud, CloudSettings, Role},
    config::CacheAccess,
    domain::{CacheName, CacheTarget, SecretName, UserId},
};
use ringfence_acl::EngineKind;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::world::{Answer, World};

const ABROAD: &str = "eu-central-1";
const THEIR_ACCOUNT: &str = "210987654321";
const ROLE: &str = "arn:aws:iam::210987654321:role/ringfence";
const EXTERNAL_ID: &str = "what-they-agreed-on";

/// A service with three caches that are called the same in AWS: `main`, `abroad` in another Region,
/// and `theirs` in another account, whose role asks for an external id.
async fn world() -> World {
    let mut world = World::new(EngineKind::Valkey).await;
    world.stop_service().await;
    ask_for(&world, EXTERNAL_ID);
    let abroad = CacheAccess { region: Some(ABROAD.to_owned()), ..CacheAccess::default() };
    add_cache(&mut world, "abroad", abroad, Place { region: ABROAD, key: "somebody" }).await;
    let theirs = CacheAccess {
        assume_role: Some(ROLE.to_owned()),
        external_id: Some(EXTERNAL_ID.to_owned()),
        ..CacheAccess::default()
    };
    let place = Place { region: "us-east-1", key: THEIR_ACCOUNT };
    add_cache(&mut world, "theirs", theirs, place).await;
    world.start_service().await;
    world
}

/// From now on their role asks for this external id.
fn ask_for(world: &World, external_id: &str) {
    world.control().change_settings(|settings| {
        let role = ringfence_simulator::Role { external_id: Some(external_id.to_owned()) };
        settings.roles.insert(ROLE.to_owned(), role);
    });
}

/// Where a cache is, and an access key of somebody there.
struct Place {
    region: &'static str,
    key: &'static str,
}

/// Makes the cache and its group there, with the same ids as here, and configures them.
async fn add_cache(world: &mut World, name: &str, access: CacheAccess, place: Place) {
    let there = world.elasticache().config().to_builder();
    let credentials = Credentials::new(place.key, "secret", None, None, "test");
    let there = there.region(Region::from_static(place.region)).credentials_provider(credentials);
    let elasticache = aws_sdk_elasticache::Client::from_conf(there.build());
    let group = elasticache.create_user_group().user_group_id("ringfence").engine("valkey");
    group.send().await.unwrap();
    world.control().advance_clock(Duration::from_secs(1)).await.unwrap();
    let cache = elasticache.create_replication_group().replication_group_id("cache-main");
    let cache = cache.replication_group_description(name).engine("valkey");
    let cache = cache.transit_encryption_enabled(true).user_group_ids("ringfence");
    cache.send().await.unwrap();
    world.control().advance_clock(Duration::from_secs(1)).await.unwrap();
    let seen = elasticache.describe_replication_groups().send().await.unwrap();
    let endpoint = seen.replication_groups()[0].node_groups()[0].primary_endpoint().unwrap();

    let mut config = world.config.caches[0].clone();
    config.name = CacheName::parse(name).unwrap();
    config.port = Some(endpoint.port().unwrap().try_into().unwrap());
    config.access = access;
    world.config.caches.push(config);
}

/// The ARNs of all users and secrets of a tenant.
async fn arns_of(world: &World, tenant: &str) -> Vec<String> {
    let dump = world.control().dump().await;
    let of = |list: &str, name: &str, arn: &str, wanted: &str| -> Vec<String> {
        let all = dump[list].as_array().unwrap().iter();
        let wanted = all.filter(|it| it[name] == wanted);
        wanted.map(|it: &Value| it[arn].as_str().unwrap().to_owned()).collect()
    };
    let mut arns = of("users", "user_name", "arn", tenant);
    let secrets = of("secrets", "Name", "ARN", &format!("ringfence/{tenant}"));
    // Their last six characters are drawn.
    arns.extend(secrets.iter().map(|arn| arn[..arn.len() - 7].to_owned()));
    arns
}

#[tokio::test]
async fn tenants_land_where_their_cache_is() {
    let world = world().await;
    let places = [
        ("acme", "main", "us-east-1:000000000000"),
        ("globex", "abroad", "eu-central-1:000000000000"),
        ("initech", "theirs", "us-east-1:210987654321"),
    ];
    for (tenant, cache, place) in places {
        let made = world.create_as(json!({ "name": tenant, "cache": cache })).await;
        assert_eq!(made.body["status"], "active", "{made:?}");
        let arns = [
            format!("arn:aws:elasticache:{place}:user:rf-{tenant}"),
            format!("arn:aws:secretsmanager:{place}:secret:ringfence/{tenant}"),
        ];
        assert_eq!(arns_of(&world, tenant).await, arns);
        // The password is read there, and is the one of the engine there.
        world.login(tenant).await;
    }
    for (tenant, ..) in places {
        assert_eq!(world.delete(tenant).await.status, 204);
    }
}

#[tokio::test]
async fn a_role_that_is_refused_is_a_denial_that_passes() {
    let mut world = world().await;
    world.create_as(json!({ "name": "initech", "cache": "theirs" })).await;
    world.stop_service().await;
    ask_for(&world, "another-word");
    world.start_service().await;

    let globex = json!({ "name": "globex", "cache": "theirs" });
    let asked = world.request(Method::POST, "/tenants").json(&globex).send().await.unwrap();
    assert_eq!(asked.status(), 202);
    let is_denied = |answer: &Answer| answer.body["problem"]["type"] == "/problems/cloud-denied";
    let denied = world.until("/tenants/globex", is_denied).await;
    let detail = denied.body["problem"]["detail"].as_str().unwrap();
    assert!(detail.starts_with("AssumeRole: AccessDenied"), "{detail}");
    assert!(detail.contains(ROLE), "{detail}");
    assert_eq!(denied.body["status"], "provisioning");
    let credentials = world.get("/tenants/initech/credentials").await;
    assert_eq!(credentials.problem(), "cloud-unavailable");
    let here = world.create("acme").await;
    assert_eq!(here.body["status"], "active", "the other caches are not concerned");

    ask_for(&world, EXTERNAL_ID);
    world.until("/tenants/globex", |answer| answer.body["status"] == "active").await;
    world.login("initech").await;
}

#[tokio::test]
async fn a_session_of_a_role_makes_many_calls_and_signs_tokens_for_its_region() {
    let mut world = world().await;
    // It has a session of its own.
    world.stop_service().await;
    let settings = CloudSettings {
        region: Some(ABROAD.to_owned()),
        role: Some(Role { arn: ROLE.to_owned(), external_id: Some(EXTERNAL_ID.to_owned()) }),
        call_timeout: Duration::from_secs(30),
        ..CloudSettings::default()
    };
    let n_sessions = || {
        let calls = world.control().calls();
        calls.iter().filter(|call| call.operation == "AssumeRole").count()
    };
    let before = n_sessions();
    let aws = AwsAccess::Simulator { url: world.simulator.url() };
    let cloud = Cloud::connect(&aws, &settings, &CallMetrics::default()).await.unwrap();
    cloud.users_since(Instant::now()).await.unwrap();
    assert_eq!(cloud.secret(&SecretName::new("none".to_owned())).await, Ok(None));
    let (target, user) = (CacheTarget::ServerlessCache("c".to_owned()), UserId::new("acme"));
    let token = cloud.connect_token(&target, &user, SystemClock.now()).await.unwrap();
    let signed_as = format!("X-Amz-Credential=ASIA{THEIR_ACCOUNT}");
    assert!(token.expose().contains(&signed_as));
    assert!(token.expose().contains("%2Feu-central-1%2Felasticache%2F"));
    assert!(token.expose().contains("X-Amz-Security-Token="));
    assert_eq!(n_sessions() - before, 1);
}
