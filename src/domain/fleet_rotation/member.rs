//! One user among those whose passwords are replaced.

use std::{fmt, str::FromStr};

use crate::domain::{CacheUser, Rotation, RotationId, RotationStatus, Status, TierKind, Wanted};

/// One user among those whose passwords are replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetMember {
    /// Its place in the list, from 1: members are started in this order.
    pub position: u32,
    /// Whether it is a tenant's or a service's.
    pub tier: TierKind,
    /// The user as it is now.
    pub user: CacheUser,
    /// How far it has come.
    pub state: MemberState,
}

/// How far a member has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberState {
    /// Its turn has not come.
    Waiting {
        /// Another rotation of the user, which has to end first.
        behind: Option<RotationId>,
    },
    /// It has been started.
    Started(Box<Rotation>),
    /// When its turn came there was nothing to rotate.
    Skipped(SkipReason),
    /// The fleet rotation was cancelled before its turn came.
    Withdrawn,
}

impl MemberState {
    /// What callers are told.
    #[must_use]
    pub fn status(&self) -> MemberStatus {
        match self {
            Self::Waiting { .. } => MemberStatus::Waiting,
            Self::Started(rotation) => rotation.phase.status().into(),
            Self::Skipped(_) => MemberStatus::Skipped,
            Self::Withdrawn => MemberStatus::Cancelled,
        }
    }
}

/// Why a member was not rotated when its turn came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// It is gone, or being removed.
    Gone,
    /// It is blocked: a person has to do something before any work on it goes on.
    Blocked,
    /// It is suspended: no login can prove a new password.
    Suspended,
}

impl SkipReason {
    const ALL: [Self; 3] = [Self::Gone, Self::Blocked, Self::Suspended];

    /// Why this user is not rotated, if it is not.
    #[must_use]
    pub fn of(user: &CacheUser) -> Option<Self> {
        match user.status() {
            Status::Deleting | Status::Deleted => Some(Self::Gone),
            Status::Blocked => Some(Self::Blocked),
            _ if user.wanted == Wanted::Suspended => Some(Self::Suspended),
            Status::Provisioning | Status::Active | Status::Updating | Status::Suspended => None,
        }
    }

    /// The reason as it stands in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Blocked => "blocked",
            Self::Suspended => "suspended",
        }
    }
}

impl FromStr for SkipReason {
    type Err = UnknownSkipReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text).ok_or(UnknownSkipReason)
    }
}

/// The text names no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be gone, blocked or suspended")]
pub struct UnknownSkipReason;

/// How a member is, as callers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberStatus {
    /// Its turn has not come.
    Waiting,
    /// Its rotation is on its way.
    Running,
    /// Both of its passwords work.
    Grace,
    /// Its new password is the only one.
    Completed,
    /// A person has to look at its rotation.
    Failed,
    /// It has kept its old password, because somebody cancelled.
    Cancelled,
    /// When its turn came there was nothing to rotate.
    Skipped,
}

impl MemberStatus {
    /// Each status.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Running,
        Self::Grace,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Skipped,
    ];

    /// The status as it stands in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Grace => "grace",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }
}

impl From<RotationStatus> for MemberStatus {
    fn from(status: RotationStatus) -> Self {
        match status {
            RotationStatus::Running => Self::Running,
            RotationStatus::Grace => Self::Grace,
            RotationStatus::Completed => Self::Completed,
            RotationStatus::Cancelled => Self::Cancelled,
            RotationStatus::Failed => Self::Failed,
        }
    }
}

impl fmt::Display for MemberStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MemberStatus {
    type Err = UnknownMemberStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownMemberStatus)
    }
}

/// The text names no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of waiting, running, grace, completed, failed, cancelled, skipped")]
pub struct UnknownMemberStatus;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_and_reason_reads_back() {
        for status in MemberStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        for reason in SkipReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
    }
}
