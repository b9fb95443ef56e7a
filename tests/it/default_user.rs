//! A cache that moves from one password for everybody to a user for each: who is left is seen.

use aws_sdk_elasticache::types::User;
use reqwest::Method;
use ringfence::{
    config::{ProfileConfig, SimulatorCache},
    domain::{KeyRights, ProfileName, TenantName},
};
use ringfence_acl::EngineKind;
use serde_json::json;

use crate::world::{Answer, TenantLogin, World, on_both_engines};

const ACTIVITY: &str = "/caches/main/default-user-activity";
const TOKEN: &str = "This-is-a-sample-token";

/// A world with a profile that may observe, as the page on the migration shows it.
async fn observable(kind: EngineKind) -> World {
    World::with(kind, |config| {
        config.profiles.push(ProfileConfig {
            name: ProfileName::parse("watch").unwrap(),
            description: "May see who is connected, and who is refused.".to_owned(),
            commands: "+ping +client|list +acl|log".parse().unwrap(),
            keys: KeyRights::None,
            channels: false,
            allow: ["shows-or-harms-clients", "administers-server"]
                .map(|code| code.parse().unwrap())
                .into(),
        });
        config.caches[0].connection_observer = Some(TenantName::parse("watcher").unwrap());
    })
    .await
}

/// Makes the token the password of a user named `default`, as an operator does.
async fn give_the_token_to_a_user(world: &World, kind: EngineKind) {
    let aws = world.elasticache();
    let user = aws.create_user().user_id("legacy-default").user_name("default");
    let user = user.engine(kind.to_string()).access_string("on ~* &* +@all");
    user.passwords(TOKEN).send().await.unwrap();
    // On Redis it takes the place of one that is off.
    let is_former = |user: &&User| {
        let is_member = user.user_group_ids().iter().any(|id| id == SimulatorCache::USER_GROUP);
        is_member && user.user_name() == Some("default")
    };
    let users = aws.describe_users().send().await.unwrap();
    let former = users.users().iter().find(is_former).and_then(User::user_id);
    let group = aws.modify_user_group().user_group_id(SimulatorCache::USER_GROUP);
    let mut group = group.user_ids_to_add("legacy-default");
    if let Some(id) = former {
        group = group.user_ids_to_remove(id);
    }
    group.send().await.unwrap();
}

on_both_engines! {
    async fn who_still_uses_the_token_is_told_until_nobody_does(kind) {
        let world = observable(kind).await;
        give_the_token_to_a_user(&world, kind).await;
        // A `default` user that takes a password keeps nobody from being attested.
        let watcher = json!({ "name": "watcher", "profile": "watch" });
        let made = world.send(Method::POST, "/services", watcher).await;
        assert_eq!(made.body["attested"]["verdict"], "isolated", "{made:?}");

        let engine = world.engine_address();
        let mut checkout = TenantLogin::with_password(engine, "default", TOKEN).await.unwrap();
        checkout.run(&["CLIENT", "SETNAME", "checkout"]).await.unwrap();
        checkout.get("orders:1").await.unwrap();
        assert!(TenantLogin::with_password(engine, "default", "not-the-token").await.is_err());

        let told = world.get(ACTIVITY).await;
        assert_eq!((told.status, &told.body["connections"]), (200, &json!(1)), "{told:?}");
        assert_eq!(told.body["nodes"].as_array().unwrap().len(), 1);
        let sources = told.body["sources"].as_array().unwrap();
        let of = |name: &str| sources.iter().find(|source| source["client_name"] == name).unwrap();
        assert_eq!(of("checkout")["last_commands"], json!(["get"]));
        assert_eq!(of("checkout")["address"], "127.0.0.1");
        let refused = sources.iter().flat_map(|source| source["refused"].as_array().unwrap());
        let reasons: Vec<_> = refused.map(|refusal| refusal["reason"].clone()).collect();
        assert_eq!((reasons, &told.body["refusals"]), (vec![json!("auth")], &json!(1)));

        drop(checkout);
        world.until(ACTIVITY, |it| it.body["connections"] == 0).await;
    }
}

fn detail(refused: &Answer) -> &str {
    refused.body["detail"].as_str().unwrap()
}

#[tokio::test]
async fn without_an_observer_that_may_look_nothing_is_told_and_the_reason_is() {
    let blind = World::new(EngineKind::Valkey).await;
    let refused = blind.get(ACTIVITY).await;
    assert_eq!((refused.status, refused.problem()), (409, "observer-missing"));
    assert!(detail(&refused).contains("connection_observer"), "{refused:?}");
    let nowhere = blind.get("/caches/elsewhere/default-user-activity").await;
    assert_eq!((nowhere.status, nowhere.problem()), (404, "cache-not-found"));

    let world = observable(EngineKind::Valkey).await;
    let refused = world.get(ACTIVITY).await;
    assert_eq!(refused.problem(), "observer-missing");
    assert!(detail(&refused).contains("watcher"), "{refused:?}");
    // One that may not ask is no observer either.
    let watcher = json!({ "name": "watcher", "profile": "read-only" });
    assert_eq!(world.send(Method::POST, "/services", watcher).await.status, 201);
    let refused = world.get(ACTIVITY).await;
    assert_eq!((refused.status, refused.problem()), (409, "observer-missing"));
    assert!(detail(&refused).contains("CLIENT LIST"), "{refused:?}");
}
