//! What AWS does after the answer.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::events::Source;
use super::names::UserId;
use super::user::{Settled, User};
use super::user_group::UserGroup;
use super::{Call, ElastiCache};

impl ElastiCache {
    /// Does everything that is due, and says whether that was anything.
    pub(crate) fn settle(&mut self, now: Timestamp) -> bool {
        let due = self.next_due().is_some_and(|due| due <= now);
        if due {
            self.settle_users(now);
            self.settle_groups(now);
            self.settle_caches(now);
        }
        due
    }

    /// The moment at which something is due next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let users = self.users.values().filter_map(User::due);
        let groups = self.groups.values().filter_map(UserGroup::due);
        let caches = self.caches.values().filter_map(|cache| cache.phase.due());
        users.chain(groups).chain(caches).min()
    }

    /// A change of a group, done at `until`, keeps these users busy for a while.
    pub(super) fn lock_users(
        &mut self,
        users: &BTreeSet<UserId>,
        call: &mut Call<'_>,
        until: Timestamp,
    ) {
        let until = call.done_after(call.settings.latencies.member_lock).min(until);
        for user in users.iter().filter(|id| **id != UserId::stock_default()) {
            if let Some(user) = self.users.get_mut(user) {
                user.lock_until(until);
            }
        }
    }

    /// A change of a user keeps the groups it is in busy.
    pub(super) fn lock_groups_of(&mut self, user: &UserId, until: Timestamp) {
        for group in self.groups.values_mut().filter(|group| group.members.contains(user)) {
            group.lock_until(until);
        }
    }

    fn settle_users(&mut self, now: Timestamp) {
        let mut gone = Vec::new();
        for user in self.users.values_mut() {
            if user.settle(now) == Settled::Gone {
                gone.push(user.id.clone());
            }
        }
        for id in gone {
            self.users.remove(&id);
            for group in self.groups.values_mut() {
                group.forget(&id);
            }
            self.events.note(now, Source::User, id.as_str(), "User deleted");
        }
    }

    fn settle_groups(&mut self, now: Timestamp) {
        let (users, events) = (&self.users, &mut self.events);
        self.groups.retain(|id, group| {
            let pending = !group.phase.is_quiet();
            let settled = group.settle(now);
            // A user may have been deleted while it waited to be added.
            group.members.retain(|member| users.contains_key(member));
            match settled {
                Settled::Changed if pending && group.phase.is_quiet() => {
                    events.note(now, Source::UserGroup, id.as_str(), "User group change applied");
                }
                Settled::Gone => {
                    events.note(now, Source::UserGroup, id.as_str(), "User group deleted");
                }
                Settled::Changed | Settled::Same => {}
            }
            settled != Settled::Gone
        });
    }

    fn settle_caches(&mut self, now: Timestamp) {
        let events = &mut self.events;
        self.caches.retain(|id, cache| {
            let settled = cache.settle(now);
            let message = match settled {
                Settled::Same => None,
                Settled::Changed => Some("Replication group change applied"),
                Settled::Gone => Some("Replication group deleted"),
            };
            if let Some(message) = message {
                events.note(now, Source::ReplicationGroup, id.as_str(), message);
            }
            settled != Settled::Gone
        });
    }
}
