//! What is shown of ElastiCache to a person or a test.

use serde_json::{Value, json};

use super::ElastiCache;
use super::authentication::PasswordHash;
use super::user::User;
use super::user_group::UserGroup;

impl ElastiCache {
    /// Everything, for a person or a test to look at. Of passwords only their SHA-256.
    pub(crate) fn dump(&self) -> Value {
        let users: Vec<_> = self.users.values().map(|user| self.dump_user(user)).collect();
        let groups: Vec<_> = self.groups.values().map(dump_group).collect();
        let caches: Vec<_> = self
            .caches
            .values()
            .map(|cache| {
                json!({
                    "replication_group_id": cache.id,
                    "arn": cache.arn,
                    "status": cache.status(),
                    "engine": cache.engine,
                    "user_group_id": cache.user_group,
                    "transit_encryption": cache.transit_encryption,
                    "host": cache.endpoint().map(|address| address.ip()),
                    "port": cache.endpoint().map(|address| address.port()),
                    "cluster_mode": cache.layout.cluster_mode,
                    "nodes": cache.nodes(),
                    "tags": cache.tags.all(),
                })
            })
            .collect();
        json!({ "users": users, "user_groups": groups, "replication_groups": caches })
    }

    fn dump_user(&self, user: &User) -> Value {
        let authentication = &user.wanted.authentication;
        let hashes: Vec<_> = authentication.hashes().iter().map(PasswordHash::as_hex).collect();
        let groups: Vec<_> = self.groups_of(&user.id).map(|group| &group.id).collect();
        json!({
            "user_id": user.id,
            "user_name": user.name,
            "arn": user.arn,
            "status": user.status(),
            "engine": user.engine,
            "access_string": user.wanted.access_string,
            "access_string_in_force": user.in_force.as_ref().map(|rights| &rights.access_string),
            "authentication": authentication.word(),
            "password_count": hashes.len(),
            "password_sha256": hashes,
            "user_group_ids": groups,
            "tags": user.tags.all(),
        })
    }
}

fn dump_group(group: &UserGroup) -> Value {
    let pending = group.life.change();
    let pending = pending.map(|change| json!({ "add": change.add, "remove": change.remove }));
    json!({
        "user_group_id": group.id,
        "arn": group.arn,
        "status": group.status(),
        "engine": group.engine,
        "user_ids": group.members,
        "pending_changes": pending,
        "tags": group.tags.all(),
    })
}
