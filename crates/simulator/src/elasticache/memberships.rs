//! Which groups each user is in.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::names::{UserGroupId, UserId};
use super::user_group::UserGroup;

/// The groups of each user, in the order of their ids.
///
/// Groups know their members, and every user that is shown is shown with its groups. Asking each
/// group for each user would make a page of a large account slow, so this is made out of the groups
/// when it is first needed, and forgotten when a membership changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memberships {
    by_user: OnceLock<BTreeMap<UserId, Vec<UserGroupId>>>,
}

impl Memberships {
    /// The groups that a user is in.
    pub(crate) fn of(
        &self,
        user: &UserId,
        groups: &BTreeMap<UserGroupId, UserGroup>,
    ) -> &[UserGroupId] {
        let by_user = self.by_user.get_or_init(|| gather(groups));
        by_user.get(user).map_or(&[], Vec::as_slice)
    }

    /// To be called when a group has other members than before, or is gone.
    pub(crate) fn forget(&mut self) {
        self.by_user = OnceLock::new();
    }
}

fn gather(groups: &BTreeMap<UserGroupId, UserGroup>) -> BTreeMap<UserId, Vec<UserGroupId>> {
    let mut by_user: BTreeMap<UserId, Vec<UserGroupId>> = BTreeMap::new();
    for group in groups.values() {
        for member in &group.members {
            by_user.entry(member.clone()).or_default().push(group.id.clone());
        }
    }
    by_user
}
