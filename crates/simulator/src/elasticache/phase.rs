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

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Timestamp = Timestamp::constant(60, 0);

    #[test]
    fn a_phase_ends_when_it_is_due_and_not_before() {
        let mut phase = Phase::Modifying { until: SOON, change: "change" };
        assert_eq!(phase.end(Timestamp::constant(59, 0)), None);
        assert_eq!(phase.word("active"), "modifying");
        assert_eq!(phase.end(SOON), Some(Ended::Modified("change")));
        assert_eq!((phase.word("active"), phase.due()), ("active", None));
        assert_eq!(phase.end(SOON), None);
    }

    #[test]
    fn what_is_deleted_never_becomes_quiet() {
        let mut phase = Phase::<()>::Deleting { until: SOON };
        assert_eq!(phase.end(SOON), Some(Ended::Deleted));
        assert_eq!(phase.word("active"), "deleting");
    }
}
