//! What a pass finds while it goes through the rows.

use std::collections::{BTreeSet, HashSet};

use super::{
    lookout::{Covered, Wants},
    rotations::DueRotations,
    step::Bench,
    tasks::{AtTheGroup, Waiting},
};
use crate::domain::{CacheUser, CacheUserId, GroupWishes, Looks, Membership, UserId};

/// What a pass finds.
#[derive(Default)]
pub(super) struct Found {
    pub(super) covered: Covered,
    pub(super) wants: Wants,
    pub(super) wanting: Waiting,
    /// Users that wait for what AWS does to them.
    pub(super) waiting: HashSet<CacheUserId>,
    /// Users of which the last look does not tell whether they do.
    pub(super) undecided: HashSet<CacheUserId>,
    pub(super) wishes: GroupWishes,
    pub(super) at_the_group: AtTheGroup,
    pub(super) kept: BTreeSet<UserId>,
    /// Users that AWS had been told to put into the group, and that are not in it.
    pub(super) lost: Vec<CacheUser>,
}

impl Found {
    pub(super) fn wait_for_the_first_look(
        &mut self,
        users: Vec<CacheUser>,
        rotations: DueRotations,
        attestations_wait: bool,
    ) {
        let revisions = users.iter().map(|user| (user.id.0, user.revision));
        self.covered.extend(revisions);
        let revisions = rotations.due.iter().map(|rotation| (rotation.id.0, rotation.revision));
        self.covered.extend(revisions);
        self.wants.users = attestations_wait || !self.covered.is_empty();
        self.wanting = Waiting { users, rotations: rotations.due };
    }

    /// A row cannot be decided on by what was seen.
    pub(super) fn want(&mut self, user: CacheUserId, needed: Looks, fresh: Looks) {
        self.undecided.insert(user);
        let (users, group) = (needed.users && !fresh.users, needed.group && !fresh.group);
        self.wants.users |= users && !group;
        self.wants.group |= group && !users;
        self.wants.group_with_users |= group && users;
    }

    /// A row can be decided on, and waits for AWS: for the group, if that is what AWS is at work on.
    pub(super) fn wait(&mut self, bench: &Bench, user: (CacheUserId, &UserId), needed: Looks) {
        let membership = bench.seen.group.view.membership(user.1);
        let is_moving = matches!(membership, Membership::Joining | Membership::Leaving);
        let for_the_group = needed.group && (is_moving || !needed.users);
        self.waiting.insert(user.0);
        self.wants.users |= !for_the_group;
        self.wants.group |= for_the_group;
    }
}
