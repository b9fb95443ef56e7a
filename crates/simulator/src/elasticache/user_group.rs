use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::engine_type::EngineType;
use super::names::{ReplicationGroupId, UserGroupId, UserId};
use super::phase::{Ended, Phase};
use super::refusal::Refusal;
use super::tags::Tags;
use super::user::Settled;
use super::xml::Element;

/// A user group. While a change is pending, `members` is still the old membership.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UserGroup {
    pub(crate) id: UserGroupId,
    pub(crate) arn: String,
    pub(crate) engine: EngineType,
    pub(crate) members: BTreeSet<UserId>,
    pub(crate) phase: Phase<GroupChange>,
    /// Until when a change of a member keeps this group `modifying`.
    pub(crate) locked_until: Option<Timestamp>,
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
        if self.phase.is_quiet() && self.locked_until.is_some() {
            "modifying"
        } else {
            self.phase.word("active")
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.phase.is_quiet() && self.locked_until.is_none()
    }

    pub(crate) fn require_active(&self) -> Result<(), Refusal> {
        if self.is_active() { Ok(()) } else { Err(Refusal::group_state(&self.id, self.status())) }
    }

    pub(crate) fn lock_until(&mut self, until: Timestamp) {
        self.locked_until = self.locked_until.max(Some(until));
    }

    pub(crate) fn settle(&mut self, now: Timestamp) -> Settled {
        let unlocked = self.locked_until.take_if(|until| *until <= now).is_some();
        match self.phase.end(now) {
            Some(Ended::Created) => Settled::Changed,
            Some(Ended::Modified(GroupChange { add, remove, engine })) => {
                self.members.extend(add);
                self.members.retain(|member| !remove.contains(member));
                self.engine = engine;
                Settled::Changed
            }
            Some(Ended::Deleted) => Settled::Gone,
            None if unlocked => Settled::Changed,
            None => Settled::Same,
        }
    }

    /// Lets go of a user that no longer exists.
    pub(crate) fn forget(&mut self, user: &UserId) {
        self.members.remove(user);
        if let Phase::Modifying { change, .. } = &mut self.phase {
            change.add.remove(user);
            change.remove.remove(user);
        }
    }

    pub(crate) fn due(&self) -> Option<Timestamp> {
        [self.phase.due(), self.locked_until].into_iter().flatten().min()
    }

    pub(crate) fn element(&self, caches: Vec<&ReplicationGroupId>) -> Element {
        let mut shown = vec![
            Element::text("UserGroupId", &self.id),
            Element::text("Status", self.status()),
            Element::text("Engine", self.engine),
            Element::texts("UserIds", "member", &self.members),
            Element::text("MinimumEngineVersion", self.engine.minimum_version()),
        ];
        if let Phase::Modifying { change, .. } = &self.phase {
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
