//! The user group, and the one change that is sent to it for all tenants that wait.

use std::collections::BTreeSet;

use super::UserId;

/// A user's place in the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// No member, and no change is under way that would make it one.
    Outside,
    /// An addition is under way.
    Joining,
    /// A member of a group that is active.
    Member,
    /// A member still, and a removal is under way.
    Leaving,
}

/// A user group as `DescribeUserGroups` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupView {
    /// Whether the group is `active`: no change is under way, and one may be sent.
    pub is_active: bool,
    /// Its members. While a change is under way these are still the old ones.
    pub members: BTreeSet<UserId>,
    /// What the change under way adds.
    pub pending_adds: BTreeSet<UserId>,
    /// What the change under way removes.
    pub pending_removes: BTreeSet<UserId>,
}

impl GroupView {
    /// The place of one user.
    #[must_use]
    pub fn membership(&self, user: &UserId) -> Membership {
        if self.pending_adds.contains(user) {
            return Membership::Joining;
        }
        if !self.members.contains(user) {
            return Membership::Outside;
        }
        if self.pending_removes.contains(user) {
            return Membership::Leaving;
        }
        Membership::Member
    }
}

/// What one `ModifyUserGroup` call adds and removes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupChange {
    /// Users to add.
    pub adds: Vec<UserId>,
    /// Users to remove.
    pub removes: Vec<UserId>,
}

impl GroupChange {
    /// Gathers what waits into one change of at most `limit` users, removals first because they
    /// make room. What is already so is left out: AWS refuses the whole call for one user that
    /// is no member. Answers `None` while another change is under way, or when nothing is left.
    #[must_use]
    pub fn gather(
        group: &GroupView,
        joining: &[UserId],
        leaving: &[UserId],
        limit: usize,
    ) -> Option<Self> {
        if !group.is_active {
            return None;
        }
        let mut removes: Vec<UserId> =
            leaving.iter().filter(|user| group.members.contains(*user)).cloned().collect();
        removes.truncate(limit);
        let mut adds: Vec<UserId> =
            joining.iter().filter(|user| !group.members.contains(*user)).cloned().collect();
        adds.truncate(limit - removes.len());
        let change = Self { adds, removes };
        (!change.is_empty()).then_some(change)
    }

    /// How many users the change touches.
    #[must_use]
    pub fn len(&self) -> usize {
        self.adds.len() + self.removes.len()
    }

    /// Whether the change touches nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<UserId> {
        names.iter().map(|name| UserId::new(name)).collect()
    }

    fn group(members: &[&str]) -> GroupView {
        GroupView {
            is_active: true,
            members: ids(members).into_iter().collect(),
            ..GroupView::default()
        }
    }

    #[test]
    fn what_is_already_so_is_left_out() {
        let change =
            GroupChange::gather(&group(&["a", "b"]), &ids(&["a", "c"]), &ids(&["b", "d"]), 10);
        assert_eq!(change, Some(GroupChange { adds: ids(&["c"]), removes: ids(&["b"]) }));
        assert_eq!(GroupChange::gather(&group(&["a"]), &ids(&["a"]), &ids(&["d"]), 10), None);
    }

    #[test]
    fn nothing_is_sent_while_the_group_is_changing() {
        let busy = GroupView { is_active: false, ..group(&[]) };
        assert_eq!(GroupChange::gather(&busy, &ids(&["a"]), &[], 10), None);
    }

    #[test]
    fn removals_come_first_and_the_limit_holds() {
        let change =
            GroupChange::gather(&group(&["x", "y"]), &ids(&["a", "b"]), &ids(&["x", "y"]), 3);
        assert_eq!(change, Some(GroupChange { adds: ids(&["a"]), removes: ids(&["x", "y"]) }));
    }

    #[test]
    fn membership_follows_what_is_pending() {
        let mut view = group(&["a", "b"]);
        view.is_active = false;
        view.pending_adds = ids(&["c"]).into_iter().collect();
        view.pending_removes = ids(&["b"]).into_iter().collect();
        let places: Vec<_> =
            ["a", "b", "c", "d"].iter().map(|id| view.membership(&UserId::new(id))).collect();
        assert_eq!(
            places,
            [Membership::Member, Membership::Leaving, Membership::Joining, Membership::Outside]
        );
    }
}
