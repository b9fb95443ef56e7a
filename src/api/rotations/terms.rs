//! How passwords are to be replaced: what requests for one user and for many say alike.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::acknowledge::consumer;
use crate::{
    api::problem::{Code, Fault, Problem},
    domain::{AskedMode, GateError, Reason, RetireWhen, RetirementGate, RotationMode},
};

/// How much the old password is still to be trusted.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schema(as = RotationMode)]
pub(in crate::api) enum ModeText {
    #[default]
    Overlap,
    Emergency,
}

/// When the old password may be retired.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schema(as = RetireWhen)]
pub(in crate::api) enum GateText {
    Time,
    Acks,
    Manual,
}

/// The members of a body that say how.
pub(in crate::api) struct Terms<'a> {
    pub(in crate::api) mode: ModeText,
    pub(in crate::api) grace_seconds: Option<u32>,
    pub(in crate::api) retire_when: Option<GateText>,
    pub(in crate::api) expected_consumers: &'a [String],
    pub(in crate::api) reason: Option<&'a Reason>,
}

impl Terms<'_> {
    /// What they ask for, if it can be. `usual_grace` is for those that name none.
    pub(in crate::api) fn read(&self, usual_grace: Duration) -> Result<AskedMode, Problem> {
        match self.mode {
            ModeText::Overlap => {
                Ok(AskedMode::Overlap { grace: self.grace(usual_grace)?, gate: self.gate()? })
            }
            ModeText::Emergency => self.emergency(),
        }
    }

    fn grace(&self, usual: Duration) -> Result<Duration, Problem> {
        let grace = self.grace_seconds.map_or(usual, |seconds| Duration::from_secs(seconds.into()));
        if grace > RotationMode::GRACE_MAX {
            let (given, max) = (grace.as_secs(), RotationMode::GRACE_MAX.as_secs());
            let why = format!("is {given}, the limit is {max}");
            return Err(refused([Fault::in_body("/grace_seconds", why)]));
        }
        Ok(grace)
    }

    /// What the request says; `None` if it says nothing.
    fn gate(&self) -> Result<Option<RetirementGate>, Problem> {
        if self.retire_when.is_none() && self.expected_consumers.is_empty() {
            return Ok(None);
        }
        let mut expected = Vec::with_capacity(self.expected_consumers.len());
        for (index, name) in self.expected_consumers.iter().enumerate() {
            expected.push(consumer(name, &format!("/expected_consumers/{index}"))?);
        }
        let kind = self.retire_when.map(GateText::kind);
        RetirementGate::new(kind, expected).map(Some).map_err(|error| {
            let place = match error {
                GateError::UnknownKind | GateError::NotWaitedFor => "/retire_when",
                GateError::NobodyExpected | GateError::TooManyConsumers => "/expected_consumers",
            };
            refused([Fault::in_body(place, error.to_string())])
        })
    }

    fn emergency(&self) -> Result<AskedMode, Problem> {
        let mut faults = Vec::new();
        if self.reason.is_none() {
            faults.push(Fault::in_body("/reason", "must say what happened in an emergency"));
        }
        if self.grace_seconds.is_some() {
            faults.push(Fault::in_body("/grace_seconds", "a leaked password has no grace"));
        }
        if self.retire_when.is_some() || !self.expected_consumers.is_empty() {
            faults.push(Fault::in_body("/retire_when", "a leaked password waits for nobody"));
        }
        if faults.is_empty() { Ok(AskedMode::Emergency) } else { Err(refused(faults)) }
    }
}

impl GateText {
    fn kind(self) -> RetireWhen {
        match self {
            Self::Time => RetireWhen::Time,
            Self::Acks => RetireWhen::Acks,
            Self::Manual => RetireWhen::Manual,
        }
    }
}

/// Values that the operation cannot take.
pub(in crate::api) fn refused(faults: impl IntoIterator<Item = Fault>) -> Problem {
    Problem::new(Code::InvalidBody, "the body has values that this operation cannot take")
        .with_faults(faults)
}
