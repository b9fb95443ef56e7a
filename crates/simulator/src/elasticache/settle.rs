//! What AWS does after the answer.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::events::Source;
use super::fail_over::note_changes;
use super::names::UserId;
use super::{Call, ElastiCache};

/// What has become of a resource that something was due for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// What was asked for is so.
    Done,
    /// It is to be dropped.
    Gone,
}

impl ElastiCache {
    /// Does everything that is due.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        self.settle_users(now);
        self.settle_groups(now);
        self.settle_caches(now);
        self.memberships.forget();
    }

    /// The moment at which something is due next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let users = self.users.values().filter_map(|user| user.life.due());
        let groups = self.groups.values().filter_map(|group| group.life.due());
        let caches = self.caches.values().filter_map(|cache| cache.life.due());
        users.chain(groups).chain(caches).min()
    }

    /// A change of a group, done at `until`, keeps these users busy for a while ([seen] by
    /// clients that modify a member at that moment).
    ///
    /// [seen]: https://github.com/hashicorp/terraform-provider-aws/issues/49726
    pub(super) fn lock_users(
        &mut self,
        users: &BTreeSet<UserId>,
        call: &mut Call<'_>,
        until: Timestamp,
    ) {
        let until = call.done_after(call.settings.latencies.member_lock).min(until);
        for user in users.iter().filter(|id| **id != UserId::stock_default()) {
            if let Some(user) = self.users.get_mut(user) {
                user.life.lock(until);
            }
        }
    }

    /// A change of a user keeps the groups it is in busy.
    pub(super) fn lock_groups_of(&mut self, user: &UserId, until: Timestamp) {
        for group in self.groups.values_mut().filter(|group| group.members.contains(user)) {
            group.life.lock(until);
        }
    }

    /// A user that is gone leaves its groups, also those it was about to join.
    fn settle_users(&mut self, now: Timestamp) {
        let gone: Vec<_> = self
            .users
            .extract_if(.., |_, user| user.settle(now) == Some(Settled::Gone))
            .map(|(id, _)| id)
            .collect();
        for id in gone {
            for group in self.groups.values_mut() {
                group.forget(&id);
            }
            self.events.note(now, Source::User, id.as_str(), "User deleted");
        }
    }

    fn settle_groups(&mut self, now: Timestamp) {
        let events = &mut self.events;
        self.groups.retain(|id, group| {
            let settled = group.settle(now);
            let message = match settled {
                None => return true,
                Some(Settled::Done) => "User group change applied",
                Some(Settled::Gone) => "User group deleted",
            };
            events.note(now, Source::UserGroup, id.as_str(), message);
            settled != Some(Settled::Gone)
        });
    }

    fn settle_caches(&mut self, now: Timestamp) {
        let events = &mut self.events;
        self.caches.retain(|id, cache| {
            let before = cache.primaries();
            let settled = cache.settle(now);
            note_changes(events, now, cache, &before);
            let message = match settled {
                None => return true,
                Some(Settled::Done) => "Replication group change applied",
                Some(Settled::Gone) => "Replication group deleted",
            };
            events.note(now, Source::ReplicationGroup, id.as_str(), message);
            settled != Some(Settled::Gone)
        });
    }
}
