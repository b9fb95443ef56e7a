//! Replacing many passwords, a few at a time.
//!
//! A fleet rotation is a list of users, taken when it is asked for, and a limit. Each member gets a
//! [`Rotation`](super::Rotation) like any other when its turn comes; what is told of the whole is
//! what its members add up to. One that fails holds up nobody.

mod counts;
mod member;
mod selector;
mod state;

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

pub use self::{
    counts::FleetCounts,
    member::{
        FleetMember, MemberState, MemberStatus, SkipReason, UnknownMemberStatus, UnknownSkipReason,
    },
    selector::FleetSelector,
    state::{FleetEvent, FleetState, IllegalFleetEvent, UnknownFleetState},
};
use super::{AskedMode, Reason, RequestId};

/// The id of a fleet rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FleetRotationId(pub Uuid);

impl fmt::Display for FleetRotationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// A fleet rotation as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetRotation {
    /// Its id.
    pub id: FleetRotationId,
    /// Whose passwords are replaced.
    pub selector: FleetSelector,
    /// How.
    pub mode: AskedMode,
    /// Why.
    pub reason: Reason,
    /// How many may be on their way at once.
    pub max_in_flight: MaxInFlight,
    /// How it is.
    pub state: FleetState,
    /// The request that asked for it.
    pub requested_by: Option<RequestId>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it, or one of its rotations, last came further.
    pub updated_at: Timestamp,
}

/// A fleet rotation and how far its members have come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetReport {
    /// The fleet rotation.
    pub fleet: FleetRotation,
    /// Its members.
    pub counts: FleetCounts,
}

/// How many rotations of a fleet may be on their way at once: 1 to 50.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxInFlight(u32);

impl MaxInFlight {
    /// The largest number.
    pub const MAX: u32 = 50;

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl Default for MaxInFlight {
    fn default() -> Self {
        Self(5)
    }
}

impl TryFrom<u32> for MaxInFlight {
    type Error = MaxInFlightError;

    fn try_from(number: u32) -> Result<Self, MaxInFlightError> {
        if (1..=Self::MAX).contains(&number) { Ok(Self(number)) } else { Err(MaxInFlightError) }
    }
}

/// So many, or none, cannot be on their way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {}", MaxInFlight::MAX)]
pub struct MaxInFlightError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_fifty_can_be_on_their_way() {
        assert_eq!(MaxInFlight::try_from(MaxInFlight::default().get()), Ok(MaxInFlight(5)));
        for bad in [0, 51] {
            assert_eq!(MaxInFlight::try_from(bad), Err(MaxInFlightError));
        }
    }
}
