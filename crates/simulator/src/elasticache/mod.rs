//! ElastiCache: users, user groups and the caches they are attached to.
//!
//! Everything here is pure. A request changes the state and is answered at once; what AWS does
//! in the background is a [`life::Life`] with a due time, and [`ElastiCache::settle`] does what
//! is due. What the engines must enforce is derived from the settled state by
//! [`ElastiCache::accounts`], so that nothing pending can show there.

mod access_string;
mod accounts;
mod authentication;
mod description;
mod dump;
mod engine_type;
mod events;
mod fail_over;
mod layout;
mod life;
mod membership;
mod memberships;
mod names;
mod operations;
mod page;
mod parameters;
mod refusal;
mod regions;
mod replication_group;
mod seed;
mod settle;
mod size;
mod tags;
mod user;
mod user_group;
pub(crate) mod xml;

use std::collections::BTreeMap;

use jiff::Timestamp;
use ringfence_acl::Engine;
use serde::{Deserialize, Serialize};

pub(crate) use self::accounts::{ADMIN_USER_NAME, Account, Accounts};
pub(crate) use self::engine_type::EngineType;
pub use self::layout::Node;
pub(crate) use self::layout::{ADDRESS, BUS_OFFSET, Layout, Shard};
pub(crate) use self::names::ReplicationGroupId;
pub(crate) use self::parameters::Parameters;
pub(crate) use self::refusal::Refusal;
pub(crate) use self::regions::{CacheKey, Regions};
pub(crate) use self::seed::Ground;

use self::events::Events;
use self::memberships::Memberships;
use self::names::{UserGroupId, UserId};
use self::replication_group::ReplicationGroup;
use self::user::User;
use self::user_group::UserGroup;
use self::xml::Element;
use crate::knobs::{Settings, Span};
use crate::place::Place;

/// All that ElastiCache knows in one account and Region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ElastiCache {
    users: BTreeMap<UserId, User>,
    groups: BTreeMap<UserGroupId, UserGroup>,
    caches: BTreeMap<ReplicationGroupId, ReplicationGroup>,
    events: Events,
    #[serde(skip)]
    memberships: Memberships,
}

/// One request, with what the answer may depend on.
pub(crate) struct Call<'a> {
    pub(crate) parameters: &'a Parameters,
    pub(crate) place: &'a Place,
    pub(crate) now: Timestamp,
    pub(crate) settings: &'a Settings,
    /// What the caches run.
    pub(crate) engine: Engine,
    pub(crate) jitter: &'a mut fastrand::Rng,
}

impl Call<'_> {
    /// The moment at which something that takes this long, and begins now, is done.
    fn done_after(&mut self, span: Span) -> Timestamp {
        self.now.saturating_add(span.pick(self.jitter)).unwrap_or(Timestamp::MAX)
    }
}

impl ElastiCache {
    /// A Region of an account that has just been opened.
    pub(crate) fn new(place: &Place) -> Self {
        let stock = User::stock_default(place.elasticache_arn("user", "default"));
        Self {
            users: BTreeMap::from([(stock.id.clone(), stock)]),
            groups: BTreeMap::new(),
            caches: BTreeMap::new(),
            events: Events::default(),
            memberships: Memberships::default(),
        }
    }

    /// Does what a request asks and gives the elements of its result.
    pub(crate) fn handle(
        &mut self,
        operation: &str,
        call: &mut Call<'_>,
    ) -> Result<Vec<Element>, Refusal> {
        operations::handle(self, operation, call)
    }

    fn user(&self, id: &UserId) -> Result<&User, Refusal> {
        self.users.get(id).ok_or_else(|| Refusal::user_not_found(id))
    }

    fn user_mut(&mut self, id: &UserId) -> Result<&mut User, Refusal> {
        self.users.get_mut(id).ok_or_else(|| Refusal::user_not_found(id))
    }

    fn group(&self, id: &UserGroupId) -> Result<&UserGroup, Refusal> {
        self.groups.get(id).ok_or_else(|| Refusal::group_not_found(id))
    }

    fn group_mut(&mut self, id: &UserGroupId) -> Result<&mut UserGroup, Refusal> {
        self.groups.get_mut(id).ok_or_else(|| Refusal::group_not_found(id))
    }

    fn cache_mut(&mut self, id: &ReplicationGroupId) -> Result<&mut ReplicationGroup, Refusal> {
        self.caches.get_mut(id).ok_or_else(|| Refusal::cache_not_found(id))
    }

    fn groups_of(&self, user: &UserId) -> impl Iterator<Item = &UserGroup> {
        let ids = self.memberships.of(user, &self.groups);
        ids.iter().filter_map(|id| self.groups.get(id))
    }

    fn user_element(&self, user: &User) -> Element {
        user.element(self.groups_of(&user.id).map(|group| &group.id).collect())
    }

    fn group_element(&self, group: &UserGroup) -> Element {
        let attached = |cache: &&ReplicationGroup| cache.user_group.as_ref() == Some(&group.id);
        group.element(self.caches.values().filter(attached).map(|cache| &cache.id).collect())
    }
}
