//! What was seen of AWS, for which rows that is newer than they are, and when to look again.
//!
//! A look covers the rows that were read before it began, at the revision that they had. So a row
//! that nobody has written since can be decided on by it however often, and a row that was
//! written waits for the next one. The users and the group are looked at apart: while a change of
//! the group is waited for, only the group is asked for.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use prometheus_client::metrics::histogram::Histogram;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    awaited::{Awaited, ChangeTime, Changing, UserCall, how_long},
    expectation::Expectation,
    observation::Observation,
};
use crate::{
    cloud::{GroupReport, UserListing},
    config::ReconcilerConfig,
    domain::{CacheUserId, Looks, Revision},
};

/// How long the endpoint and the engine of a cache are taken for unchanged.
const FACTS_LIFETIME: Duration = Duration::from_mins(5);

/// However long AWS took before, users are looked at by then.
const LIKELY_MAX: Duration = Duration::from_mins(5);

/// The rows that were read before a look began.
pub(super) type Covered = HashMap<Uuid, Revision>;

/// What was seen, and when to look again.
#[derive(Debug)]
pub(super) struct Lookout {
    seen: Option<Arc<Observation>>,
    facts_taken: Option<Instant>,
    users: View,
    group: View,
    /// Calls whose effect on a user was not seen yet.
    calls: HashMap<CacheUserId, Awaited>,
    expectations: HashMap<UserCall, Expectation>,
    change: ChangeTime,
    /// Since when the group is being changed, and whether by us.
    changing: Option<Changing>,
    unlearned: Expectation,
    /// Since when something is waited for that no call of ours explains.
    waiting_since: Option<Instant>,
    /// A change of the group is being sent, or was sent, since then.
    sending: bool,
    sent_at: Option<Instant>,
    /// Since when changes are refused because somebody else is changing the group.
    busy_since: Option<Instant>,
    /// Since when looks fail, and when to try again.
    failing: Option<(Instant, Instant)>,
    serial: u64,
}

/// One of the two things to look at.
#[derive(Debug, Default)]
struct View {
    covers: Covered,
    taken: Option<Instant>,
    under_way: bool,
}

/// Which looks the rows of a pass wait for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wants {
    /// The users.
    pub(super) users: bool,
    /// The group, and nothing else.
    pub(super) group: bool,
    /// The group too, but the users first.
    pub(super) group_with_users: bool,
}

/// What to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Facts, group and users: nothing was seen yet, or the facts may have changed.
    Everything,
    Both,
    Users,
    Group,
}

impl Lookout {
    pub(super) fn new(settings: &ReconcilerConfig, change_seconds: Histogram) -> Self {
        let unlearned = Expectation::new(settings.poll_min, settings.poll_max);
        Self {
            seen: None,
            facts_taken: None,
            users: View::default(),
            group: View::default(),
            calls: HashMap::new(),
            expectations: HashMap::new(),
            change: ChangeTime::new(unlearned, change_seconds),
            changing: None,
            unlearned,
            waiting_since: None,
            failing: None,
            sending: false,
            sent_at: None,
            busy_since: None,
            serial: 0,
        }
    }

    /// What was seen, if anything was.
    pub(super) fn seen(&self) -> Option<Arc<Observation>> {
        self.seen.clone()
    }

    /// Counts the looks.
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }

    /// Whether a look is under way.
    pub(super) fn is_looking(&self) -> bool {
        self.users.under_way || self.group.under_way
    }

    /// Whether the group can be changed, as far as is known.
    pub(super) fn group_is_free(&self) -> bool {
        self.changing.is_none() && !self.sending
    }

    /// Which of what was seen is newer than this row.
    pub(super) fn covers(&self, row: Uuid, revision: Revision) -> Looks {
        let is_covered = |view: &View| view.covers.get(&row) == Some(&revision);
        Looks { users: is_covered(&self.users), group: is_covered(&self.group) }
    }

    /// A row was written by what was seen, and so is not newer than it.
    pub(super) fn keep_covered(&mut self, row: Uuid, revision: Revision, fresh: Looks) {
        if fresh.users {
            self.users.covers.insert(row, revision);
        }
        if fresh.group {
            self.group.covers.insert(row, revision);
        }
    }

    /// A call was made whose effect on a user is to be waited for.
    pub(super) fn called(&mut self, user: CacheUserId, kind: UserCall) {
        self.calls.insert(user, Awaited { kind, at: Instant::now(), undone_at: None });
    }

    /// Takes what the last look at the users says of the calls before it: those of users that still
    /// wait have not had their effect.
    pub(super) fn note_effects(
        &mut self,
        waiting: &HashSet<CacheUserId>,
        undecided: &HashSet<CacheUserId>,
    ) {
        if waiting.is_empty() {
            self.waiting_since = None;
        }
        let Some(taken) = self.users.taken else { return };
        let mut took: HashMap<UserCall, Vec<Duration>> = HashMap::new();
        self.calls.retain(|user, call| {
            let is_unknown = call.at >= taken || undecided.contains(user);
            if is_unknown || call.undone_at == Some(taken) {
                return true;
            }
            if waiting.contains(user) {
                call.undone_at = Some(taken);
                return true;
            }
            took.entry(call.kind).or_default().push(call.took(taken));
            false
        });
        for (kind, took) in took {
            let mean = took.iter().sum::<Duration>() / u32::try_from(took.len()).unwrap_or(1);
            self.expectations.entry(kind).or_insert(self.unlearned).learn(mean);
        }
    }

    /// What is to be looked at now, or else when.
    pub(super) fn due(&mut self, wants: Wants) -> (Option<Look>, Option<Instant>) {
        let now = Instant::now();
        if let Some((_, retry_at)) = self.failing.filter(|(_, retry_at)| *retry_at > now) {
            return (None, Some(retry_at));
        }
        let wants_users = wants.users || wants.group_with_users;
        if self.seen.is_none() {
            let is_due = !self.users.under_way && (wants_users || wants.group);
            return (is_due.then_some(Look::Everything), None);
        }
        let users = wants_users.then(|| self.users_due(now)).filter(|_| !self.users.under_way);
        let group = self.group_due(wants.group, now);
        let group = group.filter(|_| !self.group.under_way && !self.sending);
        match (group, users) {
            (Some(at), _) if at <= now => (Some(Look::Group), users),
            (_, Some(at)) if at <= now => (Some(self.users_and(wants, now)), group),
            (group, users) => (None, group.into_iter().chain(users).min()),
        }
    }

    /// What is looked at with the users.
    fn users_and(&self, wants: Wants, now: Instant) -> Look {
        let facts_are_old = self.facts_taken.is_none_or(|at| now - at >= FACTS_LIFETIME);
        if self.group.under_way || self.sending {
            Look::Users
        } else if facts_are_old {
            Look::Everything
        } else if wants.group_with_users && self.changing.is_none() {
            Look::Both
        } else {
            Look::Users
        }
    }

    /// When the most of the calls whose effect is waited for can be expected to have had it. The
    /// first is kept waiting for the last by half of that time at most.
    fn users_due(&mut self, now: Instant) -> Instant {
        let taken = self.users.taken;
        let ready = self.calls.values().filter_map(|call| {
            let likely = self.expectations.get(&call.kind)?.likely()?.min(LIKELY_MAX);
            Some((call.at + likely, call.at + likely + likely / 2))
        });
        let (first, last, latest) = ready.fold((None, None, None), |(first, last, latest), it| {
            (
                first.into_iter().chain([it.0]).min(),
                last.max(Some(it.0)),
                latest.into_iter().chain([it.1]).min(),
            )
        });
        if let (Some(first), Some(last), Some(latest)) = (first, last, latest)
            && taken.is_none_or(|taken| taken < first)
        {
            return last.min(latest);
        }
        let newest = self.calls.values().map(|call| call.at).max();
        let since = newest.unwrap_or(*self.waiting_since.get_or_insert(now));
        let pause = self.unlearned.pause(now.saturating_duration_since(since));
        // A listing is as many calls as it has pages.
        let pages = self.seen.as_ref().map_or(1, |seen| seen.pages());
        taken.map_or(now, |taken| taken + pause.max(self.shortest() * pages))
    }

    fn group_due(&self, wanted: bool, now: Instant) -> Option<Instant> {
        if let Some(changing) = self.changing {
            let expectation =
                if changing.by_us { self.change.expectation() } else { &self.unlearned };
            let lasted = changing.last_look() - changing.since;
            return Some(changing.last_look() + expectation.pause(lasted));
        }
        let shortest = self.shortest();
        wanted.then(|| self.group.taken.map_or(now, |taken| taken + shortest))
    }

    fn shortest(&self) -> Duration {
        self.unlearned.pause(Duration::ZERO)
    }

    /// A look has begun.
    pub(super) fn begin(&mut self, look: Look) {
        self.users.under_way |= look != Look::Group;
        self.group.under_way |= look != Look::Users;
    }

    /// A look that began then is over.
    pub(super) fn end(&mut self, look: Look, began: Instant, succeeded: bool) {
        self.serial += 1;
        if look != Look::Group {
            self.users.under_way = false;
        }
        if look != Look::Users {
            self.group.under_way = false;
        }
        if succeeded {
            self.failing = None;
            return;
        }
        let (since, now) = (self.failing.map_or(began, |(since, _)| since), Instant::now());
        self.failing = Some((since, now + self.unlearned.pause(now - since)));
    }

    /// Takes what a look at everything has shown, but for what is newer already.
    pub(super) fn saw_everything(&mut self, seen: Observation, covered: &Covered) {
        self.facts_taken = Some(Instant::now());
        let Some(held) = self.seen.take() else {
            self.note_group(seen.group_at, &seen.group);
            (self.users.taken, self.group.taken) = (Some(seen.users.began), Some(seen.group_at));
            self.users.covers.clone_from(covered);
            self.group.covers.clone_from(covered);
            self.seen = Some(Arc::new(seen));
            return;
        };
        let Observation { facts, group, group_at, users, users_at } = seen;
        self.seen = Some(Arc::new(Observation { facts, ..Observation::clone(&held) }));
        if users.began >= held.users.began {
            self.saw_users(users, users_at, covered.clone());
        }
        if group_at >= held.group_at {
            self.saw_group((group_at, group), covered.clone());
        }
    }

    /// Takes what a look has shown of the users.
    pub(super) fn saw_users(
        &mut self,
        users: Arc<UserListing>,
        users_at: Timestamp,
        covered: Covered,
    ) {
        let Some(seen) = &self.seen else { return };
        self.users.taken = Some(users.began);
        let seen = Observation { users, users_at, ..Observation::clone(seen) };
        self.seen = Some(Arc::new(seen));
        self.users.covers = covered;
    }

    /// Takes what a look that began then has shown of the group. One that began before our last change
    /// was sent shows the group as it was.
    pub(super) fn saw_group(
        &mut self,
        (group_at, group): (Instant, GroupReport),
        covered: Covered,
    ) {
        if self.sending || self.sent_at.is_some_and(|sent_at| group_at <= sent_at) {
            return;
        }
        self.note_group(group_at, &group);
        self.keep_group(group_at, group, covered);
    }

    fn keep_group(&mut self, group_at: Instant, group: GroupReport, covered: Covered) {
        let Some(seen) = &self.seen else { return };
        self.group.taken = Some(group_at);
        let seen = Observation { group, group_at, ..Observation::clone(seen) };
        self.seen = Some(Arc::new(seen));
        self.group.covers = covered;
    }

    /// A change of ours is being sent.
    pub(super) fn sends(&mut self) {
        self.sending = true;
    }

    /// It was not accepted.
    pub(super) fn not_sent(&mut self) {
        (self.sending, self.sent_at) = (false, Some(Instant::now()));
    }

    /// A change that was sent then was accepted, and this is how the group looked.
    pub(super) fn sent(&mut self, at: Instant, group: GroupReport, covered: Covered) {
        let now = Instant::now();
        (self.sending, self.sent_at, self.busy_since) = (false, Some(now), None);
        // Where a change takes no time the answer shows its end.
        let changing = Changing { since: at, by_us: true, undone_at: None };
        if group.view.is_active {
            self.change.tell(now - at);
        }
        self.changing = (!group.view.is_active).then_some(changing);
        self.keep_group(now, group, covered);
    }

    /// AWS says that the group is being changed, though it did not look so. The longer that goes on,
    /// the longer are the pauses.
    pub(super) fn is_busy(&mut self) {
        let now = Instant::now();
        let since = *self.busy_since.get_or_insert(now);
        self.changing = Some(Changing { since, by_us: false, undone_at: Some(now) });
    }

    /// How long somebody else has been changing the group.
    pub(super) fn held_by_others(&self) -> Duration {
        let changing = self.changing.filter(|changing| !changing.by_us);
        let since = self.busy_since.or(changing.map(|changing| changing.since));
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn note_group(&mut self, now: Instant, group: &GroupReport) {
        match (&mut self.changing, group.view.is_active) {
            (Some(changing), true) => {
                if changing.by_us {
                    self.change.learn(how_long(changing.since, changing.undone_at, now));
                }
                self.changing = None;
            }
            (Some(changing), false) => changing.undone_at = Some(now),
            (None, false) => {
                self.changing = Some(Changing { since: now, by_us: false, undone_at: None });
            }
            (None, true) => {}
        }
    }
}
