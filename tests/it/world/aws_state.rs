//! What AWS holds, read from the simulator's dump.

use std::collections::BTreeSet;

use serde_json::Value;

/// A tag that is another in each life of a user.
const ID_OF_THIS_LIFE: &str = "ringfence:id";

/// A dump of the simulator.
#[derive(Debug, PartialEq)]
pub(crate) struct AwsState(Value);

impl AwsState {
    pub(crate) fn new(dump: Value) -> Self {
        Self(dump)
    }

    /// The ids of all users.
    pub(crate) fn user_ids(&self) -> BTreeSet<&str> {
        list(&self.0["users"]).iter().map(|user| text(user, "user_id")).collect()
    }

    /// The access string of a user.
    pub(crate) fn access_string(&self, user_id: &str) -> &str {
        text(self.user(user_id), "access_string")
    }

    /// A user whose rights are the same in the API and in the engine, and which AWS is not changing.
    pub(crate) fn is_settled(&self, user_id: &str) -> bool {
        let user = self.user(user_id);
        user["status"] == "active" && user["access_string_in_force"] == user["access_string"]
    }

    /// How many passwords a user has.
    pub(crate) fn password_count(&self, user_id: &str) -> u64 {
        self.user(user_id)["password_count"].as_u64().unwrap()
    }

    /// How a user proves who it is, in AWS's word.
    pub(crate) fn authentication(&self, user_id: &str) -> &str {
        text(self.user(user_id), "authentication")
    }

    fn user(&self, user_id: &str) -> &Value {
        list(&self.0["users"]).iter().find(|user| user["user_id"] == user_id).unwrap()
    }

    /// The ids of the members of the one user group.
    pub(crate) fn member_ids(&self) -> BTreeSet<&str> {
        let group = &list(&self.0["user_groups"])[0];
        list(&group["user_ids"]).iter().map(|id| id.as_str().unwrap()).collect()
    }

    /// The ids of the members of a user group.
    pub(crate) fn members_of(&self, user_group: &str) -> Vec<&str> {
        let groups = list(&self.0["user_groups"]);
        let group = groups.iter().find(|group| group["user_group_id"] == user_group).unwrap();
        list(&group["user_ids"]).iter().map(|id| id.as_str().unwrap()).collect()
    }

    /// The names of all secrets that are not scheduled for deletion.
    pub(crate) fn living_secrets(&self) -> BTreeSet<&str> {
        let living = |secret: &&Value| secret["DeletedDate"].is_null();
        list(&self.0["secrets"]).iter().filter(living).map(|secret| text(secret, "Name")).collect()
    }

    /// A secret, scheduled for deletion or not.
    pub(crate) fn secret(&self, name: &str) -> &Value {
        list(&self.0["secrets"]).iter().find(|secret| secret["Name"] == name).unwrap()
    }

    /// What two runs of the same work must agree on: everything but passwords and times.
    pub(crate) fn shape(&self) -> Value {
        let users: Vec<Value> = list(&self.0["users"])
            .iter()
            .map(|user| {
                serde_json::json!({
                    "id": user["user_id"],
                    "status": user["status"],
                    "access_string": user["access_string"],
                    "passwords": user["password_count"],
                    "groups": user["user_group_ids"],
                })
            })
            .collect();
        let secrets: Vec<Value> = list(&self.0["secrets"])
            .iter()
            .map(|secret| {
                serde_json::json!({
                    "name": secret["Name"],
                    "scheduled": !secret["DeletedDate"].is_null(),
                    "versions": list(&secret["Versions"]).len(),
                })
            })
            .collect();
        serde_json::json!({ "users": users, "members": self.member_ids(), "secrets": secrets })
    }
}

/// Parts of a dump that a run of some work leaves behind, comparable with those of another run.
impl AwsState {
    /// What is here and was not there before, and what was there and is not here.
    pub(crate) fn since(&self, before: &Self) -> Value {
        let (before, after) = (before.parts(), self.parts());
        let beyond = |one: &[Value], other: &[Value]| -> Vec<Value> {
            one.iter().filter(|part| !other.contains(part)).cloned().collect()
        };
        serde_json::json!({ "new": beyond(&after, &before), "gone": beyond(&before, &after) })
    }

    /// Each user, secret and group with everything but passwords, times and random ids.
    fn parts(&self) -> Vec<Value> {
        let user = |user: &Value| {
            let mut user = user.clone();
            user["password_sha256"].take();
            user["tags"].as_object_mut().unwrap().remove(ID_OF_THIS_LIFE);
            user
        };
        let secret = |secret: &Value| {
            let mut stages: Vec<&Value> =
                list(&secret["Versions"]).iter().map(|it| &it["VersionStages"]).collect();
            stages.sort_by_key(ToString::to_string);
            let tags = list(&secret["Tags"]).iter().filter(|tag| tag["Key"] != ID_OF_THIS_LIFE);
            let tags: Vec<&Value> = tags.collect();
            serde_json::json!({
                "name": secret["Name"],
                "scheduled": !secret["DeletedDate"].is_null(),
                "tags": tags,
                "stages": stages,
            })
        };
        let users = list(&self.0["users"]).iter().map(user);
        let secrets = list(&self.0["secrets"]).iter().map(secret);
        users.chain(secrets).chain(list(&self.0["user_groups"]).iter().cloned()).collect()
    }
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap()
}
