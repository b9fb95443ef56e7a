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
            | Phase::Active
            | Phase::Suspending
            | Phase::Suspended,
        ) => Step::Note(Event::DeletionWanted),
        // A user that is to be kept out is made all the same, so that it can be let in at any time.
        (Wanted::Present | Wanted::Suspended, Phase::StoringSecret) => match auth {
            Auth::Password => Step::Call(Call::StoreSecret),
            Auth::Iam => Step::Note(Event::SecretStored),
        },
        (Wanted::Present | Wanted::Suspended, Phase::CreatingUser) => create(observed),
        (
            Wanted::Suspended,
            Phase::JoiningGroup | Phase::ModifyingUser | Phase::Attesting | Phase::Active,
        ) => Step::Note(Event::SuspensionWanted),
        (Wanted::Present, Phase::Suspending | Phase::Suspended) => {
            Step::Note(Event::ResumptionWanted)
        }
        (Wanted::Present, Phase::JoiningGroup) => join(observed),
        (Wanted::Present, Phase::ModifyingUser) => modify(observed),
        (Wanted::Present, Phase::Attesting) => attest(observed),
        (Wanted::Present, Phase::Active) if observed.access == AccessSeen::Outdated => {
            Step::Note(Event::AccessOutdated)
        }
        (Wanted::Present, Phase::Active)
        | (Wanted::Suspended, Phase::Suspended)
        | (_, Phase::Deleted) => Step::Done,
        (Wanted::Suspended, Phase::Suspending) | (_, Phase::LeavingGroup) => leave(observed),
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
        | Phase::Suspended
        | Phase::RemovingSecret
        | Phase::Deleted => Looks::NOTHING,
        Phase::ModifyingUser | Phase::RemovingUser | Phase::AwaitingRemoval => Looks::USERS,
        Phase::Suspending | Phase::LeavingGroup => Looks::GROUP,
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

/// Who is let in again has the rights that it is to have now, before it can log in.
fn join(observed: Observed) -> Step {
    match (observed.user, observed.membership) {
        (UserSeen::Missing, _) => vanished(observed),
        (_, Membership::Member) => Step::Note(Event::Joined),
        (_, Membership::Outside) if observed.access == AccessSeen::Outdated => {
            Step::Note(Event::AccessOutdated)
        }
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
mod tests;
