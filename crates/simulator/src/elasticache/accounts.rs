//! What an engine must know, derived from the settled state.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::authentication::{Authentication, PasswordHash};
use super::layout::{Layout, Node};
use super::names::ReplicationGroupId;
use super::replication_group::ReplicationGroup;
use super::user::{DEFAULT_USER_NAME, Rights};
use super::{ElastiCache, access_string};
use crate::knobs::PubsubDefault;

/// The user through which the simulator itself rules an engine. No tenant may have its name.
pub(crate) const ADMIN_USER_NAME: &str = "ringfence-simulator-admin";

/// The users of one engine by name.
pub(crate) type Accounts = BTreeMap<String, Account>;

/// What one user of an engine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Account {
    /// A member of the attached user group.
    Member {
        rights: Rights,
        pubsub: PubsubDefault,
        /// What a gateway puts in the place of tokens, if there is a gateway.
        token_password: Option<PasswordHash>,
    },
    /// The default user of a cache without a user group: anyone may do anything.
    Open,
    /// The default user of a cache whose user group has none: whoever is not in the group may do
    /// nothing. ElastiCache switches it off when it attaches a Valkey group.
    Closed,
}

impl Account {
    /// The arguments of one `ACL SETUSER` that gives exactly these rights, whatever the user had
    /// before. Connections of a user whose rights do not change are not disturbed by it.
    pub(crate) fn rules(&self) -> Vec<String> {
        let mut rules = vec!["reset".to_owned()];
        match self {
            Self::Member { rights, pubsub, token_password } => {
                rules.extend(access_string::rules(&rights.access_string, *pubsub));
                rules.extend(proof(&rights.authentication));
                rules.extend(token_password.iter().map(PasswordHash::rule));
            }
            Self::Open => rules.extend(["on", "nopass", "~*", "&*", "+@all"].map(str::to_owned)),
            Self::Closed => rules.push("off".to_owned()),
        }
        rules
    }

    /// Gives this account a password if it is an IAM user's, and says whether it is.
    pub(crate) fn give_password(&mut self, password: impl FnOnce() -> String) -> bool {
        match self {
            Self::Member { rights, token_password, .. }
                if rights.authentication == Authentication::Iam =>
            {
                *token_password = Some(PasswordHash::of(&password()));
                true
            }
            Self::Member { .. } | Self::Open | Self::Closed => false,
        }
    }
}

impl ElastiCache {
    /// The caches that have engines now, each with the nodes it should have.
    pub(crate) fn running(&self) -> impl Iterator<Item = (&ReplicationGroupId, Layout)> {
        let running = self.caches.values().filter(|cache| cache.is_running());
        running.map(|cache| (&cache.id, cache.layout.counted_from(cache.port)))
    }

    /// Where clients of a cache connect first, if it has engines.
    pub(crate) fn address_of(&self, cache: &str) -> Option<SocketAddr> {
        self.caches.get(&ReplicationGroupId::parse(cache).ok()?)?.endpoint()
    }

    /// The nodes of a cache that listen.
    pub(crate) fn nodes_of(&self, cache: &str) -> Vec<Node> {
        let cache = ReplicationGroupId::parse(cache).ok().and_then(|id| self.caches.get(&id));
        cache.map(ReplicationGroup::nodes).unwrap_or_default()
    }

    /// Notes where the nodes of a cache listen, and says whether that is news.
    pub(crate) fn listens(&mut self, cache: &ReplicationGroupId, ports: &[u16]) -> bool {
        self.caches.get_mut(cache).is_some_and(|cache| cache.layout.note_ports(ports))
    }

    /// Notes that the engines of a cache could not be started at all.
    pub(crate) fn failed(&mut self, cache: &ReplicationGroupId) {
        if let Some(cache) = self.caches.get_mut(cache) {
            cache.failed = true;
        }
    }

    /// A cache made for another engine than this, if there is one.
    pub(crate) fn cache_of_another_engine(&self, engine: super::EngineType) -> Option<&str> {
        self.caches.values().find(|cache| cache.engine != engine).map(|cache| cache.id.as_str())
    }

    /// The users that each engine of a cache must have, and no others.
    pub(crate) fn accounts(&self, cache: &ReplicationGroupId, pubsub: PubsubDefault) -> Accounts {
        let mut accounts = Accounts::new();
        let Some(cache) = self.caches.get(cache) else { return accounts };
        if let Some(group) = cache.user_group.as_ref().and_then(|id| self.groups.get(id)) {
            for member in group.members.iter().filter_map(|id| self.users.get(id)) {
                if let Some(rights) = member.in_force.clone() {
                    let account = Account::Member { rights, pubsub, token_password: None };
                    accounts.insert(member.name.clone(), account);
                }
            }
        }
        let default = if cache.user_group.is_some() { Account::Closed } else { Account::Open };
        accounts.entry(DEFAULT_USER_NAME.to_owned()).or_insert(default);
        accounts
    }
}

/// How a user proves who it is.
fn proof(authentication: &Authentication) -> Vec<String> {
    match authentication {
        Authentication::Password { hashes } => hashes.iter().map(PasswordHash::rule).collect(),
        Authentication::NoPassword => vec!["nopass".to_owned()],
        // IAM users log in with tokens, which engines cannot check.
        Authentication::Iam => Vec::new(),
    }
}
