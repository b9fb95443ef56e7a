//! A user group, its members and the change under way.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::engine_type::EngineType;
use super::life::{Ended, Life};
use super::names::{ReplicationGroupId, UserGroupId, UserId};
use super::refusal::Refusal;
use super::settle::Settled;
use super::tags::Tags;
use super::xml::Element;

/// A user group. While a change is pending, `members` is still the old membership.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UserGroup {
    pub(crate) id: UserGroupId,
    pub(crate) arn: String,
    pub(crate) engine: EngineType,
    pub(crate) members: BTreeSet<UserId>,
    /// Locked by changes of its members.
    pub(crate) life: Life<GroupChange>,
    pub(crate) tags: Tags,
    /// From when on the group can be found.
    pub(crate) visible_from: Timestamp,
}

/// What a `ModifyUserGroup` call changes when it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupChange {
    pub(crate) add: BTreeSet<UserId>,
    pub(crate) remove: BTreeSet<UserId>,
    pub(crate) engine: EngineType,
}

impl UserGroup {
    pub(crate) fn status(&self) -> &'static str {
        self.life.status("active")
    }

    pub(crate) fn require_active(&self) -> Result<(), Refusal> {
        if self.life.is_quiet() {
            return Ok(());
        }
        Err(Refusal::group_state(&self.id, self.status()))
    }

    /// Does what is due.
    pub(crate) fn settle(&mut self, now: Timestamp) -> Option<Settled> {
        match self.life.end(now)? {
            Ended::Creation => Some(Settled::Done),
            Ended::Change(GroupChange { add, remove, engine }) => {
                self.members.extend(add);
                self.members.retain(|member| !remove.contains(member));
                self.engine = engine;
                Some(Settled::Done)
            }
            Ended::Deletion => Some(Settled::Gone),
        }
    }

    /// Lets go of a user that no longer exists.
    pub(crate) fn forget(&mut self, user: &UserId) {
        self.members.remove(user);
        if let Some(change) = self.life.change_mut() {
            change.add.remove(user);
            change.remove.remove(user);
        }
    }

    pub(crate) fn element(&self, caches: Vec<&ReplicationGroupId>) -> Element {
        let mut shown = vec![
            Element::text("UserGroupId", &self.id),
            Element::text("Status", self.status()),
            Element::text("Engine", self.engine),
            Element::texts("UserIds", "member", &self.members),
            Element::text("MinimumEngineVersion", self.engine.minimum_version()),
        ];
        if let Some(change) = self.life.change() {
            let pending = [("UserIdsToRemove", &change.remove), ("UserIdsToAdd", &change.add)]
                .into_iter()
                .filter(|(_, ids)| !ids.is_empty())
                .map(|(name, ids)| Element::texts(name, "member", ids));
            shown.push(Element::parent("PendingChanges", pending.collect()));
        }
        shown.push(Element::texts("ReplicationGroups", "member", caches));
        shown.push(Element::texts::<&str>("ServerlessCaches", "member", []));
        shown.push(Element::text("ARN", &self.arn));
        Element::parent("UserGroup", shown)
    }
}
