//! What is done at random, by callers and by others.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::Soak;
use crate::world::Answer;

/// Each is named in [`Deed::ALL`] as often as it is to come, and done in [`Soak::act`].
#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    Create,
    Delete,
    /// Deletes with all keys.
    Purge,
    AddUser,
    RemoveUser,
    ChangeProfile,
    ChangeLabels,
    Rotate,
    RotateFleet,
    Attest,
    Suspend,
    Resume,
    /// Somebody else changes the user group.
    ChangeForeignMember,
    /// Somebody else does something to one of our users.
    Meddle,
    RepairDrift,
    Restart,
    /// The service's clock leaps.
    Leap,
}

impl Deed {
    const ALL: [Self; 29] = [
        Self::Create,
        Self::Create,
        Self::Create,
        Self::Create,
        Self::Create,
        Self::Delete,
        Self::Purge,
        Self::AddUser,
        Self::AddUser,
        Self::AddUser,
        Self::RemoveUser,
        Self::ChangeProfile,
        Self::ChangeProfile,
        Self::ChangeLabels,
        Self::Rotate,
        Self::Rotate,
        Self::RotateFleet,
        Self::Attest,
        Self::Suspend,
        Self::Suspend,
        Self::Resume,
        Self::ChangeForeignMember,
        Self::ChangeForeignMember,
        Self::Meddle,
        Self::Meddle,
        Self::Meddle,
        Self::RepairDrift,
        Self::Restart,
        Self::Leap,
    ];

    pub(super) fn draw(chance: &mut fastrand::Rng) -> Self {
        Self::ALL[chance.usize(..Self::ALL.len())]
    }
}

/// Profiles of main users.
pub(super) const PROFILES: [&str; 4] = ["read-write", "read-only", "queue", "cache"];
/// Further users, each with the profile of its name.
const USERS: [&str; 2] = ["queue", "cache"];
/// The member of the user group that comes and goes.
pub(super) const RESTLESS: &str = "foreign-restless";

impl Soak {
    /// Does it, and takes note of what the service has promised.
    pub(super) async fn act(&mut self, deed: Deed, n_tenants: usize) {
        let name = format!("q{:03}z", self.chance.usize(..n_tenants));
        let tenant = format!("/tenants/{name}");
        match deed {
            Deed::Create => {
                let profile = self.profile();
                let body = json!({ "name": name, "profile": profile, "inherit_keys": true });
                if self.ask(Method::POST, "/tenants", body).await {
                    self.wanted.add(&name, profile);
                }
            }
            Deed::Delete | Deed::Purge => {
                let query = if matches!(deed, Deed::Purge) { "?purge_keys=true" } else { "" };
                if self.ask(Method::DELETE, &format!("{tenant}{query}"), Value::Null).await {
                    self.wanted.remove(&name);
                }
            }
            Deed::AddUser => {
                let user = self.user();
                let body = json!({ "profile": user, "keys": "*" });
                if self.ask(Method::PUT, &format!("{tenant}/users/{user}"), body).await {
                    self.wanted.tenant(&name).unwrap().users.insert(user);
                }
            }
            Deed::RemoveUser => {
                let user = self.user();
                let path = format!("{tenant}/users/{user}");
                let is_promised = self.ask(Method::DELETE, &path, Value::Null).await;
                // Of a tenant that is being deleted, each user is going anyway.
                if let (true, Some(tenant)) = (is_promised, self.wanted.tenant(&name)) {
                    tenant.users.remove(user);
                }
            }
            Deed::ChangeProfile => {
                let profile = self.profile();
                if self.ask(Method::PATCH, &tenant, json!({ "profile": profile })).await {
                    self.wanted.tenant(&name).unwrap().profile = profile;
                }
            }
            Deed::ChangeLabels => {
                let labels = json!({ "labels": { "plan": self.chance.u8(..).to_string() } });
                self.ask(Method::PATCH, &tenant, labels).await;
            }
            Deed::Rotate => {
                let grace = json!({ "grace_seconds": self.chance.u32(..600) });
                let rush = json!({ "mode": "emergency", "reason": "INC-1" });
                let body = if self.chance.u8(..4) == 0 { rush } else { grace };
                self.ask(Method::POST, &format!("{tenant}/rotations"), body).await;
            }
            Deed::RotateFleet => {
                let body = json!({ "selector": {}, "reason": "soak", "grace_seconds": 60 });
                self.ask(Method::POST, "/rotations", body).await;
            }
            Deed::Attest => {
                self.ask(Method::POST, &format!("{tenant}/attestations"), Value::Null).await;
            }
            Deed::Suspend | Deed::Resume => {
                let suspended = matches!(deed, Deed::Suspend);
                if self.ask(Method::PATCH, &tenant, json!({ "suspended": suspended })).await {
                    self.wanted.tenant(&name).unwrap().suspended = suspended;
                }
            }
            Deed::ChangeForeignMember => self.change_foreign_member().await,
            Deed::Meddle => self.meddle(&name).await,
            Deed::RepairDrift => {
                self.ask(Method::POST, "/drift/repair", json!({ "tenant": name })).await;
            }
            Deed::Restart => {
                self.world.stop_service().await;
                self.world.start_service().await;
            }
            Deed::Leap => {
                let minutes = self.chance.i64(1..120);
                self.world.clock.advance(SignedDuration::from_mins(minutes));
            }
        }
    }

    fn profile(&mut self) -> &'static str {
        PROFILES[self.chance.usize(..PROFILES.len())]
    }

    fn user(&mut self) -> &'static str {
        USERS[self.chance.usize(..USERS.len())]
    }

    /// Asks until there is an answer that is not a failure, and answers whether it is a promise.
    async fn ask(&mut self, method: Method, path: &str, body: Value) -> bool {
        self.n_asked += 1;
        let key = format!("soak-{}", self.n_asked);
        loop {
            let request = self.world.request(method.clone(), path);
            let request = request.header("idempotency-key", &key);
            let request = if body.is_null() { request } else { request.json(&body) };
            let answer = Answer::of(request).await;
            match answer.status {
                200..300 => return true,
                404 | 409 => return false,
                500.. => {}
                _ => panic!("{method} {path} {body}: {answer:?}"),
            }
        }
    }

    /// Whether it is refused, because the user is not there or being changed, or lost is all the same.
    async fn meddle(&mut self, tenant: &str) {
        let elasticache = self.world.elasticache();
        let user = if self.chance.bool() {
            format!("rf-{tenant}")
        } else {
            format!("rf-{tenant}--{}", self.user())
        };
        match self.chance.u8(..3) {
            0 => {
                let group = ringfence::config::SimulatorCache::USER_GROUP;
                let change = elasticache.modify_user_group().user_group_id(group);
                let _whatever = change.user_ids_to_remove(user).send().await;
            }
            1 => {
                let _whatever = elasticache.delete_user().user_id(user).send().await;
            }
            _ => {
                let change = elasticache.modify_user().user_id(user);
                let _whatever = change.append_access_string("+lolwut").send().await;
            }
        }
    }

    /// Whether it is refused, because the group is being changed, or lost is all the same.
    async fn change_foreign_member(&mut self) {
        let group = ringfence::config::SimulatorCache::USER_GROUP;
        let change = self.world.elasticache().modify_user_group().user_group_id(group);
        let change = if self.chance.bool() {
            change.user_ids_to_add(RESTLESS)
        } else {
            change.user_ids_to_remove(RESTLESS)
        };
        let _whatever = change.send().await;
    }
}
