//! Who reaches whom, told from what AWS shows of a real group.

use aws_sdk_elasticache::types::{AuthenticationMode, InputAuthenticationType};
use ringfence::config::SimulatorCache;
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use crate::world::{World, on_both_engines};

/// Somebody else makes a user and puts it into the group, and Ringfence looks again.
async fn intrude(world: &World, kind: EngineKind, id: &str, access_string: &str) {
    let aws = world.elasticache();
    let user = aws.create_user().user_id(id).user_name(id).engine(kind.to_string());
    user.access_string(access_string).passwords("sixteen-or-more-characters").send().await.unwrap();
    let group = aws.modify_user_group().user_group_id(SimulatorCache::USER_GROUP);
    group.user_ids_to_add(id).send().await.unwrap();
    look_again(world).await;
}

/// Work on a tenant makes Ringfence look at AWS.
async fn look_again(world: &World) {
    assert_eq!(world.create("globex").await.status, 201);
}

fn user<'a>(isolation: &'a Value, id: &str) -> &'a Value {
    let users = isolation["users"].as_array().unwrap();
    users.iter().find(|user| user["user_id"] == id).unwrap()
}

on_both_engines! {
    async fn tenants_are_proved_to_be_isolated(kind) {
        let world = World::new(kind).await;
        for name in ["acme", "acme-eu", "globex"] {
            assert_eq!(world.create(name).await.status, 201);
        }
        let isolation = world.get("/isolation?cache=main").await.body;
        assert_eq!(isolation["between_tenants"], "isolated", "{isolation}");
        assert_eq!(isolation["with_foreign_users"], "isolated", "{isolation}");
        assert_eq!(isolation["meetings"], json!([]));
        assert_eq!(isolation["findings"], json!([]));
        let acme = user(&isolation, "rf-acme");
        assert_eq!((&acme["tenant"], &acme["state"]), (&json!("acme"), &json!("on")));
        assert_eq!(acme["leaks"], json!([]));
        assert_eq!(world.get("/caches/main").await.body["observed"]["findings"], json!([]));
    }

    async fn a_foreign_user_that_sees_everything_is_named_with_a_witness(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        intrude(&world, kind, "ops", "on ~* resetchannels -@all +get +scan").await;
        let isolation = world.get("/isolation").await.body;
        assert_eq!(isolation["between_tenants"], "isolated", "{isolation}");
        assert_eq!(isolation["with_foreign_users"], "leaky", "{isolation}");
        let ops = user(&isolation, "ops");
        assert_eq!((&ops["sees_all_keys"], &ops["tenant"]), (&json!(true), &Value::Null));
        assert_eq!(ops["leaks"][0]["code"], "reveals-key-names");
        let meeting = &isolation["meetings"][0];
        assert_eq!((&meeting["kind"], &meeting["witness"]), (&json!("key"), &json!("acme:")));
        assert_eq!(meeting["users"], json!([
            { "user_id": "ops", "rule": "~*" },
            { "user_id": "rf-acme", "tenant": "acme", "rule": "~acme:*" },
        ]));
    }

    async fn a_tenant_that_was_loosened_behind_our_back_is_a_breach(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        let loose = "on ~acme:* resetchannels -@all +get +keys";
        let changed = world.elasticache().modify_user().user_id("rf-acme").access_string(loose);
        changed.send().await.unwrap();
        look_again(&world).await;
        let isolation = world.get("/isolation").await.body;
        assert_eq!(isolation["between_tenants"], "leaky", "{isolation}");
        let leaks = json!([{ "code": "reveals-key-names", "commands": ["keys"] }]);
        assert_eq!(user(&isolation, "rf-acme")["leaks"], leaks);
    }
}

/// A group of the Redis engine has a user `default`, which somebody opens.
#[tokio::test]
async fn an_open_default_user_is_named_here_and_at_the_cache() {
    let world = World::new(EngineKind::Redis).await;
    world.create("acme").await;
    let isolation = world.get("/isolation").await.body;
    let users = isolation["users"].as_array().unwrap();
    let default = users.iter().find(|user| user["user_name"] == "default").unwrap();
    assert_eq!((&default["state"], &isolation["findings"]), (&json!("off"), &json!([])));
    let id = default["user_id"].as_str().unwrap();

    let aws = world.elasticache();
    let anyone = AuthenticationMode::builder().r#type(InputAuthenticationType::NoPassword).build();
    let open = aws.modify_user().user_id(id).access_string("on ~* &* +@all");
    open.authentication_mode(anyone).send().await.unwrap();
    // The attestation finds it too, and blocks the tenant.
    let blocked = world.create("globex").await;
    assert_eq!(blocked.body["status"], "blocked", "{blocked:?}");
    let isolation = world.get("/isolation").await.body;
    assert_eq!(isolation["between_tenants"], "leaky", "{isolation}");
    assert_eq!(isolation["findings"][0]["code"], "open-default-user");
    assert_eq!(isolation["findings"][0]["user_id"], id);
    let cache = world.get("/caches/main").await.body;
    assert_eq!(cache["observed"]["findings"], isolation["findings"]);
}
