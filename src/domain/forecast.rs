//! What is to come for a user, if AWS does at once what it is told and nobody else does anything.

use super::{
    AccessSeen, CacheUser, Call, Event, Grant, Membership, Observed, Phase, Step, UserSeen,
    UserState, Wanted, plan,
};

/// More than any user has before it; the work on one that is wanted ends by itself.
const STEPS_MAX: usize = 40;

/// A step that changes something, or that leaves the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeseenStep {
    /// The phase in which it is done.
    pub phase: Phase,
    /// What is done.
    pub action: ForeseenAction,
}

/// What is done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeseenAction {
    /// The user is put into the group, with all that wait for that.
    Join,
    /// The user is taken out of the group, with all that wait for that.
    Leave,
    /// AWS is spoken to, or the engine.
    Call(Call),
}

/// The steps that are before a user, in their order. Nothing is before one that waits for a person.
///
/// It is [`plan()`] that says so, in a world that is as the user's phase tells: what AWS has of a deleted
/// namesake, or what somebody else has changed, is not known here.
#[must_use]
pub fn forecast(user: &CacheUser) -> Vec<ForeseenStep> {
    if user.is_blocked() {
        return Vec::new();
    }
    let mut world = as_told_by(user);
    let (mut wanted, mut phase) = (user.wanted, user.phase);
    let mut steps = Vec::new();
    for _ in 0..STEPS_MAX {
        let (action, event) = match plan(user.auth, wanted, phase, world) {
            Step::Done | Step::Wait => break,
            Step::Note(event) => (None, Some(event)),
            Step::Join => {
                world.membership = Membership::Member;
                (Some(ForeseenAction::Join), None)
            }
            Step::Leave => {
                world.membership = Membership::Outside;
                (Some(ForeseenAction::Leave), None)
            }
            // When no key is left nobody needs the user any more.
            Step::Call(Call::Attest) if user.grant == Grant::Purge => {
                wanted = Wanted::Absent;
                (Some(ForeseenAction::Call(Call::Attest)), None)
            }
            Step::Call(call) => (Some(ForeseenAction::Call(call)), Some(outcome(call, &mut world))),
        };
        steps.extend(action.map(|action| ForeseenStep { phase, action }));
        phase = match event.map(|event| phase.on(event)) {
            None => phase,
            Some(Ok(next)) => next,
            Some(Err(_)) => break,
        };
    }
    steps
}

/// The world in which a user comes to its phase.
fn as_told_by(user: &CacheUser) -> Observed {
    let there = UserSeen::Present(UserState::Active);
    let (seen, membership) = match user.phase {
        Phase::StoringSecret
        | Phase::CreatingUser
        | Phase::AwaitingRemoval
        | Phase::RemovingSecret
        | Phase::Deleted => (UserSeen::Missing, Membership::Outside),
        Phase::JoiningGroup | Phase::Suspended | Phase::RemovingUser => {
            (there, Membership::Outside)
        }
        Phase::ModifyingUser
        | Phase::Attesting
        | Phase::Active
        | Phase::Suspending
        | Phase::LeavingGroup => (there, Membership::Member),
    };
    let access = if user.access.is_some() { AccessSeen::Wanted } else { AccessSeen::Outdated };
    Observed { user: seen, membership, absence_is_certain: true, access }
}

/// What becomes known by a call, and what is different in the world after it.
fn outcome(call: Call, world: &mut Observed) -> Event {
    match call {
        Call::StoreSecret => Event::SecretStored,
        Call::CreateUser | Call::AdoptUser => {
            world.user = UserSeen::Present(UserState::Active);
            world.access = AccessSeen::Wanted;
            Event::UserCreated
        }
        Call::SetAccess => {
            world.access = AccessSeen::Wanted;
            Event::AccessSet
        }
        Call::Attest => Event::Attested,
        Call::RemoveUser => {
            world.user = UserSeen::Missing;
            Event::RemovalAccepted
        }
        Call::RemoveSecret => Event::SecretScheduled,
    }
}
