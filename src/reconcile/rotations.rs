//! Bringing the rotations of a cache forward, one step each.

use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use tracing::{Instrument as _, debug, error, info, info_span, warn};

use super::{
    committer::Commit,
    failure::StepError,
    rotation_steps::{Learned, Work, call},
    step::{Bench, StepEnd, Tools},
};
use crate::{
    domain::{
        Backoff, CacheUser, Remedy, Rotation, RotationEvent, RotationPhase, RotationSeen,
        RotationStep, TenantProblem, TenantProblemCode, UserId, Wanted, plan_rotation,
        rotation_needs_a_fresh_look,
    },
    store::StoreError,
};

/// The rotations on which there is work now.
pub(super) struct DueRotations {
    pub(super) due: Vec<Rotation>,
    /// When the first of the others is due.
    pub(super) next: Option<Timestamp>,
    /// Whether some user is out of the group for a moment, due or not, and its place must not be
    /// taken.
    pub(super) keep_places: bool,
}

impl DueRotations {
    /// Of these, those that need not wait for a time.
    pub(super) fn among(rotations: Vec<Rotation>, now: Timestamp) -> Self {
        let keep_places = rotations.iter().any(|rotation| keeps_place(rotation, now));
        let mut found = Self { due: Vec::new(), next: None, keep_places };
        for rotation in rotations {
            match not_before(&rotation, now) {
                Some(at) if at > now => {
                    found.next = Some(found.next.map_or(at, |next| next.min(at)));
                }
                _ if rests(&rotation, now) => {}
                _ => found.due.push(rotation),
            }
        }
        found
    }

    /// Whether one of them depends on a look at AWS that is newer than its row.
    pub(super) fn need_a_look(&self) -> bool {
        self.due.iter().any(|rotation| rotation_needs_a_fresh_look(rotation.phase))
    }
}

/// How long a place in the group is kept: a user that cannot come back keeps nobody out for good.
const PLACE_KEPT: SignedDuration = SignedDuration::from_mins(15);

fn keeps_place(rotation: &Rotation, now: Timestamp) -> bool {
    let is_out = matches!(rotation.phase, RotationPhase::Cutting | RotationPhase::Rejoining);
    is_out && now.duration_since(rotation.phase_since) < PLACE_KEPT
}

/// The time before which nothing is to be done.
fn not_before(rotation: &Rotation, now: Timestamp) -> Option<Timestamp> {
    let retry = rotation.problem.as_ref().and_then(|problem| match problem.remedy {
        Remedy::Retry { at } => Some(at),
        Remedy::Person => None,
    });
    let grace = (rotation.phase == RotationPhase::Grace && !rotation.may_retire(now))
        .then(|| rotation.grace_ends_at())
        .flatten();
    retry.max(grace)
}

/// Whether nothing but a caller's word brings it on: the grace is over and the gate is closed.
fn rests(rotation: &Rotation, now: Timestamp) -> bool {
    rotation.phase == RotationPhase::Grace && !rotation.may_retire(now)
}

/// What the steps of a pass have come to.
#[derive(Default)]
pub(super) struct Turned {
    pub(super) moved: bool,
    pub(super) waiting: bool,
    /// Users whose connections are being cut: out of the group, and back into it.
    pub(super) leaving: Vec<UserId>,
    pub(super) rejoining: Vec<UserId>,
    at_the_group: Vec<(UserId, Rotation)>,
}

/// Takes one step for each rotation; those that depend on a look wait for one.
pub(super) async fn turn(
    bench: &Bench<'_>,
    due: Vec<Rotation>,
    is_fresh: bool,
) -> Result<Turned, StoreError> {
    let (now, later): (Vec<_>, Vec<_>) = due
        .into_iter()
        .partition(|rotation| is_fresh || !rotation_needs_a_fresh_look(rotation.phase));
    let steps: Vec<_> = now.iter().map(|rotation| take_step(bench, rotation)).collect();
    let in_flight = bench.tools.settings.steps_in_flight.get();
    let ends: Vec<_> = stream::iter(steps).buffer_unordered(in_flight).collect().await;
    let mut turned = Turned { waiting: !later.is_empty(), ..Turned::default() };
    for end in ends {
        let (rotation, end) = end?;
        match end {
            StepEnd::Moved => turned.moved = true,
            StepEnd::Waiting => turned.waiting = true,
            StepEnd::Joins(id) => {
                turned.rejoining.push(id.clone());
                turned.at_the_group.push((id, rotation));
            }
            StepEnd::Leaves(id) => {
                turned.leaving.push(id.clone());
                turned.at_the_group.push((id, rotation));
            }
            StepEnd::Settled => {}
        }
    }
    Ok(turned)
}

impl Turned {
    /// Tells the rotations that waited for the group if they waited in vain. Answers whether rows
    /// were changed.
    pub(super) async fn settle(self, tools: &Tools, commit: &Commit) -> Result<bool, StoreError> {
        let Commit::Failed { users, reason } = commit else { return Ok(false) };
        let mut changed = false;
        for (user, rotation) in self.at_the_group {
            if users.contains(&user) {
                changed |= matches!(hinder(tools, rotation, reason).await?, StepEnd::Moved);
            }
        }
        Ok(changed)
    }
}

/// Writes down on each rotation that nothing can be done for it now.
pub(super) async fn hinder_all(
    tools: &Tools,
    rotations: &[Rotation],
    reason: &StepError,
) -> Result<(), StoreError> {
    for rotation in rotations {
        hinder(tools, rotation.clone(), reason).await?;
    }
    Ok(())
}

async fn take_step(
    bench: &Bench<'_>,
    rotation: &Rotation,
) -> Result<(Rotation, StepEnd), StoreError> {
    let mut rotation = rotation.clone();
    let Some(user) = bench.tools.store.user_by_id(rotation.user).await? else {
        return Ok((rotation, StepEnd::Settled));
    };
    let span = info_span!(
        "rotation", tenant.name = %user.tenant_name, user.name = %user.user_name,
        rotation.id = %rotation.id
    );
    let end = match step(bench, &mut rotation, &user).instrument(span.clone()).await {
        Ok(end) => end,
        Err(StepError::Store(StoreError::Stale)) => StepEnd::Moved,
        Err(StepError::Store(error)) => return Err(error),
        Err(StepError::Busy) => StepEnd::Waiting,
        Err(reason) => hinder(bench.tools, rotation.clone(), &reason).instrument(span).await?,
    };
    Ok((rotation, end))
}

async fn step(
    bench: &Bench<'_>,
    rotation: &mut Rotation,
    user: &CacheUser,
) -> Result<StepEnd, StepError> {
    loop {
        let step = plan_rotation(rotation.wish, rotation.phase, seen(bench, rotation, user));
        debug!(?step, phase = %rotation.phase, "step planned");
        match step {
            RotationStep::Note(event) => *rotation = note(bench, rotation, event.into()).await?,
            RotationStep::Done => return Ok(StepEnd::Settled),
            RotationStep::Wait => return Ok(StepEnd::Waiting),
            RotationStep::Join => return Ok(StepEnd::Joins(user.user_id.clone())),
            RotationStep::Leave => return Ok(StepEnd::Leaves(user.user_id.clone())),
            RotationStep::Call(wanted) => {
                let learned = call(bench, Work { rotation, user }, wanted).await?;
                *rotation = note(bench, rotation, learned).await?;
                return Ok(StepEnd::Moved);
            }
        }
    }
}

fn seen(bench: &Bench<'_>, rotation: &Rotation, user: &CacheUser) -> RotationSeen {
    let now = bench.tools.clock.now();
    let held = now.duration_since(rotation.phase_since).unsigned_abs();
    let report = bench.seen.users.get(&user.user_id);
    RotationSeen {
        user_is_wanted: user.wanted == Wanted::Present,
        user: bench.seen.user(&user.user_id),
        membership: bench.seen.group.view.membership(&user.user_id),
        passwords: report.and_then(|report| report.passwords),
        is_settled: held >= bench.tools.settings.consistency_window,
        may_retire: rotation.may_retire(now),
    }
}

async fn note(
    bench: &Bench<'_>,
    rotation: &Rotation,
    learned: Learned,
) -> Result<Rotation, StepError> {
    let now = bench.tools.clock.now();
    let phase = rotation.phase.on(learned.event)?;
    let mut changed = rotation.clone().with_milestone(learned.event, now);
    changed.phase = phase;
    changed.phase_since = now;
    changed.from = learned.from.or(changed.from);
    changed.attempts = 0;
    changed.problem = (learned.event == RotationEvent::GaveUp).then(|| TenantProblem {
        code: TenantProblemCode::UserGone,
        detail: "the user whose password was being replaced is gone".to_owned(),
        remedy: Remedy::Person,
    });
    let moved = bench.tools.store.save_rotation(changed, now).await?;
    info!(from = %rotation.phase, to = %phase, event = ?learned.event, "rotation moved on");
    Ok(moved)
}

/// Writes down what stands in the way. What waiting cannot cure ends the rotation.
async fn hinder(
    tools: &Tools,
    mut rotation: Rotation,
    reason: &StepError,
) -> Result<StepEnd, StoreError> {
    let (code, detail) = match reason {
        StepError::Problem { code, detail, .. } => (*code, detail.clone()),
        StepError::Illegal(_) | StepError::IllegalRotation(_) => {
            error!(?reason, "the plan and the phases disagree");
            return Ok(StepEnd::Waiting);
        }
        StepError::Busy | StepError::Store(_) => return Ok(StepEnd::Waiting),
    };
    let now = tools.clock.now();
    let is_news = rotation.problem.as_ref().is_none_or(|old| old.code != code);
    if is_news {
        warn!(rotation.id = %rotation.id, problem = %code, detail, phase = %rotation.phase,
            "the rotation is hindered");
    } else {
        debug!(rotation.id = %rotation.id, problem = %code, detail, "still hindered");
    }
    let remedy = if ends_a_rotation(code) {
        rotation.phase = RotationPhase::Failed;
        rotation.phase_since = now;
        Remedy::Person
    } else {
        Remedy::Retry { at: next_try(tools, rotation.attempts, now) }
    };
    rotation.attempts = rotation.attempts.saturating_add(1);
    rotation.problem = Some(TenantProblem { code, detail, remedy });
    match tools.store.save_rotation(rotation, now).await {
        Ok(_) | Err(StoreError::Stale) => Ok(StepEnd::Moved),
        Err(error) => Err(error),
    }
}

/// Whether a rotation that meets this problem is at its end. A leaky fence is none: nothing is
/// promoted while it lasts, and the rotation can be cancelled.
fn ends_a_rotation(code: TenantProblemCode) -> bool {
    matches!(
        code,
        TenantProblemCode::SecretChanged
            | TenantProblemCode::SecretRotatedElsewhere
            | TenantProblemCode::SecretNameTaken
            | TenantProblemCode::SecretUnreadable
            | TenantProblemCode::UserIdTaken
    )
}

fn next_try(tools: &Tools, attempts: u32, now: Timestamp) -> Timestamp {
    let mut random = [0];
    tools.entropy.fill(&mut random);
    let backoff = Backoff { base: tools.settings.retry_base, max: tools.settings.retry_max };
    let delay = backoff.delay(attempts.saturating_add(1), random[0]);
    let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
    now.saturating_add(delay).unwrap_or(Timestamp::MAX)
}
