use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a resource is in its life. All but the quiet phase end by themselves, when they are due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub(crate) enum Phase<C> {
    Creating { until: Timestamp },
    Quiet,
    Modifying { until: Timestamp, change: C },
    Deleting { until: Timestamp },
}

/// What a phase that has ended leaves to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended<C> {
    Created,
    Modified(C),
    Deleted,
}

impl<C> Phase<C> {
    pub(crate) const fn is_quiet(&self) -> bool {
        matches!(self, Self::Quiet)
    }

    /// The moment at which the phase ends by itself.
    pub(crate) const fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Creating { until } | Self::Modifying { until, .. } | Self::Deleting { until } => {
                Some(*until)
            }
            Self::Quiet => None,
        }
    }

    /// Ends the phase if it is due, and says what ended. A deleted resource stays as it is: it is
    /// the caller's to drop.
    pub(crate) fn end(&mut self, now: Timestamp) -> Option<Ended<C>> {
        if self.due().is_none_or(|due| due > now) {
            return None;
        }
        if matches!(self, Self::Deleting { .. }) {
            return Some(Ended::Deleted);
        }
        match std::mem::replace(self, Self::Quiet) {
            Self::Creating { .. } => Some(Ended::Created),
            Self::Modifying { change, .. } => Some(Ended::Modified(change)),
            Self::Quiet | Self::Deleting { .. } => None,
        }
    }

    /// The status word, given the service's word for quiet.
    pub(crate) const fn word(&self, quiet: &'static str) -> &'static str {
        match self {
            Self::Creating { .. } => "creating",
            Self::Quiet => quiet,
            Self::Modifying { .. } => "modifying",
            Self::Deleting { .. } => "deleting",
        }
    }
}
