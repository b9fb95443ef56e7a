//! How far a rotation has come.

use std::{fmt, str::FromStr};

/// The work under way. As with a user, while a phase lasts its call may have been sent and may have
/// had its effect.
///
/// ```text
/// creating ─► setting ◄─► testing ─► finishing ─► grace ─► retiring ◄─► proving ─► completed
///    │           │           │                                             │           ▲
///    │           └────┬──────┘                                          cutting ─► rejoining
///    │                ▼
///    └─────────► discarding ◄── reverting
///                     ▼
///                 cancelled
/// ```
///
/// An emergency that comes while another rotation of the user runs is `queued` until that one has
/// been brought to its end. `failed` is reached where somebody else has changed the secret, and where
/// there is no user any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RotationPhase {
    /// Another rotation of the user is being ended first.
    Queued,
    /// The new password is being put into Secrets Manager as `AWSPENDING`.
    Creating,
    /// The user is being given both passwords.
    Setting,
    /// A login is to show that the new password works on every node.
    Testing,
    /// `AWSCURRENT` is being moved to the new password.
    Finishing,
    /// Both passwords work, and consumers change over.
    Grace,
    /// The user is being given the new password only.
    Retiring,
    /// A login is to show that the old password does not work any more.
    Proving,
    /// The user is being taken out of the group, which cuts its connections.
    Cutting,
    /// The user is being put back into the group.
    Rejoining,
    /// The new password is the only one.
    Completed,
    /// The user is being given the old password only.
    Reverting,
    /// `AWSPENDING` is being taken from the new password.
    Discarding,
    /// The old password is the only one.
    Cancelled,
    /// It cannot go on; the problem says why.
    Failed,
}

/// What has become known of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationEvent {
    /// The rotation before it is over.
    TurnCame,
    /// Secrets Manager holds the new password as `AWSPENDING`.
    PendingStored,
    /// ElastiCache has accepted both passwords.
    BothSet,
    /// ElastiCache does not have both passwords any more.
    BothLost,
    /// A login with the new password has succeeded on every node.
    NewProved,
    /// `AWSCURRENT` is on the new password.
    Promoted,
    /// The old password may go.
    GraceOver,
    /// ElastiCache has accepted the new password alone.
    OldRemoved,
    /// ElastiCache has both passwords again.
    OldBack,
    /// A login with the old password was refused, and nothing is left to be done.
    OldRefused,
    /// The same, and open connections are to be cut.
    CutWanted,
    /// The user is no member of the group.
    Left,
    /// The user is a member again.
    Rejoined,
    /// Somebody asked for the rotation's end before its promotion.
    CancelWanted,
    /// ElastiCache has accepted the old password alone.
    OldRestored,
    /// The new password is nobody's pending one any more.
    PendingDropped,
    /// It cannot go on.
    GaveUp,
}

/// How a rotation is, as callers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationStatus {
    /// On its way.
    Running,
    /// Both passwords work until the old one is retired.
    Grace,
    /// The new password is the only one.
    Completed,
    /// The old password is the only one.
    Cancelled,
    /// A person has to look.
    Failed,
}

impl RotationPhase {
    /// All phases.
    pub const ALL: [Self; 15] = [
        Self::Queued,
        Self::Creating,
        Self::Setting,
        Self::Testing,
        Self::Finishing,
        Self::Grace,
        Self::Retiring,
        Self::Proving,
        Self::Cutting,
        Self::Rejoining,
        Self::Completed,
        Self::Reverting,
        Self::Discarding,
        Self::Cancelled,
        Self::Failed,
    ];

    /// The only place where a rotation's phase changes.
    pub fn on(self, event: RotationEvent) -> Result<Self, IllegalRotation> {
        use RotationEvent as Event;
        match (self, event) {
            (Self::Queued, Event::TurnCame) => Ok(Self::Creating),
            (Self::Creating, Event::PendingStored) | (Self::Testing, Event::BothLost) => {
                Ok(Self::Setting)
            }
            (Self::Setting, Event::BothSet) => Ok(Self::Testing),
            (Self::Testing, Event::NewProved) => Ok(Self::Finishing),
            // Before `Finishing`: by another process of ours, which works on the same rotation.
            (Self::Creating | Self::Setting | Self::Testing | Self::Finishing, Event::Promoted) => {
                Ok(Self::Grace)
            }
            (Self::Grace, Event::GraceOver) | (Self::Proving, Event::OldBack) => Ok(Self::Retiring),
            (Self::Retiring, Event::OldRemoved) => Ok(Self::Proving),
            (Self::Proving, Event::OldRefused) | (Self::Rejoining, Event::Rejoined) => {
                Ok(Self::Completed)
            }
            (Self::Proving, Event::CutWanted) => Ok(Self::Cutting),
            (Self::Cutting, Event::Left) => Ok(Self::Rejoining),
            // Only before `Finishing` is it certain that `AWSCURRENT` is still the old password.
            (Self::Setting | Self::Testing, Event::CancelWanted) => Ok(Self::Reverting),
            // ElastiCache has not heard of the new password.
            (Self::Creating, Event::CancelWanted) | (Self::Reverting, Event::OldRestored) => {
                Ok(Self::Discarding)
            }
            // AWS has heard of nothing yet, or of nothing any more.
            (Self::Queued, Event::CancelWanted) | (Self::Discarding, Event::PendingDropped) => {
                Ok(Self::Cancelled)
            }
            (phase, Event::GaveUp) if !phase.is_over() => Ok(Self::Failed),
            (phase, event) => Err(IllegalRotation { phase, event }),
        }
    }

    /// Whether nothing happens any more.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Failed)
    }

    /// Whether it can still end with the old password.
    #[must_use]
    pub fn can_be_cancelled(self) -> bool {
        matches!(self, Self::Queued | Self::Creating | Self::Setting | Self::Testing)
    }

    /// What callers are told.
    #[must_use]
    pub fn status(self) -> RotationStatus {
        match self {
            Self::Grace => RotationStatus::Grace,
            Self::Completed => RotationStatus::Completed,
            Self::Cancelled => RotationStatus::Cancelled,
            Self::Failed => RotationStatus::Failed,
            _ => RotationStatus::Running,
        }
    }

    /// The phase as it stands in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Creating => "creating",
            Self::Setting => "setting",
            Self::Testing => "testing",
            Self::Finishing => "finishing",
            Self::Grace => "grace",
            Self::Retiring => "retiring",
            Self::Proving => "proving",
            Self::Cutting => "cutting",
            Self::Rejoining => "rejoining",
            Self::Completed => "completed",
            Self::Reverting => "reverting",
            Self::Discarding => "discarding",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

impl RotationStatus {
    /// The status as it stands in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Grace => "grace",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for RotationPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for RotationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RotationPhase {
    type Err = UnknownRotationPhase;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == text).ok_or(UnknownRotationPhase)
    }
}

/// The text names no phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names no phase of a rotation")]
pub struct UnknownRotationPhase;

/// An event came in a phase in which it cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} cannot happen while a rotation is {phase}")]
pub struct IllegalRotation {
    phase: RotationPhase,
    event: RotationEvent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_reads_back() {
        for phase in RotationPhase::ALL {
            assert_eq!(phase.as_str().parse(), Ok(phase));
        }
    }
}
