//! How a fleet rotation is as a whole.

use std::{fmt, str::FromStr};

/// How a fleet rotation is as a whole.
///
/// ```text
/// running ◄─► paused
///    └────┬────┘
///         ├─► completed
///         └─► cancelled
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetState {
    /// Members that wait are started as others make room.
    Running,
    /// No member is started; those that were go on.
    Paused,
    /// Every member has come to its end.
    Completed,
    /// Somebody ended it; those that had come too far to go back go on.
    Cancelled,
}

/// What happens to a fleet rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetEvent {
    /// Somebody asked for no more starts.
    PauseWanted,
    /// Somebody asked to go on.
    ResumeWanted,
    /// Somebody asked for its end.
    CancelWanted,
    /// The last member has come to its end.
    AllOver,
}

impl FleetState {
    const ALL: [Self; 4] = [Self::Running, Self::Paused, Self::Completed, Self::Cancelled];

    /// The only place where the state changes. What is so already may be asked for again.
    pub fn on(self, event: FleetEvent) -> Result<Self, IllegalFleetEvent> {
        use FleetEvent as Event;
        match (self, event) {
            (Self::Running | Self::Paused, Event::PauseWanted) => Ok(Self::Paused),
            (Self::Running | Self::Paused, Event::ResumeWanted) => Ok(Self::Running),
            (Self::Running | Self::Paused, Event::AllOver) => Ok(Self::Completed),
            (Self::Running | Self::Paused | Self::Cancelled, Event::CancelWanted) => {
                Ok(Self::Cancelled)
            }
            // The rotations of a cancelled one that go on change nothing in its state.
            (state @ (Self::Completed | Self::Cancelled), event) => {
                Err(IllegalFleetEvent { state, event })
            }
        }
    }

    /// The state as it stands in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for FleetState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for FleetState {
    type Err = UnknownFleetState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownFleetState)
    }
}

/// The text names no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names no state of a fleet rotation")]
pub struct UnknownFleetState;

/// An event came in a state in which it cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} cannot happen when a fleet rotation is {state}")]
pub struct IllegalFleetEvent {
    state: FleetState,
    event: FleetEvent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_back() {
        for state in FleetState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }

    #[test]
    fn a_wish_that_has_come_true_may_be_repeated() {
        for (event, state) in [
            (FleetEvent::PauseWanted, FleetState::Paused),
            (FleetEvent::ResumeWanted, FleetState::Running),
            (FleetEvent::CancelWanted, FleetState::Cancelled),
        ] {
            assert_eq!(FleetState::Running.on(event), Ok(state));
            assert_eq!(state.on(event), Ok(state));
        }
    }

    #[test]
    fn what_is_over_stays_so() {
        for state in [FleetState::Completed, FleetState::Cancelled] {
            for event in [FleetEvent::PauseWanted, FleetEvent::ResumeWanted, FleetEvent::AllOver] {
                assert_eq!(state.on(event), Err(IllegalFleetEvent { state, event }));
            }
        }
        FleetState::Completed.on(FleetEvent::CancelWanted).unwrap_err();
    }
}
