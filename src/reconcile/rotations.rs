//! Bringing the rotations of a cache forward, one step each.

use jiff::{SignedDuration, Timestamp};
use tracing::{debug, error, info, warn};

use super::{
    failure::StepError,
    rotation_steps::{Learned, Work, call},
    step::{Bench, StepEnd, Tools},
};
use crate::{
    domain::{
        Backoff, CacheUser, CacheUserId, Looks, Membership, Phase, Remedy, Rotation, RotationEvent,
        RotationMode, RotationPhase, RotationSeen, RotationStep, TenantProblem, TenantProblemCode,
        Urgency, Wanted, plan_rotation, rotation_needs,
    },
    store::StoreError,
};

/// The rotations on which there is work now.
pub(super) struct DueRotations {
    pub(super) due: Vec<Rotation>,
    /// When the first of the others is due.
    pub(super) next: Option<Timestamp>,
    /// Users that are out of the group for a moment, their rotation due or not: nobody may take
    /// their places.
    pub(super) out: Vec<CacheUserId>,
}

impl DueRotations {
    /// Of these, those that need not wait for a time.
    pub(super) fn among(rotations: Vec<Rotation>, now: Timestamp) -> Self {
        let out = rotations.iter().filter(|rotation| keeps_place(rotation, now));
        let out = out.map(|rotation| rotation.user).collect();
        let mut found = Self { due: Vec::new(), next: None, out };
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

/// A rotation on the way, its user, and how much of what was seen is newer than its row.
pub(super) struct Turning {
    pub(super) rotation: Rotation,
    pub(super) user: CacheUser,
    pub(super) fresh: Looks,
    /// Whether a call was made since the last look.
    pub(super) called: bool,
}

impl Turning {
    /// How soon the work on it has to be done.
    pub(super) fn urgency(&self) -> Urgency {
        match self.rotation.mode {
            RotationMode::Emergency => Urgency::Urgent,
            RotationMode::Overlap { .. } => Urgency::Routine,
        }
    }
}

/// The next step of a rotation, as far as can be told.
pub(super) fn next_step(bench: &Bench, it: &Turning) -> RotationStep {
    let Turning { rotation, user, .. } = it;
    plan_rotation(rotation.wish, rotation.phase, seen(bench, rotation, user))
}

/// Brings a rotation as far as it comes without another look at AWS. What stands in its way is
/// written on it.
pub(super) async fn bring_on(bench: &Bench, it: &mut Turning) -> Result<StepEnd, StoreError> {
    match step(bench, it).await {
        Ok(end) => Ok(end),
        Err(StepError::Store(StoreError::Stale)) => Ok(StepEnd::Moved),
        Err(StepError::Store(error)) => Err(error),
        Err(StepError::Busy) => Ok(StepEnd::Waiting),
        // Nobody is let in any more, and a login that failed says nothing about the password.
        Err(_) if is_kept_out(bench, it.user.id).await? => Ok(StepEnd::Waiting),
        Err(reason) => hinder(&bench.tools, it.rotation.clone(), &reason).await,
    }
}

/// Whether the user has been suspended since the pass began.
async fn is_kept_out(bench: &Bench, user: CacheUserId) -> Result<bool, StoreError> {
    let user = bench.tools.store.user_by_id(user).await?;
    Ok(user.is_some_and(|user| user.wanted == Wanted::Suspended))
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

async fn step(bench: &Bench, it: &mut Turning) -> Result<StepEnd, StepError> {
    loop {
        if !rotation_needs(it.rotation.phase).are_met_by(it.fresh) {
            return Ok(StepEnd::Moved);
        }
        let step = next_step(bench, it);
        debug!(?step, phase = %it.rotation.phase, "step planned");
        match step {
            RotationStep::Note(event) => {
                it.rotation = note(bench, &it.rotation, event.into()).await?;
            }
            RotationStep::Done => return Ok(StepEnd::Settled),
            RotationStep::Wait => return Ok(StepEnd::Waiting),
            RotationStep::Join => return Ok(StepEnd::Joins),
            RotationStep::Leave => return Ok(StepEnd::Leaves),
            RotationStep::Call(wanted) => {
                let work = Work { rotation: &it.rotation, user: &it.user };
                let learned = call(bench, work, wanted).await?;
                it.rotation = note(bench, &it.rotation, learned).await?;
                (it.fresh, it.called) = (Looks::NOTHING, true);
                return Ok(StepEnd::Moved);
            }
        }
    }
}

fn seen(bench: &Bench, rotation: &Rotation, user: &CacheUser) -> RotationSeen {
    let now = bench.tools.clock.now();
    let report = bench.seen.report(&user.user_id);
    let membership = bench.seen.group.view.membership(&user.user_id);
    RotationSeen {
        user_wanted: user.wanted,
        is_let_in: is_let_in(user, membership),
        user: bench.seen.user(&user.user_id),
        membership,
        passwords: report.and_then(|report| report.passwords),
        is_settled: bench.had_settled(rotation.phase_since),
        may_retire: rotation.may_retire(now),
    }
}

/// One that is modified or attested is a member mostly, but may also be on its way back.
fn is_let_in(user: &CacheUser, membership: Membership) -> bool {
    match user.phase {
        Phase::Active => true,
        Phase::ModifyingUser | Phase::Attesting => membership == Membership::Member,
        _ => false,
    }
}

async fn note(bench: &Bench, rotation: &Rotation, learned: Learned) -> Result<Rotation, StepError> {
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
pub(super) async fn hinder(
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
