//! What AWS holds, read from the simulator's dump.

use std::collections::BTreeSet;

use serde_json::Value;

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

    /// What two runs of the same work must agree on: everything but passwords, times and the
    /// random parts of ids.
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
                    "name": without_chance(text(secret, "Name")),
                    "scheduled": !secret["DeletedDate"].is_null(),
                    "versions": list(&secret["Versions"]).len(),
                })
            })
            .collect();
        serde_json::json!({ "users": users, "members": self.member_ids(), "secrets": secrets })
    }
}

/// The name of a break-glass session is drawn.
fn without_chance(name: &str) -> &str {
    name.rsplit_once("break-glass-").map_or(name, |_| "break-glass")
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap()
}
