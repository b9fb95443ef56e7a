//! What a tenant goes through.

use futures_util::future::LocalBoxFuture;
use reqwest::Method;
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use super::stage::Stage;
use crate::world::{Answer, World};

/// More sweeps than repairs of a few things take.
const SWEEPS_MAX: usize = 50;

/// Work that takes calls to AWS, as a caller asks for it.
#[derive(Clone, Copy)]
pub(super) struct Scenario {
    /// For messages.
    pub(super) name: &'static str,
    /// Where it is played.
    pub(super) world: fn(EngineKind) -> LocalBoxFuture<'static, World>,
    /// Comes before, and nothing goes wrong in it.
    pub(super) prepare: for<'s> fn(&'s mut Stage) -> LocalBoxFuture<'s, ()>,
    /// Asks for everything in turn, and waits for each outcome.
    pub(super) play: for<'s> fn(&'s mut Stage) -> LocalBoxFuture<'s, ()>,
}

/// A tenant is made, deleted, and made again, so that restoring its secret is covered too.
pub(super) const TENANT: Scenario = Scenario {
    name: "a tenant's life",
    world: |kind| Box::pin(World::new(kind)),
    prepare: nothing,
    play: |stage| {
        Box::pin(async move {
            create(stage, json!({})).await;
            stage.remove(&stage.tenant_path()).await;
            create(stage, json!({ "inherit_keys": true })).await;
        })
    },
};

/// A tenant gets another user, other rights, and loses the user again.
pub(super) const USERS: Scenario = Scenario {
    name: "a tenant with further users",
    world: |kind| Box::pin(World::new(kind)),
    prepare: nothing,
    play: |stage| {
        Box::pin(async move {
            create(stage, json!({})).await;
            let tenant = stage.tenant_path();
            let user = format!("{tenant}/users/queue");
            stage.ask(Method::PUT, &user, json!({ "profile": "queue" })).await;
            stage.until(&user, is_active).await;
            stage.ask(Method::PATCH, &tenant, json!({ "profile": "cache" })).await;
            stage.until(&tenant, is_active).await;
            stage.remove(&user).await;
        })
    },
};

/// A break-glass session is opened and closed.
pub(super) const SESSION: Scenario = Scenario {
    name: "a break-glass session",
    world: |kind| Box::pin(World::new(kind)),
    prepare: nothing,
    play: |stage| {
        Box::pin(async move {
            let reason = json!({ "reason": "INC-1" });
            let opened = stage.ask(Method::POST, "/break-glass", reason).await;
            let session = opened.headers["location"].to_str().unwrap();
            stage.until(session, is_active).await;
            stage.remove(session).await;
        })
    },
};

/// A tenant of IAM is given a password, until its first user is gone.
pub(super) const AUTH: Scenario = Scenario {
    name: "a change from IAM to a password",
    world: |kind| Box::pin(World::with_iam(kind, |_| {})),
    prepare: nothing,
    play: |stage| {
        Box::pin(async move {
            create(stage, json!({ "auth": "iam" })).await;
            let tenant = stage.tenant_path();
            stage.ask(Method::PATCH, &tenant, json!({ "auth": "password" })).await;
            let is_over =
                |answer: &Answer| answer.body["auth_change"].is_null() && is_active(answer);
            stage.until(&tenant, is_over).await;
        })
    },
};

/// A password is replaced when its time is over, in a hurry, and when somebody says so.
pub(super) const ROTATIONS: Scenario = Scenario {
    name: "a tenant with rotations",
    world: |kind| Box::pin(World::new(kind)),
    prepare: nothing,
    play: |stage| {
        Box::pin(async move {
            create(stage, json!({})).await;
            let is_completed = |rotation: &Answer| rotation.body["status"] == "completed";
            for body in [
                json!({ "grace_seconds": 0 }),
                json!({ "mode": "emergency", "reason": "INC-1" }),
                json!({ "retire_when": "manual" }),
            ] {
                let is_manual = body["retire_when"] == "manual";
                let path = format!("{}/rotations", stage.tenant_path());
                let started = stage.ask(Method::POST, &path, body).await;
                let rotation = started.headers["location"].to_str().unwrap();
                if is_manual {
                    stage.until(rotation, |it| it.body["status"] == "grace").await;
                    let retire = format!("{rotation}/retire");
                    stage.ask(Method::POST, &retire, Value::Null).await;
                }
                stage.until(rotation, is_completed).await;
            }
        })
    },
};

/// A tenant with two users is kept out, changed meanwhile, let in again, and deleted while it is out.
pub(super) const SUSPENSION: Scenario = Scenario {
    name: "a tenant that is suspended",
    world: |kind| Box::pin(World::new(kind)),
    prepare: nothing,
    play: |stage| {
        Box::pin(async move {
            create(stage, json!({ "users": [{ "name": "sessions", "profile": "cache" }] })).await;
            let tenant = stage.tenant_path();
            let is_suspended = |answer: &Answer| answer.body["status"] == "suspended";
            for body in [json!({ "suspended": true }), json!({ "profile": "read-only" })] {
                stage.ask(Method::PATCH, &tenant, body).await;
                stage.until(&tenant, is_suspended).await;
            }
            stage.ask(Method::PATCH, &tenant, json!({ "suspended": false })).await;
            stage.until(&tenant, is_active).await;
            stage.ask(Method::PATCH, &tenant, json!({ "suspended": true })).await;
            stage.until(&tenant, is_suspended).await;
            stage.remove(&tenant).await;
        })
    },
};

/// A tenant is deleted with its keys, and made again by its name alone.
pub(super) const PURGE: Scenario = Scenario {
    name: "a tenant that is purged",
    world: |kind| Box::pin(World::new(kind)),
    prepare: |stage| Box::pin(create(stage, json!({}))),
    play: |stage| {
        Box::pin(async move {
            let tenant = stage.tenant_path();
            stage.ask(Method::DELETE, &format!("{tenant}?purge_keys=true"), Value::Null).await;
            stage.until(&tenant, |answer| answer.status == 404).await;
            create(stage, json!({})).await;
        })
    },
};

/// Somebody has deleted a tenant's user and scheduled its secret for deletion. Both are put right.
pub(super) const REPAIR: Scenario = Scenario {
    name: "the repair of a tenant",
    world: |kind| Box::pin(World::new(kind)),
    prepare: |stage| {
        Box::pin(async move {
            create(stage, json!({})).await;
            stage.lose_user_and_secret().await;
            stage.ask(Method::POST, "/drift/sweeps", json!({})).await;
            let drift = format!("/drift?tenant={}", stage.tenant());
            stage.until(&drift, |drift| drift.body["items"][0].is_object()).await;
        })
    },
    play: |stage| {
        Box::pin(async move {
            let (tenant, drift) =
                (stage.tenant_path(), format!("/drift?tenant={}", stage.tenant()));
            let all = json!({ "tenant": stage.tenant() });
            stage.ask(Method::POST, "/drift/repair", all).await;
            // One after the other is repaired, the deepest first.
            for _ in 0..SWEEPS_MAX {
                stage.until(&tenant, is_active).await;
                stage.ask(Method::POST, "/drift/sweeps", json!({})).await;
                let found = stage.ask(Method::GET, &drift, Value::Null).await;
                if found.body["items"] == json!([]) {
                    return;
                }
            }
            panic!("it still differs");
        })
    },
};

fn nothing(_: &mut Stage) -> LocalBoxFuture<'_, ()> {
    Box::pin(async {})
}

/// Asks for the tenant with these further members, until it is active.
async fn create(stage: &mut Stage, mut body: Value) {
    body["name"] = stage.tenant().into();
    stage.ask(Method::POST, "/tenants", body).await;
    stage.until(&stage.tenant_path(), is_active).await;
}

fn is_active(answer: &Answer) -> bool {
    answer.body["status"] == "active"
}
