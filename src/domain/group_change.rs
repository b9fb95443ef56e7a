//! The user group, and the one change that is sent to it for all tenants that wait.

use std::collections::BTreeSet;

use super::{Urgency, UserId};

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

/// One who waits, and how soon it should go.
pub type Waiting = (UserId, Urgency);

/// Who waits for the group. Within one urgency, who stands first has waited longest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupWishes {
    /// Users to be put into it.
    pub joining: Vec<Waiting>,
    /// Users to be taken out of it.
    pub leaving: Vec<Waiting>,
}

/// What bounds a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeLimits {
    /// How many users one change may touch; at least one.
    pub batch: usize,
    /// How many users the group may hold.
    pub quota: usize,
    /// Users that are out of the group for a moment and whose place nobody else may take.
    pub kept: BTreeSet<UserId>,
}

/// What came of gathering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// The change to send, if there is one.
    pub change: GroupChange,
    /// Users for whom the group has no place, not even when all have left who are to leave.
    pub without_place: Vec<UserId>,
}

impl GroupWishes {
    /// Gathers what waits into one change, for a group that is active.
    ///
    /// What is already so is left out, because AWS refuses the whole call for one user that is no
    /// member; a user that is both to join and to leave stays where it is. Urgent ones come first,
    /// but a quarter of the change is for the others, so that neither keeps the other waiting for
    /// good. Removals come before additions, because they make room.
    #[must_use]
    pub fn gather(&self, group: &GroupView, limits: &ChangeLimits) -> Gathered {
        let is_member = |user: &UserId| group.members.contains(user);
        let adds = wanted(&self.joining, &self.leaving, |user| !is_member(user));
        let removes = wanted(&self.leaving, &self.joining, is_member);
        let places = Places::of(group, limits);
        let (fitting, without) = places.split(adds, removes.len());
        let (taken_adds, taken_removes) = take(&removes, &fitting, limits.batch);
        let (fitting, _later) = places.split(taken_adds, taken_removes.len());
        let mut change = GroupChange { adds: ids(fitting), removes: ids(taken_removes) };
        if change.is_empty() {
            // A small change to a full group: whoever leaves goes first.
            change.removes = ids(removes.into_iter().take(limits.batch).collect());
        }
        Gathered { change, without_place: ids(without) }
    }
}

impl GroupChange {
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

/// Places in the group for those who join.
struct Places<'a> {
    /// How many there are before anybody leaves.
    free: usize,
    /// Users who are out and keep theirs whoever else comes.
    kept: BTreeSet<&'a UserId>,
}

impl<'a> Places<'a> {
    fn of(group: &GroupView, limits: &'a ChangeLimits) -> Self {
        let is_out = |user: &&UserId| !group.members.contains(*user);
        Self {
            free: limits.quota.saturating_sub(group.members.len()),
            kept: limits.kept.iter().filter(is_out).collect(),
        }
    }

    /// Those who fit when so many have left, and the others. Who keeps a place takes any that is
    /// free, also when there are fewer of them than are kept.
    fn split(&self, adds: Vec<Waiting>, leaving: usize) -> (Vec<Waiting>, Vec<Waiting>) {
        let (mut room, mut kept) = (self.free + leaving, self.kept.len());
        adds.into_iter().partition(|(user, _)| {
            let is_kept = self.kept.contains(user);
            kept -= usize::from(is_kept);
            let fits = room > if is_kept { 0 } else { kept };
            room -= usize::from(fits);
            fits
        })
    }
}

/// Those of one list that are not in the other and for whom there is something to do, the urgent
/// ones first.
fn wanted(
    list: &[Waiting],
    opposite: &[Waiting],
    applies: impl Fn(&UserId) -> bool,
) -> Vec<Waiting> {
    let undone: BTreeSet<&UserId> = opposite.iter().map(|(user, _)| user).collect();
    let mut seen = BTreeSet::new();
    let mut wanted: Vec<Waiting> = list
        .iter()
        .filter(|(user, _)| !undone.contains(user) && applies(user) && seen.insert(user))
        .cloned()
        .collect();
    wanted.sort_by_key(|(_, urgency)| *urgency);
    wanted
}

/// The first of both lists, at most `batch` in all.
fn take(removes: &[Waiting], adds: &[Waiting], batch: usize) -> (Vec<Waiting>, Vec<Waiting>) {
    let is_routine = |(_, urgency): &&Waiting| *urgency == Urgency::Routine;
    let routine = removes.iter().chain(adds).filter(is_routine).count();
    let mut urgent_room = batch - routine.min(batch / 4);
    let urgent_removes = first(removes, Urgency::Urgent, &mut urgent_room);
    let urgent_adds = first(adds, Urgency::Urgent, &mut urgent_room);
    let mut room = batch - urgent_removes.len() - urgent_adds.len();
    let removes = [urgent_removes, first(removes, Urgency::Routine, &mut room)].concat();
    let adds = [urgent_adds, first(adds, Urgency::Routine, &mut room)].concat();
    (adds, removes)
}

fn first(list: &[Waiting], urgency: Urgency, room: &mut usize) -> Vec<Waiting> {
    let found: Vec<Waiting> =
        list.iter().filter(|(_, it)| *it == urgency).take(*room).cloned().collect();
    *room -= found.len();
    found
}

fn ids(waiting: Vec<Waiting>) -> Vec<UserId> {
    waiting.into_iter().map(|(user, _)| user).collect()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn named(names: &[&str]) -> Vec<UserId> {
        names.iter().map(|name| UserId::new(name)).collect()
    }

    fn routine(names: &[&str]) -> Vec<Waiting> {
        named(names).into_iter().map(|id| (id, Urgency::Routine)).collect()
    }

    fn group(members: &[&str]) -> GroupView {
        GroupView {
            is_active: true,
            members: named(members).into_iter().collect(),
            ..GroupView::default()
        }
    }

    fn limits(batch: usize, quota: usize) -> ChangeLimits {
        ChangeLimits { batch, quota, kept: BTreeSet::new() }
    }

    #[test]
    fn what_is_already_so_is_left_out() {
        let wishes = GroupWishes { joining: routine(&["a", "c"]), leaving: routine(&["b", "d"]) };
        let change = wishes.gather(&group(&["a", "b"]), &limits(10, 10)).change;
        assert_eq!(change, GroupChange { adds: named(&["c"]), removes: named(&["b"]) });
    }

    #[test]
    fn opposites_cancel_each_other() {
        let wishes = GroupWishes { joining: routine(&["a", "b"]), leaving: routine(&["a", "b"]) };
        assert_eq!(wishes.gather(&group(&["a"]), &limits(10, 10)), Gathered::default());
    }

    #[test]
    fn removals_come_first_and_the_limit_holds() {
        let wishes = GroupWishes { joining: routine(&["a", "b"]), leaving: routine(&["x", "y"]) };
        let change = wishes.gather(&group(&["x", "y"]), &limits(3, 10)).change;
        assert_eq!(change, GroupChange { adds: named(&["a"]), removes: named(&["x", "y"]) });
    }

    #[test]
    fn a_flood_of_one_kind_leaves_a_quarter_to_the_other() {
        let many: Vec<String> = (0..100).map(|i| format!("u{i:02}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let urgent = |names: &[&str]| -> Vec<Waiting> {
            named(names).into_iter().map(|id| (id, Urgency::Urgent)).collect()
        };
        let wishes = GroupWishes { joining: urgent(&["new"]), leaving: routine(&many) };
        let change = wishes.gather(&group(&many), &limits(8, 200)).change;
        assert_eq!(change.adds, named(&["new"]), "a sign-up goes first");
        assert_eq!(change.removes.len(), 7);
        let wishes = GroupWishes { joining: urgent(&many), leaving: routine(&["x", "y", "z"]) };
        let change = wishes.gather(&group(&["x", "y", "z"]), &limits(8, 200)).change;
        assert_eq!((change.adds.len(), change.removes.len()), (6, 2), "and the others go on");
    }

    #[test]
    fn who_finds_no_place_is_told_and_the_others_go() {
        let wishes = GroupWishes { joining: routine(&["a", "b", "c"]), leaving: routine(&["x"]) };
        let gathered = wishes.gather(&group(&["x", "y"]), &limits(10, 3));
        assert_eq!(
            gathered.change,
            GroupChange { adds: named(&["a", "b"]), removes: named(&["x"]) }
        );
        assert_eq!(gathered.without_place, named(&["c"]));
    }

    #[test]
    fn a_place_is_kept_for_who_comes_back() {
        let kept = named(&["back"]).into_iter().collect();
        let limits = ChangeLimits { batch: 10, quota: 2, kept };
        let wishes = GroupWishes { joining: routine(&["a"]), leaving: vec![] };
        let gathered = wishes.gather(&group(&["x"]), &limits);
        assert_eq!(gathered.without_place, named(&["a"]));
        let wishes = GroupWishes { joining: routine(&["a", "back"]), leaving: vec![] };
        let gathered = wishes.gather(&group(&["x"]), &limits);
        assert_eq!(gathered.change.adds, named(&["back"]));
    }

    #[test]
    fn who_comes_back_goes_when_fewer_places_are_left_than_are_kept() {
        let kept = named(&["back", "home"]).into_iter().collect();
        let limits = ChangeLimits { batch: 10, quota: 2, kept };
        let wishes = GroupWishes { joining: routine(&["back", "a", "home"]), leaving: vec![] };
        let gathered = wishes.gather(&group(&["x"]), &limits);
        assert_eq!(gathered.change.adds, named(&["back"]));
        assert_eq!(gathered.without_place, named(&["a", "home"]));
    }

    #[test]
    fn membership_follows_what_is_pending() {
        let mut view = group(&["a", "b"]);
        view.is_active = false;
        view.pending_adds = named(&["c"]).into_iter().collect();
        view.pending_removes = named(&["b"]).into_iter().collect();
        let places: Vec<_> =
            ["a", "b", "c", "d"].iter().map(|id| view.membership(&UserId::new(id))).collect();
        assert_eq!(
            places,
            [Membership::Member, Membership::Leaving, Membership::Joining, Membership::Outside]
        );
    }

    fn some_wishes() -> impl Strategy<Value = Vec<Waiting>> {
        let urgency = prop_oneof![Just(Urgency::Urgent), Just(Urgency::Routine)];
        vec((0..30_u8, urgency), 0..40)
            .prop_map(|list| list.into_iter().map(|(i, u)| (user(i), u)).collect())
    }

    fn user(index: u8) -> UserId {
        UserId::new(&format!("u{index}"))
    }

    proptest! {
        /// Sent again and again, changes bring everybody where they are to be, and AWS has no
        /// reason to refuse one of them.
        #[test]
        fn all_who_wait_get_their_turn(
            joining in some_wishes(),
            leaving in some_wishes(),
            members in vec(0..30_u8, 0..20),
            kept in vec(0..30_u8, 0..3),
            batch in 1..12_usize,
            quota in 0..40_usize,
        ) {
            let mut group = GroupView {
                is_active: true,
                members: members.into_iter().map(user).collect(),
                ..GroupView::default()
            };
            let kept = kept.into_iter().map(user).filter(|id| !group.members.contains(id)).collect();
            let limits = ChangeLimits { batch, quota, kept };
            let wishes = GroupWishes { joining, leaving };
            for _round in 0..200 {
                let GroupChange { adds, removes } = wishes.gather(&group, &limits).change;
                prop_assert!(adds.len() + removes.len() <= batch);
                prop_assert!(removes.iter().all(|id| group.members.contains(id)));
                prop_assert!(adds.iter().all(|id| !group.members.contains(id)));
                let before = group.members.len();
                group.members.retain(|id| !removes.contains(id));
                group.members.extend(adds.iter().cloned());
                prop_assert!(adds.is_empty() || group.members.len() <= quota.max(before));
                if adds.is_empty() && removes.is_empty() {
                    break;
                }
            }
            let Gathered { change, without_place } = wishes.gather(&group, &limits);
            prop_assert!(change.is_empty(), "it comes to an end");
            let is_done = |id: &UserId| group.members.contains(id) || without_place.contains(id);
            let opposite: BTreeSet<_> = wishes.leaving.iter().map(|(id, _)| id).collect();
            for (id, _) in wishes.joining.iter().filter(|(id, _)| !opposite.contains(id)) {
                prop_assert!(is_done(id), "{id} was forgotten");
            }
        }
    }
}
