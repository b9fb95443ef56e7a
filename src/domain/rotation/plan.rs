//! The decision: what one step brings a rotation closer to its end.

use super::{RotationEvent, RotationPhase, RotationWish};
use crate::domain::{Looks, Membership, UserSeen, UserState, Wanted};

/// What is known of a rotation's surroundings, read after its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationSeen {
    /// Whether the user is to be there.
    pub user_wanted: Wanted,
    /// Whether the user is let in now, so that a login says something about its password.
    pub is_let_in: bool,
    /// The user.
    pub user: UserSeen,
    /// Its place in the user group.
    pub membership: Membership,
    /// How many passwords AWS says that it has.
    pub passwords: Option<u8>,
    /// Whether what AWS shows may be taken as it is: some seconds have passed since the last call.
    pub is_settled: bool,
    /// Whether the old password may be retired now.
    pub may_retire: bool,
}

/// One step of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationStep {
    /// Nothing to do.
    Done,
    /// AWS is at work, or the grace lasts.
    Wait,
    /// What is known is enough: write it down.
    Note(RotationEvent),
    /// Hand the user to the group committer, to be added.
    Join,
    /// Hand the user to the group committer, to be removed.
    Leave,
    /// Speak to AWS, or to the engine.
    Call(RotationCall),
}

/// A step that leaves the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationCall {
    /// Put the new password into Secrets Manager as `AWSPENDING`.
    StorePending,
    /// Give the user both passwords.
    SetBoth,
    /// Log in with the new password on every node.
    TestNew,
    /// Move `AWSCURRENT` to the new password, if it is still on the old one.
    Promote,
    /// Give the user the new password only.
    SetNew,
    /// Try to log in with the old password.
    ProveOldDead,
    /// Give the user the old password only.
    SetOld,
    /// Take `AWSPENDING` from the new password.
    DropPending,
}

/// Decides the next step of a rotation. Total and pure; every event that it notes is one that
/// [`RotationPhase::on`] accepts.
#[must_use]
pub fn plan_rotation(wish: RotationWish, phase: RotationPhase, seen: RotationSeen) -> RotationStep {
    use RotationPhase as Phase;
    match seen.user_wanted {
        _ if phase.is_over() => return RotationStep::Done,
        Wanted::Absent => return RotationStep::Note(RotationEvent::GaveUp),
        // No login can prove a password while nobody is let in.
        Wanted::Suspended => return RotationStep::Wait,
        Wanted::Present => {}
    }
    if wish == RotationWish::Cancel && phase.can_be_cancelled() {
        return RotationStep::Note(RotationEvent::CancelWanted);
    }
    // A user that is on its way back into the group is refused whatever its password is.
    if !seen.is_let_in && matches!(phase, Phase::Creating | Phase::Testing | Phase::Proving) {
        return RotationStep::Wait;
    }
    match phase {
        Phase::Creating => RotationStep::Call(RotationCall::StorePending),
        Phase::Setting => when_active(seen, RotationCall::SetBoth, gone(seen)),
        Phase::Testing => test(seen),
        Phase::Finishing => RotationStep::Call(RotationCall::Promote),
        Phase::Grace if seen.may_retire => RotationStep::Note(RotationEvent::GraceOver),
        Phase::Queued | Phase::Grace => RotationStep::Wait,
        Phase::Retiring => when_active(seen, RotationCall::SetNew, RotationStep::Wait),
        Phase::Proving => prove(seen),
        Phase::Cutting => cut(seen),
        Phase::Rejoining => rejoin(seen),
        Phase::Reverting => when_active(seen, RotationCall::SetOld, gone(seen)),
        Phase::Discarding => RotationStep::Call(RotationCall::DropPending),
        Phase::Completed | Phase::Cancelled | Phase::Failed => RotationStep::Done,
    }
}

/// What the step of a rotation in this phase depends on.
#[must_use]
pub fn rotation_needs(phase: RotationPhase) -> Looks {
    use RotationPhase as Phase;
    match phase {
        Phase::Setting | Phase::Testing | Phase::Retiring | Phase::Proving | Phase::Reverting => {
            Looks::USERS
        }
        Phase::Cutting => Looks::GROUP,
        Phase::Rejoining => Looks::BOTH,
        Phase::Queued
        | Phase::Creating
        | Phase::Finishing
        | Phase::Grace
        | Phase::Completed
        | Phase::Discarding
        | Phase::Cancelled
        | Phase::Failed => Looks::NOTHING,
    }
}

fn when_active(seen: RotationSeen, call: RotationCall, if_gone: RotationStep) -> RotationStep {
    match seen.user {
        UserSeen::Present(UserState::Active) => RotationStep::Call(call),
        UserSeen::Present(UserState::Changing) => RotationStep::Wait,
        UserSeen::Missing | UserSeen::Present(UserState::Deleting) => if_gone,
    }
}

/// A rotation without a user has no end to come to. Once the new password is promoted it is waited for
/// all the same: the old one is not retired yet, or the user is not back in its group.
fn gone(seen: RotationSeen) -> RotationStep {
    if seen.is_settled { RotationStep::Note(RotationEvent::GaveUp) } else { RotationStep::Wait }
}

/// Somebody who gave the user other passwords meanwhile is seen by their number.
fn test(seen: RotationSeen) -> RotationStep {
    let has_lost_one = seen.is_settled && seen.passwords.is_some_and(|count| count < 2);
    match seen.user {
        UserSeen::Present(UserState::Active) if has_lost_one => {
            RotationStep::Note(RotationEvent::BothLost)
        }
        _ => when_active(seen, RotationCall::TestNew, gone(seen)),
    }
}

fn prove(seen: RotationSeen) -> RotationStep {
    let has_two = seen.is_settled && seen.passwords == Some(2);
    match seen.user {
        UserSeen::Present(UserState::Active) if has_two => {
            RotationStep::Note(RotationEvent::OldBack)
        }
        _ => when_active(seen, RotationCall::ProveOldDead, RotationStep::Wait),
    }
}

fn cut(seen: RotationSeen) -> RotationStep {
    match seen.membership {
        Membership::Outside => RotationStep::Note(RotationEvent::Left),
        Membership::Member => RotationStep::Leave,
        Membership::Joining | Membership::Leaving => RotationStep::Wait,
    }
}

fn rejoin(seen: RotationSeen) -> RotationStep {
    match (seen.user, seen.membership) {
        (_, Membership::Member) => RotationStep::Note(RotationEvent::Rejoined),
        (UserSeen::Present(UserState::Active), Membership::Outside) => RotationStep::Join,
        (_, Membership::Outside | Membership::Joining | Membership::Leaving) => RotationStep::Wait,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The events that a step may end with.
    fn outcomes(step: RotationStep) -> Vec<RotationEvent> {
        use RotationCall as Call;
        use RotationEvent as Event;
        match step {
            RotationStep::Done | RotationStep::Wait | RotationStep::Join | RotationStep::Leave => {
                vec![]
            }
            RotationStep::Note(event) => vec![event],
            RotationStep::Call(Call::StorePending) => {
                vec![Event::PendingStored, Event::Promoted, Event::GaveUp]
            }
            RotationStep::Call(Call::SetBoth) => {
                vec![Event::BothSet, Event::Promoted, Event::GaveUp]
            }
            RotationStep::Call(Call::TestNew) => vec![Event::NewProved],
            RotationStep::Call(Call::Promote) => vec![Event::Promoted, Event::GaveUp],
            RotationStep::Call(Call::SetNew) => vec![Event::OldRemoved, Event::GaveUp],
            RotationStep::Call(Call::ProveOldDead) => vec![Event::OldRefused, Event::CutWanted],
            RotationStep::Call(Call::SetOld) => vec![Event::OldRestored, Event::GaveUp],
            RotationStep::Call(Call::DropPending) => vec![Event::PendingDropped, Event::GaveUp],
        }
    }

    fn seen() -> impl Strategy<Value = RotationSeen> {
        let user = prop_oneof![
            Just(UserSeen::Missing),
            Just(UserSeen::Present(UserState::Active)),
            Just(UserSeen::Present(UserState::Changing)),
            Just(UserSeen::Present(UserState::Deleting)),
        ];
        let membership = prop_oneof![
            Just(Membership::Outside),
            Just(Membership::Joining),
            Just(Membership::Member),
            Just(Membership::Leaving),
        ];
        let passwords = prop::option::of(0..3_u8);
        let wanted =
            prop_oneof![Just(Wanted::Present), Just(Wanted::Suspended), Just(Wanted::Absent)];
        (any::<[bool; 3]>(), wanted, user, membership, passwords).prop_map(
            |([is_settled, may_retire, is_let_in], user_wanted, user, membership, passwords)| {
                RotationSeen {
                    user_wanted,
                    is_let_in,
                    user,
                    membership,
                    passwords,
                    is_settled,
                    may_retire,
                }
            },
        )
    }

    fn wish() -> impl Strategy<Value = RotationWish> {
        prop_oneof![
            Just(RotationWish::Complete),
            Just(RotationWish::RetireNow),
            Just(RotationWish::Cancel),
        ]
    }

    proptest! {
        /// Whatever callers ask for and AWS shows, in whatever order, every step leads to a phase.
        #[test]
        fn no_sequence_of_wishes_and_sights_leads_astray(
            moments in prop::collection::vec((wish(), seen(), any::<prop::sample::Index>()), 1..60),
        ) {
            let mut phase = RotationPhase::Creating;
            let mut was_promoted = false;
            for (wish, seen, which) in moments {
                let ends = outcomes(plan_rotation(wish, phase, seen));
                if ends.is_empty() {
                    continue;
                }
                let event = *which.get(&ends);
                phase = phase.on(event).unwrap();
                was_promoted |= event == RotationEvent::Promoted;
                // What was promoted cannot end as if it had not been.
                prop_assert!(!(was_promoted && phase == RotationPhase::Cancelled));
            }
        }
    }

    /// A world that does at once what it is told.
    #[test]
    fn a_rotation_ends_completed_or_cancelled() {
        for (wish, end) in [
            (RotationWish::Complete, RotationPhase::Completed),
            (RotationWish::RetireNow, RotationPhase::Completed),
            (RotationWish::Cancel, RotationPhase::Cancelled),
        ] {
            for start in [RotationPhase::Creating, RotationPhase::Setting, RotationPhase::Testing] {
                let mut phase = start;
                let world = RotationSeen {
                    user_wanted: Wanted::Present,
                    is_let_in: true,
                    user: UserSeen::Present(UserState::Active),
                    membership: Membership::Member,
                    passwords: None,
                    is_settled: true,
                    may_retire: true,
                };
                for _ in 0..20 {
                    if let Some(event) = outcomes(plan_rotation(wish, phase, world)).first() {
                        phase = phase.on(*event).unwrap();
                    }
                }
                assert_eq!(phase, end, "{wish:?} from {start}");
            }
        }
    }
}
