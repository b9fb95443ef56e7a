//! The decision: what one step brings a cache user closer to what is wanted.

use super::{Auth, Event, Membership, Phase, Wanted};

/// What AWS says about one cache user, read after its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The user.
    pub user: UserSeen,
    /// Its place in the user group.
    pub membership: Membership,
    /// Whether a thing that is not seen may be taken as absent. `DescribeUsers` promises no
    /// read-after-write, so for some seconds after a call "not seen" means "not known".
    pub absence_is_certain: bool,
    /// What is known of its access string.
    pub access: AccessSeen,
}

/// Looks at AWS: those on which a step depends, which must be newer than its row, or those that
/// there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looks {
    /// What `DescribeUsers` shows.
    pub users: bool,
    /// What `DescribeUserGroups` shows.
    pub group: bool,
}

/// A user's access string, compared with the one that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessSeen {
    /// The row says that the user is to be given another.
    Outdated,
    /// AWS accepted the wanted one and does not show it yet.
    NotShownYet,
    /// The user has the wanted one.
    Wanted,
}

/// A user as `DescribeUsers` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserSeen {
    /// It is not listed.
    Missing,
    /// It is listed.
    Present(UserState),
}

/// The status of a listed user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserState {
    /// It can be modified, deleted and put into a group.
    Active,
    /// AWS is at work on it.
    Changing,
    /// AWS is deleting it.
    Deleting,
}

/// One step of the reconciler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing to do.
    Done,
    /// AWS is at work, or its answer is not yet certain: look again later.
    Wait,
    /// What was observed is enough: write it down.
    Note(Event),
    /// Hand the user to the group committer, to be added.
    Join,
    /// Hand the user to the group committer, to be removed.
    Leave,
    /// Speak to AWS, or to the engine.
    Call(Call),
}

/// A step that leaves the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Put a password into Secrets Manager.
    StoreSecret,
    /// Make the user.
    CreateUser,
    /// A user with our id exists though no answer told us so: take it over if its tags prove it
    /// ours.
    AdoptUser,
    /// Give the user the wanted access string.
    SetAccess,
    /// Log in as the user and try the fence.
    Attest,
    /// Delete the user, if its tags prove it ours.
    RemoveUser,
    /// Schedule the secret for deletion, if its tags prove it ours.
    RemoveSecret,
}

/// Decides the next step of a cache user. Total and pure; every event that it notes is one that
/// [`Phase::on`] accepts.
#[must_use]
pub fn plan(auth: Auth, wanted: Wanted, phase: Phase, observed: Observed) -> Step {
    match (wanted, phase) {
        (
            Wanted::Absent,
            Phase::StoringSecret
            | Phase::CreatingUser
            | Phase::JoiningGroup
            | Phase::ModifyingUser
            | Phase::Attesting
            | Phase::Active,
        ) => Step::Note(Event::DeletionWanted),
        (Wanted::Present, Phase::StoringSecret) => match auth {
            Auth::Password => Step::Call(Call::StoreSecret),
            Auth::Iam => Step::Note(Event::SecretStored),
        },
        (Wanted::Present, Phase::CreatingUser) => create(observed),
        (Wanted::Present, Phase::JoiningGroup) => join(observed),
        (Wanted::Present, Phase::ModifyingUser) => modify(observed),
        (Wanted::Present, Phase::Attesting) => attest(observed),
        (Wanted::Present, Phase::Active) if observed.access == AccessSeen::Outdated => {
            Step::Note(Event::AccessOutdated)
        }
        (Wanted::Present, Phase::Active) | (_, Phase::Deleted) => Step::Done,
        (_, Phase::LeavingGroup) => leave(observed),
        (_, Phase::RemovingUser) => remove(observed),
        (_, Phase::AwaitingRemoval) => await_removal(observed),
        (_, Phase::RemovingSecret) => match auth {
            Auth::Password => Step::Call(Call::RemoveSecret),
            Auth::Iam => Step::Note(Event::SecretScheduled),
        },
    }
}

/// What the step of a user in this phase depends on. `CreateUser` itself tells whether there is such
/// a user already, so that nobody has to look first.
#[must_use]
pub fn needs(phase: Phase) -> Looks {
    match phase {
        Phase::StoringSecret
        | Phase::CreatingUser
        | Phase::Active
        | Phase::RemovingSecret
        | Phase::Deleted => Looks::NOTHING,
        Phase::ModifyingUser | Phase::RemovingUser | Phase::AwaitingRemoval => Looks::USERS,
        Phase::LeavingGroup => Looks::GROUP,
        Phase::JoiningGroup | Phase::Attesting => Looks::BOTH,
    }
}

impl Looks {
    /// A look at neither.
    pub const NOTHING: Self = Self { users: false, group: false };
    /// A look at the users.
    pub const USERS: Self = Self { users: true, group: false };
    /// A look at the user group.
    pub const GROUP: Self = Self { users: false, group: true };
    /// A look at both.
    pub const BOTH: Self = Self { users: true, group: true };

    /// Whether all that is needed is there.
    #[must_use]
    pub fn are_met_by(self, there: Self) -> bool {
        (there.users || !self.users) && (there.group || !self.group)
    }
}

fn create(observed: Observed) -> Step {
    match observed.user {
        UserSeen::Missing => Step::Call(Call::CreateUser),
        UserSeen::Present(UserState::Active) => Step::Call(Call::AdoptUser),
        // Also a namesake's user on its way out: its id is free when it is gone.
        UserSeen::Present(UserState::Changing | UserState::Deleting) => Step::Wait,
    }
}

fn join(observed: Observed) -> Step {
    match (observed.user, observed.membership) {
        (UserSeen::Missing, _) => vanished(observed),
        (_, Membership::Member) => Step::Note(Event::Joined),
        (UserSeen::Present(UserState::Active), Membership::Outside) => Step::Join,
        (_, Membership::Outside | Membership::Joining | Membership::Leaving) => Step::Wait,
    }
}

fn modify(observed: Observed) -> Step {
    match observed.user {
        UserSeen::Missing => vanished(observed),
        UserSeen::Present(UserState::Active) => Step::Call(Call::SetAccess),
        UserSeen::Present(UserState::Changing | UserState::Deleting) => Step::Wait,
    }
}

/// A login while AWS is still telling the nodes would try the old rules.
fn attest(observed: Observed) -> Step {
    let is_told = observed.access != AccessSeen::NotShownYet || observed.absence_is_certain;
    match (observed.user, observed.membership) {
        (UserSeen::Missing, _) => vanished(observed),
        _ if observed.access == AccessSeen::Outdated => Step::Note(Event::AccessOutdated),
        (UserSeen::Present(UserState::Active), Membership::Member) if is_told => {
            Step::Call(Call::Attest)
        }
        (_, Membership::Outside) => Step::Note(Event::MembershipLost),
        (_, Membership::Member | Membership::Joining | Membership::Leaving) => Step::Wait,
    }
}

fn vanished(observed: Observed) -> Step {
    if observed.absence_is_certain { Step::Note(Event::UserVanished) } else { Step::Wait }
}

fn leave(observed: Observed) -> Step {
    match observed.membership {
        Membership::Outside => Step::Note(Event::Left),
        Membership::Member => Step::Leave,
        Membership::Joining | Membership::Leaving => Step::Wait,
    }
}

fn remove(observed: Observed) -> Step {
    match observed.user {
        UserSeen::Missing if observed.absence_is_certain => Step::Note(Event::UserGone),
        UserSeen::Missing | UserSeen::Present(UserState::Changing) => Step::Wait,
        UserSeen::Present(UserState::Active) => Step::Call(Call::RemoveUser),
        UserSeen::Present(UserState::Deleting) => Step::Note(Event::RemovalAccepted),
    }
}

/// `DeleteUser` was accepted, so not being listed means gone; no waiting for certainty.
fn await_removal(observed: Observed) -> Step {
    match observed.user {
        UserSeen::Missing => Step::Note(Event::UserGone),
        UserSeen::Present(UserState::Active) if observed.absence_is_certain => {
            Step::Call(Call::RemoveUser)
        }
        UserSeen::Present(_) => Step::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_observations() -> Vec<Observed> {
        let users = [
            UserSeen::Missing,
            UserSeen::Present(UserState::Active),
            UserSeen::Present(UserState::Changing),
            UserSeen::Present(UserState::Deleting),
        ];
        let memberships =
            [Membership::Outside, Membership::Joining, Membership::Member, Membership::Leaving];
        let mut all = Vec::new();
        for user in users {
            for membership in memberships {
                for absence_is_certain in [false, true] {
                    for access in
                        [AccessSeen::Outdated, AccessSeen::NotShownYet, AccessSeen::Wanted]
                    {
                        all.push(Observed { user, membership, absence_is_certain, access });
                    }
                }
            }
        }
        all
    }

    /// The events that a step may end with, whether AWS or the plan says so.
    fn outcomes(step: Step) -> Vec<Event> {
        match step {
            Step::Done | Step::Wait | Step::Join | Step::Leave => vec![],
            Step::Note(event) => vec![event],
            Step::Call(Call::StoreSecret) => vec![Event::SecretStored, Event::SecretKept],
            Step::Call(Call::CreateUser | Call::AdoptUser) => {
                vec![Event::UserCreated, Event::SecretLost]
            }
            Step::Call(Call::SetAccess) => vec![Event::AccessSet],
            Step::Call(Call::Attest) => vec![Event::Attested],
            Step::Call(Call::RemoveUser) => vec![Event::RemovalAccepted, Event::UserGone],
            Step::Call(Call::RemoveSecret) => vec![Event::SecretScheduled],
        }
    }

    /// Every user that can be, whatever it authenticates by, is wanted to be, and has come to.
    fn all_users() -> impl Iterator<Item = (Auth, Wanted, Phase)> {
        let wishes = [Wanted::Present, Wanted::Absent];
        Auth::ALL.into_iter().flat_map(move |auth| {
            wishes.into_iter().flat_map(move |wanted| Phase::ALL.map(|phase| (auth, wanted, phase)))
        })
    }

    #[test]
    fn every_planned_outcome_is_a_legal_transition() {
        for (auth, wanted, phase) in all_users() {
            for observed in all_observations() {
                let step = plan(auth, wanted, phase, observed);
                for event in outcomes(step) {
                    assert!(
                        phase.on(event).is_ok(),
                        "{auth} {wanted:?} {phase:?} {observed:?}: {step:?} ends with {event:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_user_without_a_secret_never_touches_one() {
        for (_, wanted, phase) in all_users() {
            for observed in all_observations() {
                let step = plan(Auth::Iam, wanted, phase, observed);
                let secret = [Step::Call(Call::StoreSecret), Step::Call(Call::RemoveSecret)];
                assert!(!secret.contains(&step), "{wanted:?} {phase:?} {observed:?}: {step:?}");
            }
        }
    }

    #[test]
    fn not_seen_is_not_gone_before_it_is_certain() {
        let unsure = Observed {
            user: UserSeen::Missing,
            membership: Membership::Outside,
            absence_is_certain: false,
            access: AccessSeen::Wanted,
        };
        let plan = |wanted, phase, observed| plan(Auth::Password, wanted, phase, observed);
        assert_eq!(plan(Wanted::Absent, Phase::RemovingUser, unsure), Step::Wait);
        assert_eq!(plan(Wanted::Present, Phase::JoiningGroup, unsure), Step::Wait);
        let sure = Observed { absence_is_certain: true, ..unsure };
        let gone = Step::Note(Event::UserGone);
        assert_eq!(plan(Wanted::Absent, Phase::RemovingUser, sure), gone);
    }

    #[test]
    fn a_user_is_attested_when_elasticache_shows_its_new_rights() {
        let told = Observed {
            user: UserSeen::Present(UserState::Active),
            membership: Membership::Member,
            absence_is_certain: false,
            access: AccessSeen::Wanted,
        };
        let attest = |seen| plan(Auth::Password, Wanted::Present, Phase::Attesting, seen);
        assert_eq!(attest(told), Step::Call(Call::Attest));
        let silent = Observed { access: AccessSeen::NotShownYet, ..told };
        assert_eq!(attest(silent), Step::Wait);
        assert_eq!(
            attest(Observed { user: UserSeen::Present(UserState::Changing), ..told }),
            Step::Wait
        );
        // Some text that AWS shows may never be what was sent; that is not waited for for ever.
        assert_eq!(
            attest(Observed { absence_is_certain: true, ..silent }),
            Step::Call(Call::Attest)
        );
    }

    /// A world that does at once what it is told reaches the wanted end from every phase.
    #[test]
    fn every_phase_leads_to_the_wanted_end() {
        for (auth, wanted, start) in all_users() {
            let mut phase = start;
            let mut world = Observed {
                user: UserSeen::Missing,
                membership: Membership::Outside,
                absence_is_certain: true,
                access: AccessSeen::Outdated,
            };
            for _ in 0..20 {
                let step = plan(auth, wanted, phase, world);
                match step {
                    Step::Call(Call::CreateUser) => {
                        world.user = UserSeen::Present(UserState::Active);
                        world.access = AccessSeen::Wanted;
                    }
                    Step::Call(Call::SetAccess) => world.access = AccessSeen::Wanted,
                    Step::Join => world.membership = Membership::Member,
                    Step::Leave => world.membership = Membership::Outside,
                    Step::Call(Call::RemoveUser) => world.user = UserSeen::Missing,
                    _ => {}
                }
                if let Some(event) = outcomes(step).first() {
                    phase = phase.on(*event).unwrap();
                }
            }
            let removing = start > Phase::Active;
            let end = match wanted {
                Wanted::Present if !removing => Phase::Active,
                _ => Phase::Deleted,
            };
            assert_eq!(phase, end, "{auth} {wanted:?} from {start:?}");
        }
    }
}
