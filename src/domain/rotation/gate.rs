//! What has to be so, beside the time, before an old password is retired.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

/// When the old password may be retired, once its grace is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RetirementGate {
    /// At once.
    #[default]
    Time,
    /// When each of these consumers has acknowledged the new one.
    Acknowledgements {
        /// Who; at least one.
        expected: Vec<ConsumerName>,
    },
    /// When somebody says so.
    Manual,
}

/// The kinds of gate, as they are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetireWhen {
    /// When the grace is over.
    #[default]
    Time,
    /// When the expected consumers have acknowledged too.
    Acks,
    /// When somebody says so.
    Manual,
}

impl RetirementGate {
    /// The most consumers that can be waited for.
    pub const CONSUMERS_MAX: usize = 32;

    /// The gate that is asked for by its kind, by naming who is waited for, or by both.
    pub fn new(kind: Option<RetireWhen>, expected: Vec<ConsumerName>) -> Result<Self, GateError> {
        if expected.len() > Self::CONSUMERS_MAX {
            return Err(GateError::TooManyConsumers);
        }
        match (kind, expected.is_empty()) {
            (None | Some(RetireWhen::Time), true) => Ok(Self::Time),
            (Some(RetireWhen::Manual), true) => Ok(Self::Manual),
            (None | Some(RetireWhen::Acks), false) => Ok(Self::Acknowledgements { expected }),
            (Some(RetireWhen::Acks), true) => Err(GateError::NobodyExpected),
            (Some(RetireWhen::Time | RetireWhen::Manual), false) => Err(GateError::NotWaitedFor),
        }
    }

    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> RetireWhen {
        match self {
            Self::Time => RetireWhen::Time,
            Self::Acknowledgements { .. } => RetireWhen::Acks,
            Self::Manual => RetireWhen::Manual,
        }
    }

    /// Who has to acknowledge.
    #[must_use]
    pub fn expected(&self) -> &[ConsumerName] {
        match self {
            Self::Acknowledgements { expected } => expected,
            Self::Time | Self::Manual => &[],
        }
    }

    /// Whether these words open it.
    #[must_use]
    pub fn is_open(&self, acknowledged: &[Acknowledgement]) -> bool {
        let said =
            |consumer: &ConsumerName| acknowledged.iter().any(|ack| ack.consumer == *consumer);
        match self {
            Self::Time => true,
            Self::Acknowledgements { expected } => expected.iter().all(said),
            Self::Manual => false,
        }
    }
}

impl RetireWhen {
    const ALL: [Self; 3] = [Self::Time, Self::Acks, Self::Manual];

    /// The kind as it stands in the API, in the settings and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Acks => "acks",
            Self::Manual => "manual",
        }
    }
}

impl FromStr for RetireWhen {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(GateError::UnknownKind)
    }
}

/// No such gate can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// The text names no kind.
    #[error("must be time, acks or manual")]
    UnknownKind,
    /// Acknowledgements are waited for, and nobody is named.
    #[error("acks needs expected_consumers: name those who have to acknowledge")]
    NobodyExpected,
    /// Consumers are named, and nothing waits for them.
    #[error("expected_consumers are waited for with acks only: give acks, or name nobody")]
    NotWaitedFor,
    /// More are named than can be.
    #[error("at most {} consumers can be waited for", RetirementGate::CONSUMERS_MAX)]
    TooManyConsumers,
}

/// The name of something that logs in with a tenant's password: 1 to 63 characters, none of them a
/// control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerName(String);

impl ConsumerName {
    /// The longest name, in characters.
    pub const LENGTH_MAX: usize = 63;

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ConsumerName {
    type Err = ConsumerNameError;

    fn from_str(text: &str) -> Result<Self, ConsumerNameError> {
        let is_name = (1..=Self::LENGTH_MAX).contains(&text.chars().count())
            && !text.chars().any(char::is_control);
        if is_name { Ok(Self(text.to_owned())) } else { Err(ConsumerNameError) }
    }
}

impl fmt::Display for ConsumerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is no name of a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to {} characters, none of them a control character", ConsumerName::LENGTH_MAX)]
pub struct ConsumerNameError;

/// A consumer's word cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcknowledgementError {
    /// There is no new password to use yet.
    #[error("the new password is not AWSCURRENT yet")]
    NotPromoted,
    /// As many have acknowledged as can, beside those that are expected.
    #[error("{} consumers that are not expected have acknowledged", RetirementGate::CONSUMERS_MAX)]
    TooMany,
}

/// A consumer's word that it uses the new password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Who.
    pub consumer: ConsumerName,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consumers(names: &[&str]) -> Vec<ConsumerName> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn naming_consumers_is_asking_for_acknowledgements() {
        let gate = RetirementGate::new(None, consumers(&["checkout"])).unwrap();
        assert_eq!(gate.kind(), RetireWhen::Acks);
        let nobody = RetirementGate::new(Some(RetireWhen::Acks), vec![]);
        assert_eq!(nobody, Err(GateError::NobodyExpected));
        let unheard = RetirementGate::new(Some(RetireWhen::Manual), consumers(&["checkout"]));
        assert_eq!(unheard, Err(GateError::NotWaitedFor));
    }

    #[test]
    fn a_gate_opens_when_all_have_acknowledged() {
        let gate = RetirementGate::new(None, consumers(&["checkout", "worker"])).unwrap();
        let said = |names| -> Vec<Acknowledgement> {
            let at = Timestamp::UNIX_EPOCH;
            consumers(names).into_iter().map(|consumer| Acknowledgement { consumer, at }).collect()
        };
        assert!(!gate.is_open(&said(&["checkout", "stranger"])));
        assert!(gate.is_open(&said(&["worker", "checkout"])));
        assert!(!RetirementGate::Manual.is_open(&said(&["worker"])));
    }

    #[test]
    fn names_are_short_and_printable() {
        for bad in ["", "a\nb", &"c".repeat(64)] {
            assert_eq!(bad.parse::<ConsumerName>(), Err(ConsumerNameError));
        }
    }
}
