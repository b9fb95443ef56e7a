//! How far the work on a cache user has come.

use std::{fmt, str::FromStr};

use super::Auth;

/// The work under way. While a phase lasts, the call that it is named after may have been sent
/// and may have had its effect; the next phase is written only when that is known.
///
/// ```text
///                                suspended ◄─► suspending
///                                          ▼ ▲
/// storing-secret ─► creating-user ─► joining-group ─► attesting ─► active
///        │                │                │           ▲  │           │
///        │                │                │   modifying-user ◄───────┤
///        │                ▼                └──────────┬───┴───────────┘
///        └────────► removing-user ◄─────────── leaving-group
///                         ├─► awaiting-removal ─┐
///                         ▼                     │
///                   removing-secret ◄───────────┘
///                         ▼
///                      deleted
/// ```
///
/// From `active` and from `suspended`, a user that somebody has changed in AWS goes back to the phase whose
/// work that has undone; and from `attesting` to `storing-secret`, if nobody but Ringfence uses its password.
///
/// A user that authenticates by IAM has no secret: it begins with `creating-user`, and passes
/// `removing-secret` without a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The password is being put into Secrets Manager. `ElastiCache` has not heard of it.
    StoringSecret,
    /// The secret exists. `CreateUser` is being sent.
    CreatingUser,
    /// The user exists and is ours. It is being put into the user group.
    JoiningGroup,
    /// The user has an access string that is not the wanted one. It is being given that.
    ModifyingUser,
    /// The user is a member. A login as this user is to prove the fence; or, of the user that removes a
    /// deleted tenant's keys, that no key is left.
    Attesting,
    /// The user can work.
    Active,
    /// The membership is being taken away, which cuts the user's connections, until somebody wants it
    /// back.
    Suspending,
    /// The user is there with its password and its rights, and is no member.
    Suspended,
    /// The membership is being taken away, which cuts the user's connections.
    LeavingGroup,
    /// The user is to be removed.
    RemovingUser,
    /// `DeleteUser` was accepted; the user is still there.
    AwaitingRemoval,
    /// The secret is being scheduled for deletion.
    RemovingSecret,
    /// Nothing is left but this tombstone and a secret in its recovery window.
    Deleted,
}

/// What has become known about a cache user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Secrets Manager holds a new password for this life of the user.
    SecretStored,
    /// Secrets Manager holds the password that the user had before.
    SecretKept,
    /// The secret is not there any more, or somebody has scheduled it for deletion.
    SecretLost,
    /// `ElastiCache` has the user, with our tags.
    UserCreated,
    /// A user that we know we made is not there any more.
    UserVanished,
    /// The user group is active and the user is a member.
    Joined,
    /// A membership that we know of is not there any more.
    MembershipLost,
    /// A user that is kept out is a member again.
    MembershipFound,
    /// The access string that the user was given is not the one that is wanted.
    AccessOutdated,
    /// The user proves in another way, or by other passwords, who it is than it was given.
    LoginChanged,
    /// `ElastiCache` has accepted the wanted access string.
    AccessSet,
    /// A login as the user proved the fence, or there is no proof to be made.
    Attested,
    /// Somebody asked for the user to be kept out.
    SuspensionWanted,
    /// Somebody asked for a user that was kept out to be let in again.
    ResumptionWanted,
    /// Somebody asked for the user's removal.
    DeletionWanted,
    /// The user is no member of the user group.
    Left,
    /// `DeleteUser` was accepted, or the user is already being deleted.
    RemovalAccepted,
    /// There is no user of ours.
    UserGone,
    /// The secret is scheduled for deletion, or there is none of ours.
    SecretScheduled,
}

impl Phase {
    /// All phases, in the order of a user's life.
    pub const ALL: [Self; 13] = [
        Self::StoringSecret,
        Self::CreatingUser,
        Self::JoiningGroup,
        Self::ModifyingUser,
        Self::Attesting,
        Self::Active,
        Self::Suspending,
        Self::Suspended,
        Self::LeavingGroup,
        Self::RemovingUser,
        Self::AwaitingRemoval,
        Self::RemovingSecret,
        Self::Deleted,
    ];

    /// The first work on a user.
    #[must_use]
    pub fn first(auth: Auth) -> Self {
        match auth {
            Auth::Password => Self::StoringSecret,
            Auth::Iam => Self::CreatingUser,
        }
    }

    /// The only place where a phase changes.
    pub fn on(self, event: Event) -> Result<Self, IllegalTransition> {
        match (self, event) {
            // A user at rest that somebody has changed goes back as far as that reaches, and comes
            // forward again as at first.
            (Self::StoringSecret, Event::SecretStored | Event::SecretKept)
            | (
                Self::JoiningGroup
                | Self::ModifyingUser
                | Self::Attesting
                | Self::Active
                | Self::Suspended,
                Event::UserVanished,
            )
            | (Self::Attesting | Self::Active | Self::Suspended, Event::LoginChanged) => {
                Ok(Self::CreatingUser)
            }
            (
                Self::CreatingUser | Self::Attesting | Self::Active | Self::Suspended,
                Event::SecretLost,
            ) => Ok(Self::StoringSecret),
            (Self::CreatingUser, Event::UserCreated)
            | (Self::Attesting | Self::Active, Event::MembershipLost)
            | (Self::Suspending | Self::Suspended, Event::ResumptionWanted) => {
                Ok(Self::JoiningGroup)
            }
            (Self::JoiningGroup | Self::Attesting | Self::Active, Event::AccessOutdated) => {
                Ok(Self::ModifyingUser)
            }
            (Self::JoiningGroup, Event::Joined) | (Self::ModifyingUser, Event::AccessSet) => {
                Ok(Self::Attesting)
            }
            (Self::Attesting, Event::Attested) => Ok(Self::Active),
            // Only from `JoiningGroup` on is the user known to be ours, so only then may its
            // membership be touched.
            (
                Self::JoiningGroup | Self::ModifyingUser | Self::Attesting | Self::Active,
                Event::SuspensionWanted,
            )
            | (Self::Suspended, Event::MembershipFound) => Ok(Self::Suspending),
            // Who is kept out needs no rights; they are given before it is let in.
            (Self::Suspending, Event::Left) | (Self::Suspended, Event::AccessOutdated) => {
                Ok(Self::Suspended)
            }
            (
                Self::JoiningGroup
                | Self::ModifyingUser
                | Self::Attesting
                | Self::Active
                | Self::Suspending
                | Self::Suspended,
                Event::DeletionWanted,
            ) => Ok(Self::LeavingGroup),
            // Also one whose secret is being stored again may have a user.
            (Self::StoringSecret | Self::CreatingUser, Event::DeletionWanted)
            | (Self::LeavingGroup, Event::Left) => Ok(Self::RemovingUser),
            (Self::RemovingUser | Self::AwaitingRemoval, Event::RemovalAccepted) => {
                Ok(Self::AwaitingRemoval)
            }
            (Self::RemovingUser | Self::AwaitingRemoval, Event::UserGone) => {
                Ok(Self::RemovingSecret)
            }
            (Self::RemovingSecret, Event::SecretScheduled) => Ok(Self::Deleted),
            (phase, event) => Err(IllegalTransition { phase, event }),
        }
    }

    /// The phase as it stands in the store and in logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StoringSecret => "storing-secret",
            Self::CreatingUser => "creating-user",
            Self::JoiningGroup => "joining-group",
            Self::ModifyingUser => "modifying-user",
            Self::Attesting => "attesting",
            Self::Active => "active",
            Self::Suspending => "suspending",
            Self::Suspended => "suspended",
            Self::LeavingGroup => "leaving-group",
            Self::RemovingUser => "removing-user",
            Self::AwaitingRemoval => "awaiting-removal",
            Self::RemovingSecret => "removing-secret",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Phase {
    type Err = UnknownPhase;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == text).ok_or(UnknownPhase)
    }
}

/// The text names no phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names no phase")]
pub struct UnknownPhase;

/// An event came in a phase in which it cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} cannot happen while {phase}")]
pub struct IllegalTransition {
    phase: Phase,
    event: Event,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_has_its_own_name_and_reads_back() {
        for phase in Phase::ALL {
            assert_eq!(phase.as_str().parse(), Ok(phase));
        }
        assert_eq!("gone".parse::<Phase>(), Err(UnknownPhase));
    }

    #[test]
    fn a_deleted_user_stays_deleted() {
        for event in [Event::SecretStored, Event::UserCreated, Event::DeletionWanted, Event::Left] {
            assert!(Phase::Deleted.on(event).is_err());
        }
    }
}
