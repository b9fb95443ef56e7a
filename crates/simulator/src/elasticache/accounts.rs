//! What an engine must know, derived from the settled state.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::authentication::Authentication;
use super::names::ReplicationGroupId;
use super::replication_group::ADDRESS;
use super::user::{DEFAULT_USER_NAME, Rights};
use super::{ElastiCache, ReplicationGroup, access_string};
use crate::knobs::PubsubDefault;

/// The user through which the simulator itself rules an engine. No tenant may have its name.
pub(crate) const ADMIN_USER_NAME: &str = "ringfence-simulator-admin";

/// The users of one engine by name, each with the rules that make it from nothing.
pub(crate) type Accounts = BTreeMap<String, Vec<String>>;

impl ElastiCache {
    /// The caches that have an engine now, each with the port it was given, if it has one.
    pub(crate) fn running(&self) -> impl Iterator<Item = (&ReplicationGroupId, Option<u16>)> {
        self.caches.values().filter(|cache| cache.is_running()).map(|cache| (&cache.id, cache.port))
    }

    /// Where the engine of a cache listens, if it has one.
    pub(crate) fn address_of(&self, cache: &str) -> Option<SocketAddr> {
        let cache = self.caches.get(&ReplicationGroupId::parse(cache).ok()?)?;
        let port = cache.port.filter(|_| cache.is_running())?;
        Some(SocketAddr::from((ADDRESS, port)))
    }

    /// Notes where the engine of a cache listens.
    pub(crate) fn listens(&mut self, cache: &ReplicationGroupId, port: u16) {
        if let Some(cache) = self.caches.get_mut(cache) {
            cache.port = Some(port);
        }
    }

    /// Notes that the engine of a cache could not be started at all.
    pub(crate) fn failed(&mut self, cache: &ReplicationGroupId) {
        if let Some(cache) = self.caches.get_mut(cache) {
            cache.failed = true;
        }
    }

    /// A cache made for another engine than this, if there is one.
    pub(crate) fn cache_of_another_engine(&self, engine: super::EngineType) -> Option<&str> {
        self.caches.values().find(|cache| cache.engine != engine).map(|cache| cache.id.as_str())
    }

    /// The users that the engine of a cache must have, and no others.
    pub(crate) fn accounts(&self, cache: &ReplicationGroupId, pubsub: PubsubDefault) -> Accounts {
        let mut accounts = Accounts::new();
        let Some(cache) = self.caches.get(cache) else { return accounts };
        if let Some(group) = cache.user_group.as_ref().and_then(|id| self.groups.get(id)) {
            for member in group.members.iter().filter_map(|id| self.users.get(id)) {
                if let Some(rights) = &member.in_force {
                    accounts.insert(member.name.clone(), engine_rules(rights, pubsub));
                }
            }
        }
        accounts.entry(DEFAULT_USER_NAME.to_owned()).or_insert_with(|| default_user_rules(cache));
        accounts
    }
}

/// Without a user group anyone may do anything. With one, whoever is not in it may do nothing:
/// ElastiCache switches the engine's default user off when it attaches a Valkey group.
fn default_user_rules(cache: &ReplicationGroup) -> Vec<String> {
    let rules: &[&str] = match cache.user_group {
        None => &["reset", "on", "nopass", "~*", "&*", "+@all"],
        Some(_) => &["reset", "off"],
    };
    rules.iter().copied().map(str::to_owned).collect()
}

/// One `ACL SETUSER` that gives exactly these rights, whatever the user had before. Connections
/// of a user whose rights do not change are not disturbed by it.
fn engine_rules(rights: &Rights, pubsub: PubsubDefault) -> Vec<String> {
    let mut rules = vec!["reset".to_owned()];
    let own = access_string::rules(&rights.access_string);
    if !own.iter().any(|rule| rule.starts_with('&') || rule.ends_with("channels")) {
        rules.push(pubsub.rule().to_owned());
    }
    rules.extend(own);
    match &rights.authentication {
        Authentication::Password { hashes } => {
            rules.extend(hashes.iter().map(|hash| format!("#{}", hash.as_hex())));
        }
        Authentication::NoPassword => rules.push("nopass".to_owned()),
        // IAM users log in with tokens that only AWS can check: here they cannot log in.
        Authentication::Iam => {}
    }
    rules
}
