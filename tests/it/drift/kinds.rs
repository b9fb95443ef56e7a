//! Each kind of drift: made as somebody would make it, told, and repaired.

use aws_sdk_elasticache::types::{AuthenticationMode, InputAuthenticationType};
use reqwest::Method;
use ringfence::config::SimulatorCache;
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use super::{as_before, items, kinds, repair, reporting, set_policy, sweep, until_nothing_differs};
use crate::world::{World, on_both_engines};

/// What somebody does to a tenant in AWS.
#[derive(Clone, Copy, Debug)]
enum Deed {
    DeletesTheUser,
    SwitchesTheUserOff,
    TakesItOutOfTheGroup,
    ChangesItsAccess,
    GivesItAPassword,
    TakesTheUsersTags,
    TakesTheSecretsTags,
    DeletesTheSecret,
}

impl Deed {
    const ALL: [Self; 8] = [
        Self::DeletesTheUser,
        Self::SwitchesTheUserOff,
        Self::TakesItOutOfTheGroup,
        Self::ChangesItsAccess,
        Self::GivesItAPassword,
        Self::TakesTheUsersTags,
        Self::TakesTheSecretsTags,
        Self::DeletesTheSecret,
    ];

    fn kind(self) -> &'static str {
        match self {
            Self::DeletesTheUser => "user-missing",
            Self::SwitchesTheUserOff => "user-disabled",
            Self::TakesItOutOfTheGroup => "not-in-group",
            Self::ChangesItsAccess => "access-changed",
            Self::GivesItAPassword => "passwords-changed",
            Self::TakesTheUsersTags => "user-tags-lost",
            Self::TakesTheSecretsTags => "secret-tags-lost",
            Self::DeletesTheSecret => "secret-scheduled",
        }
    }

    async fn is_done(self, world: &World) {
        let (elasticache, secrets) = (world.elasticache(), world.secrets_manager());
        let user = || elasticache.modify_user().user_id("rf-acme");
        let given = world.aws().await.access_string("rf-acme").to_owned();
        match self {
            Self::DeletesTheUser => {
                elasticache.delete_user().user_id("rf-acme").send().await.unwrap();
            }
            Self::SwitchesTheUserOff => {
                user().access_string(given.replacen("on", "off", 1)).send().await.unwrap();
            }
            Self::TakesItOutOfTheGroup => {
                let change =
                    elasticache.modify_user_group().user_group_id(SimulatorCache::USER_GROUP);
                change.user_ids_to_remove("rf-acme").send().await.unwrap();
            }
            Self::ChangesItsAccess => {
                user().access_string(format!("{given} +flushall")).send().await.unwrap();
            }
            Self::GivesItAPassword => {
                let passwords = ["0123456789abcdef", "fedcba9876543210"].map(str::to_owned);
                user().set_passwords(Some(passwords.to_vec())).send().await.unwrap();
            }
            Self::TakesTheUsersTags => {
                let users = elasticache.describe_users().user_id("rf-acme").send().await.unwrap();
                let arn = users.users()[0].arn().unwrap().to_owned();
                let call = elasticache.remove_tags_from_resource().resource_name(arn);
                call.tag_keys("ringfence:installation").send().await.unwrap();
            }
            Self::TakesTheSecretsTags => {
                let call = secrets.untag_resource().secret_id("ringfence/acme");
                call.tag_keys("ringfence:installation").send().await.unwrap();
            }
            Self::DeletesTheSecret => {
                let call = secrets.delete_secret().secret_id("ringfence/acme");
                call.recovery_window_in_days(7).send().await.unwrap();
            }
        }
    }
}

on_both_engines! {
    /// Each is told with what was found; asked for, it is repaired, and all is as before: for the tenant
    /// too, whose password is the same.
    async fn what_somebody_changed_is_told_and_repaired_on_request(kind) {
        let world = reporting(kind).await;
        world.create("acme").await;
        let shape = world.aws().await.shape();
        let url = world.get("/tenants/acme/credentials").await.body["url"].clone();
        for deed in Deed::ALL {
            assert_eq!(sweep(&world).await, Vec::<Value>::new(), "before {deed:?}");
            deed.is_done(&world).await;
            let found = sweep(&world).await;
            assert_eq!(kinds(&found), [deed.kind()], "{deed:?}: {found:#?}");
            assert_eq!((&found[0]["tenant"], &found[0]["user"]), (&json!("acme"), &json!("main")));
            assert_eq!(found[0]["policy"], "report");
            assert_ne!(found[0]["found"], found[0]["expected"]);
            let again = sweep(&world).await;
            assert_eq!((&again[0]["id"], &again[0]["since"]), (&found[0]["id"], &found[0]["since"]));
            repair(&world, json!({ "items": [found[0]["id"]] })).await;
            until_nothing_differs(&world).await;
            as_before(&world, &shape, &url).await;
        }
    }

    /// All at once, without anybody asking.
    async fn what_takes_nothing_from_anybody_is_repaired_by_itself(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        let shape = world.aws().await.shape();
        let url = world.get("/tenants/acme/credentials").await.body["url"].clone();
        let shallow = [Deed::TakesTheSecretsTags, Deed::SwitchesTheUserOff, Deed::TakesItOutOfTheGroup];
        let deep = [Deed::TakesTheUsersTags, Deed::DeletesTheSecret, Deed::DeletesTheUser];
        for deeds in [shallow, deep] {
            for deed in deeds {
                deed.is_done(&world).await;
            }
            until_nothing_differs(&world).await;
            as_before(&world, &shape, &url).await;
        }
        let recorded = world.recorded("acme").await;
        let begun: Vec<_> =
            recorded.iter().filter(|(kind, _)| kind == "drift.repair-begun").collect();
        assert!(begun.len() >= 2, "{recorded:?}");
    }
}

/// A password that somebody gives to a user of IAM.
#[tokio::test]
async fn another_way_to_log_in_is_told_and_repaired_on_request() {
    let world = World::with_iam(EngineKind::Valkey, |_| {}).await;
    world.create_as(json!({ "name": "acme", "auth": "iam" })).await;
    let shape = world.aws().await.shape();
    let mode = AuthenticationMode::builder()
        .r#type(InputAuthenticationType::Password)
        .passwords("0123456789abcdef");
    let user = world.elasticache().modify_user().user_id("rf-acme---iam");
    user.authentication_mode(mode.build()).send().await.unwrap();
    let found = sweep(&world).await;
    assert_eq!(kinds(&found), ["auth-changed"], "{found:#?}");
    assert_eq!((&found[0]["found"], &found[0]["expected"]), (&json!("password"), &json!("iam")));
    repair(&world, json!({ "tenant": "acme" })).await;
    until_nothing_differs(&world).await;
    assert_eq!(world.aws().await.shape(), shape);
    assert_eq!(world.aws().await.authentication("rf-acme---iam"), "iam");
}

/// After everything that changes things in AWS, nothing is held to differ.
#[tokio::test]
async fn a_world_that_nobody_touched_shows_no_drift() {
    let world = reporting(EngineKind::Valkey).await;
    world.create("acme").await;
    assert_eq!(sweep(&world).await, Vec::<Value>::new());
    let path = "/tenants/acme/rotations";
    let rotation = world.send(Method::POST, path, json!({ "retire_when": "manual" })).await;
    assert_eq!(rotation.body["status"], "grace", "{rotation:?}");
    assert_eq!(sweep(&world).await, Vec::<Value>::new(), "in the grace");
    let path = format!("{path}/{}/retire", rotation.body["id"].as_str().unwrap());
    let rotation = world.send(Method::POST, &path, json!({})).await;
    assert_eq!(rotation.body["status"], "completed", "{rotation:?}");
    assert_eq!(sweep(&world).await, Vec::<Value>::new(), "after a rotation");
    world.send(Method::PATCH, "/tenants/acme", json!({ "profile": "cache" })).await;
    world.send(Method::PUT, "/tenants/acme/users/queue", json!({ "profile": "queue" })).await;
    assert_eq!(sweep(&world).await, Vec::<Value>::new(), "with other rights");
    assert_eq!(world.delete("acme").await.status, 204);
    assert_eq!(sweep(&world).await, Vec::<Value>::new(), "after the end");
}

/// A rotated password is that of its rotation, also after the secret was restored.
#[tokio::test]
async fn a_restored_secret_keeps_its_rotated_password() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let rotation = json!({ "grace_seconds": 0 });
    let rotation = world.send(Method::POST, "/tenants/acme/rotations", rotation).await;
    let path = format!("/tenants/acme/rotations/{}", rotation.body["id"].as_str().unwrap());
    world.until(&path, |rotation| rotation.body["status"] == "completed").await;
    let url = world.get("/tenants/acme/credentials").await.body["url"].clone();
    let shape = world.aws().await.shape();
    Deed::DeletesTheSecret.is_done(&world).await;
    until_nothing_differs(&world).await;
    as_before(&world, &shape, &url).await;
}

/// Nobody can read the old password any more: there is a new one, and the user has it.
#[tokio::test]
async fn a_secret_that_is_gone_is_made_again_when_somebody_asks_for_it() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let url = world.get("/tenants/acme/credentials").await.body["url"].clone();
    let mut open = world.login("acme").await;
    let call = world.secrets_manager().delete_secret().secret_id("ringfence/acme");
    call.force_delete_without_recovery(true).send().await.unwrap();
    let found = sweep(&world).await;
    assert_eq!(kinds(&found), ["secret-missing"], "{found:#?}");
    assert_eq!(kinds(&sweep(&world).await), ["secret-missing"], "it is only told");
    repair(&world, json!({ "kinds": ["secret-missing"] })).await;
    until_nothing_differs(&world).await;
    assert_ne!(world.get("/tenants/acme/credentials").await.body["url"], url);
    world.login("acme").await.set("acme:a", "1").await.unwrap();
    open.set("acme:b", "2").await.unwrap();
}

/// Whose password is right, only a person knows.
#[tokio::test]
async fn a_password_written_by_hand_is_told_and_never_overwritten() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let secrets = world.secrets_manager();
    let call = secrets.put_secret_value().secret_id("ringfence/acme");
    call.secret_string("{\"password\":\"by-hand-by-hand-by-hand\"}").send().await.unwrap();
    let before = world.aws().await;
    let found = sweep(&world).await;
    assert_eq!(kinds(&found), ["secret-changed"], "{found:#?}");
    let asked = repair(&world, json!({})).await;
    assert_eq!(asked[0]["repair"]["automatic"], false, "{asked:#?}");
    assert!(asked[0]["repair"]["does"].as_str().unwrap().contains("rotation"), "{asked:#?}");
    assert_eq!(kinds(&sweep(&world).await), ["secret-changed"]);
    assert_eq!(world.aws().await, before);
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_says_what_would_be_done() {
    let world = reporting(EngineKind::Valkey).await;
    world.create("acme").await;
    Deed::TakesItOutOfTheGroup.is_done(&world).await;
    sweep(&world).await;
    let before = world.aws().await;
    let dry = world.send(Method::POST, "/drift/repair", json!({ "dry_run": true })).await;
    assert_eq!(dry.status, 200, "{dry:?}");
    let found = items(&dry);
    assert_eq!(found[0]["repair"]["automatic"], true);
    assert_eq!(found[0]["repair"]["state"], Value::Null);
    assert_eq!(kinds(&sweep(&world).await), ["not-in-group"]);
    assert_eq!(world.aws().await, before);
}

#[tokio::test]
async fn what_is_ignored_is_neither_listed_nor_repaired() {
    let world = World::with(EngineKind::Valkey, |config| {
        set_policy(config, "repair");
        let ignored = ["access-changed", "passwords-changed"];
        let ignored = ignored.map(|kind| (kind.parse().unwrap(), "ignore".parse().unwrap()));
        config.caches[0].drift_policy = ignored.into_iter().collect();
    })
    .await;
    world.create("acme").await;
    for deed in [Deed::ChangesItsAccess, Deed::GivesItAPassword] {
        deed.is_done(&world).await;
    }
    let before = world.aws().await;
    assert_eq!(sweep(&world).await, Vec::<Value>::new());
    assert_eq!(world.aws().await, before);
}

/// Another group at the cache, or none, is for a person; what is accepted is right from then on.
#[tokio::test]
async fn a_cache_without_its_group_is_told() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    assert_eq!(sweep(&world).await, Vec::<Value>::new());
    let elasticache = world.elasticache();
    let change = elasticache
        .modify_replication_group()
        .replication_group_id(SimulatorCache::REPLICATION_GROUP)
        .user_group_ids_to_remove(SimulatorCache::USER_GROUP);
    change.send().await.unwrap();
    let found = sweep(&world).await;
    assert_eq!(kinds(&found), ["group-detached"], "{found:#?}");
    assert_eq!(found[0]["expected"], SimulatorCache::USER_GROUP);
    assert_eq!(found[0]["repair"]["automatic"], false);
}

#[tokio::test]
async fn items_are_narrowed_and_paged_and_unknown_ones_refused() {
    let world = reporting(EngineKind::Valkey).await;
    for name in ["acme", "globex"] {
        world.create(name).await;
    }
    for deed in [Deed::DeletesTheSecret, Deed::TakesItOutOfTheGroup] {
        deed.is_done(&world).await;
    }
    assert_eq!(kinds(&sweep(&world).await), ["not-in-group", "secret-scheduled"]);
    let of = async |query: &str| items(&world.get(&format!("/drift?{query}")).await).len();
    assert_eq!(of("tenant=acme").await, 2);
    assert_eq!(of("tenant=globex").await, 0);
    assert_eq!(of("kind=not-in-group&cache=main").await, 1);
    let first = world.get("/drift?limit=1").await;
    let token = first.body["next_page_token"].as_str().unwrap();
    let second = world.get(&format!("/drift?limit=1&page_token={token}")).await;
    assert_eq!(kinds(&items(&second)), ["secret-scheduled"]);
    assert_eq!(second.body["next_page_token"], Value::Null);
    assert_eq!(world.get("/drift?kind=gone").await.status, 400);
    let unknown = json!({ "items": ["not-in-group:main:rf-acme", "nothing"] });
    let refused = world.send(Method::POST, "/drift/repair", unknown).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    assert_eq!(refused.body["errors"][0]["pointer"], "/items/1");
}
