//! One pass over the users of one cache: what is to be done now, and by what that was seen.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    caches::Cache,
    chores::Chores,
    committer::Committer,
    fights::count_loss,
    found::Found,
    lookout::{Covered, Look, Lookout},
    rotations::{self, DueRotations, Turning},
    step::{Bench, Tools, Traveller},
    tasks::{AtTheGroup, ChangeOrder, Kind, LookOrder, Tasks, Waiting},
};
use crate::{
    config::CacheConfig,
    domain::{
        Attestation, CacheUser, CacheUserId, Call, Event, Gathered, Grant, Phase, Revision,
        RotationStep, Step, TenantProblemCode, Urgency, UserId, needs, rotation_needs,
    },
    store::StoreError,
};

/// The most users that one pass takes up. Those that sign up come first, then the oldest.
const ROWS_MAX: u32 = 300;
/// A change of the group by somebody else that takes longer than AWS's slowest is told of.
const BUSY_TOLD_AFTER: Duration = Duration::from_mins(15);
/// How often a cache without work is looked at, so that what is told of it is not too old.
const IDLE_LOOK_PERIOD: Duration = Duration::from_mins(5);

/// What a worker carries from pass to pass. All of it can be lost: it paces, it does not decide.
pub(super) struct Memory {
    pub(super) tools: Arc<Tools>,
    pub(super) config: Arc<CacheConfig>,
    pub(super) lookout: Lookout,
    pub(super) committer: Committer,
    pub(super) chores: Chores,
    /// Whether chores may be due.
    pub(super) chores_due: bool,
    chores_next: Option<Timestamp>,
    chores_done: Instant,
    pub(super) tasks: Tasks,
    /// Rows that what was seen last could not bring on.
    pub(super) resting: HashMap<Uuid, Revision>,
    /// Users that AWS says are there already: they are looked for before anything else.
    pub(super) to_be_found: HashSet<CacheUserId>,
    /// Users that AWS was told to put into the group, and that were not seen there yet.
    pub(super) joins_sent: HashSet<CacheUserId>,
    idle_look_due: Instant,
    /// Since when the times of idle looks are counted, by all workers alike.
    opened_at: Instant,
    effects_noted: u64,
}

/// When there is something to do again, if nothing happens before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    /// A row or a chore is due.
    pub(super) until: Option<Timestamp>,
    /// AWS may have come further.
    pub(super) poll: Instant,
}

impl Memory {
    pub(super) fn new(tools: Arc<Tools>, cache: &Cache, opened_at: Instant) -> Self {
        Self {
            lookout: Lookout::new(&tools.settings, cache.metrics().change_seconds.clone()),
            committer: Committer::new(cache.config().user_quota.get()),
            config: Arc::new(cache.config().clone()),
            tools,
            chores: Chores::default(),
            chores_due: true,
            chores_next: None,
            chores_done: opened_at,
            tasks: Tasks::default(),
            resting: HashMap::new(),
            to_be_found: HashSet::new(),
            joins_sent: HashSet::new(),
            idle_look_due: opened_at,
            opened_at,
            effects_noted: 0,
        }
    }

    /// Starts what can be started, and tells when to come again.
    pub(super) async fn pass(&mut self, cache: &Cache) -> Result<Rest, StoreError> {
        let (tools, now) = (Arc::clone(&self.tools), self.tools.clock.now());
        let name = &cache.config().name;
        let period_is_over = self.chores_done.elapsed() >= tools.settings.period;
        if self.chores_due || period_is_over || self.chores_next.is_some_and(|at| at <= now) {
            let seen = self.lookout.seen();
            self.chores_next = self.chores.run(&tools, cache, seen.as_deref()).await?;
            (self.chores_due, self.chores_done) = (false, Instant::now());
        }
        let work = tools.store.unsettled(name, now, ROWS_MAX).await?;
        let attestations = tools.store.waiting_attestations(name).await?;
        let at_hand = tools.store.rotations_at_hand(name, now).await?;
        let rotations = DueRotations::among(at_hand.rotations, now);
        let until = [self.chores_next, work.next, at_hand.next, rotations.next];
        let until = until.into_iter().flatten().min();
        let mut found = Found::default();
        match self.lookout.seen() {
            None => found.wait_for_the_first_look(work.users, rotations, !attestations.is_empty()),
            Some(seen) => {
                let config = Arc::clone(&self.config);
                let cloud = tools.cloud.clone();
                let bench = Bench { tools, cloud, config, seen };
                for user in work.users {
                    self.consider(&bench, &mut found, user);
                }
                for user in found.lost.drain(..) {
                    count_loss(&bench.tools, &bench.config, &user).await?;
                }
                self.consider_rotations(&bench, &mut found, rotations).await?;
                self.consider_attestations(&bench, &mut found, attestations).await?;
                self.commit(&bench, &mut found);
            }
        }
        Ok(Rest { until, poll: self.look(found) })
    }

    fn consider(&mut self, bench: &Bench, found: &mut Found, user: CacheUser) {
        if self.tasks.has(user.id) {
            return;
        }
        let fresh = self.lookout.covers(user.id.0, user.revision);
        found.covered.insert(user.id.0, user.revision);
        if user.phase != Phase::JoiningGroup {
            self.joins_sent.remove(&user.id);
        }
        let mut needed = needs(user.phase);
        needed.users |= user.phase == Phase::CreatingUser && self.to_be_found.contains(&user.id);
        if !needed.are_met_by(fresh) {
            found.want(user.id, needed, fresh);
            found.wanting.users.push(user);
            return;
        }
        if self.rests(user.id.0, user.revision) {
            found.wait(bench, (user.id, &user.user_id), needed);
            found.wanting.users.push(user);
            return;
        }
        let urgency = user.urgency();
        let kind = match bench.plan(&user, fresh) {
            Step::Done => return,
            Step::Wait => {
                found.wait(bench, (user.id, &user.user_id), needed);
                found.wanting.users.push(user);
                return;
            }
            Step::Join => {
                if self.joins_sent.remove(&user.id) {
                    found.lost.push(user.clone());
                }
                found.wishes.joining.push((user.user_id.clone(), urgency));
                found.at_the_group.users.push(user);
                return;
            }
            Step::Leave => {
                found.wishes.leaving.push((user.user_id.clone(), urgency));
                found.at_the_group.users.push(user);
                return;
            }
            Step::Call(Call::Attest) | Step::Note(Event::Joined) => match user.grant {
                Grant::Purge => Kind::Purge,
                Grant::Profile(_) | Grant::Everything => Kind::Attestation,
            },
            Step::Call(_) | Step::Note(_) => Kind::Step,
        };
        if self.has_room(kind, urgency) {
            let it = Traveller { user, fresh, called: false };
            self.tasks.advance(bench.at(urgency), it, kind);
        }
    }

    async fn consider_rotations(
        &mut self,
        bench: &Bench,
        found: &mut Found,
        rotations: DueRotations,
    ) -> Result<(), StoreError> {
        for id in rotations.out {
            if let Some(user) = bench.tools.store.user_by_id(id).await? {
                found.kept.insert(user.user_id);
            }
        }
        for rotation in rotations.due {
            if self.tasks.has(rotation.user) {
                continue;
            }
            found.covered.insert(rotation.id.0, rotation.revision);
            let fresh = self.lookout.covers(rotation.id.0, rotation.revision);
            let needed = rotation_needs(rotation.phase);
            if !needed.are_met_by(fresh) {
                found.want(rotation.user, needed, fresh);
                found.wanting.rotations.push(rotation);
            } else if let Some(user) = bench.tools.store.user_by_id(rotation.user).await? {
                let it = Turning { rotation, user, fresh, called: false };
                self.consider_rotation(bench, found, it);
            }
        }
        Ok(())
    }

    fn consider_rotation(&mut self, bench: &Bench, found: &mut Found, it: Turning) {
        let (id, urgency) = (it.user.user_id.clone(), it.urgency());
        let needed = rotation_needs(it.rotation.phase);
        if self.rests(it.rotation.id.0, it.rotation.revision) {
            found.wait(bench, (it.user.id, &id), needed);
            found.wanting.rotations.push(it.rotation);
            return;
        }
        match rotations::next_step(bench, &it) {
            RotationStep::Done => {}
            RotationStep::Wait => {
                found.wait(bench, (it.user.id, &id), needed);
                found.wanting.rotations.push(it.rotation);
            }
            RotationStep::Join => {
                found.wishes.joining.push((id.clone(), urgency));
                found.at_the_group.rotations.push((id, it.rotation));
            }
            RotationStep::Leave => {
                found.wishes.leaving.push((id.clone(), urgency));
                found.at_the_group.rotations.push((id, it.rotation));
            }
            RotationStep::Note(_) | RotationStep::Call(_) => {
                if self.has_room(Kind::Step, urgency) {
                    self.tasks.turn(bench.at(urgency), it);
                }
            }
        }
    }

    async fn consider_attestations(
        &mut self,
        bench: &Bench,
        found: &mut Found,
        attestations: Vec<Attestation>,
    ) -> Result<(), StoreError> {
        for wanted in attestations {
            if self.rests(wanted.id.0, Revision(0)) {
                found.wants.users = true;
                continue;
            }
            let has_room = self.has_room(Kind::Attestation, Urgency::Routine);
            if self.tasks.has(wanted.user) || !has_room {
                continue;
            }
            if let Some(user) = bench.tools.store.user_by_id(wanted.user).await? {
                self.tasks.attest(bench.clone(), user, wanted);
            }
        }
        Ok(())
    }

    /// Sends one change to the group for all that wait, if it can be changed now.
    fn commit(&mut self, bench: &Bench, found: &mut Found) {
        let group = &bench.seen.group.view;
        if !group.is_active || !self.lookout.group_is_free() {
            self.tell_of_busy_group(found);
            return;
        }
        let kept = std::mem::take(&mut found.kept);
        let Gathered { change, without_place } = self.committer.gather(group, &found.wishes, kept);
        self.tell_of_full_group(found, &without_place);
        if change.is_empty() {
            return;
        }
        self.lookout.sends();
        let order = ChangeOrder {
            change,
            members: group.members.len(),
            covered: found.covered.clone(),
            waiting: std::mem::take(&mut found.at_the_group),
        };
        self.tasks.send(&self.tools, &self.config, order);
    }

    fn tell_of_full_group(&mut self, found: &mut Found, without_place: &[UserId]) {
        let AtTheGroup { users, rotations } = &mut found.at_the_group;
        let has_none = |user: &mut CacheUser| without_place.contains(&user.user_id);
        let users = users.extract_if(.., has_none).collect();
        let rotations = rotations.extract_if(.., |(user, _)| without_place.contains(user));
        let rotations = rotations.map(|(_, rotation)| rotation).collect();
        let detail = format!("the user group {} has no room", self.config.user_group);
        let problem = (TenantProblemCode::UserGroupFull, detail.as_str());
        self.tasks.tell(&self.tools, users, problem);
        self.tasks.hinder(&self.tools, rotations, problem);
    }

    /// Another writer is normal, and waited for. One that never ends is told of.
    fn tell_of_busy_group(&mut self, found: &mut Found) {
        let held = self.lookout.held_by_others();
        if held < BUSY_TOLD_AFTER {
            return;
        }
        let AtTheGroup { users, rotations } = std::mem::take(&mut found.at_the_group);
        let rotations = rotations.into_iter().map(|(_, rotation)| rotation).collect();
        let detail = format!(
            "somebody else has been changing the user group {} for {} minutes",
            self.config.user_group,
            held.as_secs() / 60
        );
        let problem = (TenantProblemCode::UserGroupBusy, detail.as_str());
        self.tasks.tell(&self.tools, users, problem);
        self.tasks.hinder(&self.tools, rotations, problem);
    }

    /// Looks at AWS, if that is due. Answers when it is due next.
    fn look(&mut self, found: Found) -> Instant {
        if self.effects_noted != self.lookout.serial() {
            self.effects_noted = self.lookout.serial();
            self.lookout.note_effects(&found.waiting, &found.undecided);
        }
        let now = Instant::now();
        let (due, next) = self.lookout.due(found.wants);
        if let Some(look) = due {
            let Found { covered, wanting: waiting, .. } = found;
            self.start_look(LookOrder { look, not_before: now, covered, waiting });
        } else if self.idle_look_due <= now && !self.lookout.is_looking() {
            // All workers look at the same times, and share what is listed.
            let not_before = self.idle_look_due;
            let (covered, waiting) = (Covered::new(), Waiting::default());
            self.start_look(LookOrder { look: Look::Everything, not_before, covered, waiting });
        }
        // What is under way ends with a report.
        let idle = self.idle_look_due;
        let idle = if self.lookout.is_looking() { idle.max(now + IDLE_LOOK_PERIOD) } else { idle };
        next.map_or(idle, |next| next.min(idle))
    }

    fn start_look(&mut self, order: LookOrder) {
        if order.look == Look::Everything {
            self.idle_look_due = self.next_idle_look();
        }
        self.lookout.begin(order.look);
        self.tasks.look(&self.tools, &self.config, order);
    }

    fn next_idle_look(&self) -> Instant {
        let periods = self.opened_at.elapsed().div_duration_f64(IDLE_LOOK_PERIOD).floor() + 1.0;
        self.opened_at + IDLE_LOOK_PERIOD.mul_f64(periods)
    }

    /// A look that shows what the cache is has failed: the next is not to wait for its turn.
    pub(super) fn look_again_soon(&mut self, look: Look) {
        if look == Look::Everything {
            let soon = Instant::now() + self.tools.settings.period;
            self.idle_look_due = self.idle_look_due.min(soon);
        }
    }

    /// Whether what was seen last could not bring a row on as it is now.
    fn rests(&self, row: Uuid, revision: Revision) -> bool {
        self.resting.get(&row) == Some(&revision)
    }

    /// Whether no further step can be begun before one has ended.
    pub(super) fn is_full(&self) -> bool {
        !self.has_room(Kind::Step, Urgency::Urgent)
    }

    /// What waits for nobody leaves a quarter of the places to sign-ups.
    fn has_room(&self, kind: Kind, urgency: Urgency) -> bool {
        let most = match kind {
            Kind::Step => self.tools.settings.steps_in_flight.get(),
            Kind::Attestation => self.tools.settings.attestations_in_flight.get(),
            // Its pace is the cache's.
            Kind::Purge => 1,
        };
        let most = match urgency {
            Urgency::Urgent => most,
            Urgency::Routine => (most - most / 4).max(1),
        };
        self.tasks.count(kind) < most
    }
}
