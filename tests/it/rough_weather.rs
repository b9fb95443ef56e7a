//! AWS as it is on a bad day: slow, late to show what it has done, silent.

use std::time::Duration;

use ringfence_acl::EngineKind;
use ringfence_simulator::{Fault, Latencies, Span};
use serde_json::json;

use crate::world::{Answer, World, on_both_engines};

on_both_engines! {
    /// What was made is not listed at once, tags are "not available", members are locked while
    /// their group changes.
    async fn what_aws_shows_late_is_waited_for(kind) {
        let world = World::with(kind, |config| {
            config.reconciler.consistency_window = Duration::from_millis(400);
        }).await;
        world.control().change_settings(|settings| {
            settings.latencies = Latencies {
                read_after_write: Span::between_ms(100, 200),
                user_create: Span::between_ms(20, 60),
                user_modify: Span::between_ms(20, 60),
                user_delete: Span::between_ms(20, 60),
                group_modify: Span::between_ms(40, 80),
                member_lock: Span::between_ms(20, 80),
                tagging_window: Span::between_ms(50, 100),
                ..Latencies::none()
            };
        });
        for operation in ["CreateUser", "CreateSecret", "ModifyUserGroup", "DeleteUser"] {
            world.control().add_fault(Fault::after(operation).times(1));
        }
        for round in 0..2 {
            let body = json!({ "name": "acme", "inherit_keys": round > 0 });
            let created = world.create_as(body).await;
            assert_eq!(created.body["status"], "active", "{created:?}");
            world.login("acme").await.set("acme:x", "1").await.unwrap();
            assert_eq!(world.delete("acme").await.status, 204);
        }
        let aws = world.aws().await;
        assert!(aws.user_ids().iter().all(|id| !id.starts_with("rf-")), "{aws:?}");
        assert!(aws.living_secrets().is_empty());
    }
}

/// A call that is never answered has had its effect all the same.
#[tokio::test]
async fn a_call_that_is_never_answered_is_given_up_and_looked_into() {
    let world = World::with(EngineKind::Valkey, |config| {
        config.reconciler.call_timeout = Duration::from_millis(300);
    })
    .await;
    for operation in ["CreateSecret", "CreateUser", "ModifyUserGroup", "DeleteUser", "DeleteSecret"]
    {
        world.control().add_fault(Fault::hang(operation).times(1));
    }
    let created = world.create("acme").await;
    assert_eq!(created.body["status"], "active", "{created:?}");
    world.login("acme").await.set("acme:x", "1").await.unwrap();
    assert_eq!(world.delete("acme").await.status, 204);
    let aws = world.aws().await;
    assert!(aws.user_ids().iter().all(|id| !id.starts_with("rf-")), "{aws:?}");
    assert!(aws.living_secrets().is_empty());
}

/// Terraform, or anybody, changes the same group at the same time.
#[tokio::test]
async fn a_group_that_somebody_else_is_changing_is_waited_for() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("first").await;
    let busy = Fault::before("ModifyUserGroup").error("InvalidUserGroupState", 400).times(5);
    world.control().add_fault(busy);
    let created = world.create("second").await;
    assert_eq!(created.body["status"], "active", "{created:?}");
    assert_eq!(created.body["problem"], json!(null));
}

/// A full group is a fact about capacity, not a failure: the tenant waits for room.
#[tokio::test]
async fn a_tenant_waits_for_room_in_a_full_group() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("first").await;
    world.create("second").await;
    world.control().change_settings(|settings| settings.quotas.users_per_group = 2);
    let request = world.request(reqwest::Method::POST, "/tenants");
    let third = Answer::of(request.json(&json!({ "name": "third" }))).await;
    assert_eq!(third.status, 202, "{third:?}");
    let is_full = |it: &Answer| it.body["problem"]["type"] == "/problems/user-group-full";
    let third = world.until("/tenants/third", is_full).await;
    assert_eq!(third.body["status"], "provisioning", "{third:?}");
    assert_eq!(world.delete("first").await.status, 204);
    assert_eq!(world.create("third").await.body["status"], "active");
}

/// `RESET` cannot be taken from a tenant, and leads to the user `default`.
#[tokio::test]
async fn an_open_default_user_is_found_by_the_attestation() {
    let world = World::new(EngineKind::Redis).await;
    let elasticache = world.elasticache();
    let users = elasticache.describe_users().send().await.unwrap();
    let aws = world.aws().await;
    let members = aws.member_ids();
    let default = users
        .users()
        .iter()
        .find(|user| members.contains(user.user_id().unwrap_or_default()))
        .and_then(|user| user.user_id())
        .unwrap();
    let open = elasticache.modify_user().user_id(default).access_string("on ~* &* +@all");
    open.no_password_required(true).send().await.unwrap();

    let blocked = world.create("acme").await;
    assert_eq!(blocked.body["status"], "blocked", "{blocked:?}");
    assert_eq!(blocked.body["problem"]["type"], "/problems/fence-leaky");
    let detail = blocked.body["problem"]["detail"].as_str().unwrap();
    assert!(detail.contains("RESET"), "{detail}");
}
