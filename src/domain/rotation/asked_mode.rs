//! A mode as callers ask for it, before it is known in which cache.

use std::time::Duration;

use super::{RetirementGate, RotationMode};

/// How passwords are to be replaced, where something may be left to the settings of their cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedMode {
    /// The old password goes on working until consumers had time to change over.
    Overlap {
        /// How long, counted from the promotion of the new one.
        grace: Duration,
        /// What has to be so beside the time. `None`: what the settings of the cache say.
        gate: Option<RetirementGate>,
    },
    /// It has leaked.
    Emergency,
}

impl AskedMode {
    /// The mode in a cache whose settings say `usual`.
    #[must_use]
    pub fn in_cache(&self, usual: &RetirementGate) -> RotationMode {
        match self {
            Self::Overlap { grace, gate } => {
                let gate = gate.as_ref().unwrap_or(usual).clone();
                RotationMode::Overlap { grace: *grace, gate }
            }
            Self::Emergency => RotationMode::Emergency,
        }
    }
}

impl From<RotationMode> for AskedMode {
    fn from(mode: RotationMode) -> Self {
        match mode {
            RotationMode::Overlap { grace, gate } => Self::Overlap { grace, gate: Some(gate) },
            RotationMode::Emergency => Self::Emergency,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_left_open_is_taken_from_the_cache() {
        let grace = Duration::from_mins(1);
        let gate_of =
            |gate| match (AskedMode::Overlap { grace, gate }).in_cache(&RetirementGate::Manual) {
                RotationMode::Overlap { gate, .. } => gate,
                RotationMode::Emergency => panic!("an overlap was asked for"),
            };
        assert_eq!(gate_of(None), RetirementGate::Manual);
        assert_eq!(gate_of(Some(RetirementGate::Time)), RetirementGate::Time);
        assert_eq!(AskedMode::Emergency.in_cache(&RetirementGate::Manual), RotationMode::Emergency);
    }
}
