//! The states of a resource, and when the next is due.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a resource is in its life.
///
/// It is either quiet, or something goes on that ends by itself when it is due. A change of
/// something else can lock it for a while: it then looks as if it were being modified itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Life<C> {
    phase: Phase<C>,
    locked_until: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase<C> {
    Creating { until: Timestamp },
    Quiet,
    Modifying { until: Timestamp, change: C },
    Deleting { until: Timestamp },
}

/// What has ended, and is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended<C> {
    Creation,
    Change(C),
    Deletion,
}

impl<C> Life<C> {
    pub(crate) const fn quiet() -> Self {
        Self { phase: Phase::Quiet, locked_until: None }
    }

    pub(crate) const fn creating(until: Timestamp) -> Self {
        Self { phase: Phase::Creating { until }, locked_until: None }
    }

    pub(crate) fn modify(&mut self, until: Timestamp, change: C) {
        self.phase = Phase::Modifying { until, change };
    }

    pub(crate) fn delete(&mut self, until: Timestamp) {
        self.phase = Phase::Deleting { until };
    }

    pub(crate) fn lock(&mut self, until: Timestamp) {
        self.locked_until = self.locked_until.max(Some(until));
    }

    pub(crate) const fn is_quiet(&self) -> bool {
        matches!(self.phase, Phase::Quiet) && self.locked_until.is_none()
    }

    pub(crate) const fn is_creating(&self) -> bool {
        matches!(self.phase, Phase::Creating { .. })
    }

    /// The change that goes on.
    pub(crate) const fn change(&self) -> Option<&C> {
        match &self.phase {
            Phase::Modifying { change, .. } => Some(change),
            Phase::Creating { .. } | Phase::Quiet | Phase::Deleting { .. } => None,
        }
    }

    pub(crate) const fn change_mut(&mut self) -> Option<&mut C> {
        match &mut self.phase {
            Phase::Modifying { change, .. } => Some(change),
            Phase::Creating { .. } | Phase::Quiet | Phase::Deleting { .. } => None,
        }
    }

    /// The status word, given the word for quiet.
    pub(crate) const fn status(&self, quiet: &'static str) -> &'static str {
        match &self.phase {
            Phase::Creating { .. } => "creating",
            Phase::Quiet if self.locked_until.is_none() => quiet,
            Phase::Quiet | Phase::Modifying { .. } => "modifying",
            Phase::Deleting { .. } => "deleting",
        }
    }

    /// The moment at which something ends by itself next.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.phase.due().into_iter().chain(self.locked_until).min()
    }

    /// Ends what is due. A deleted resource stays as it is: it is the caller's to drop.
    pub(crate) fn end(&mut self, now: Timestamp) -> Option<Ended<C>> {
        self.locked_until.take_if(|until| *until <= now);
        if self.phase.due().is_none_or(|due| due > now) {
            return None;
        }
        if matches!(self.phase, Phase::Deleting { .. }) {
            return Some(Ended::Deletion);
        }
        match std::mem::replace(&mut self.phase, Phase::Quiet) {
            Phase::Creating { .. } => Some(Ended::Creation),
            Phase::Modifying { change, .. } => Some(Ended::Change(change)),
            Phase::Quiet | Phase::Deleting { .. } => None,
        }
    }
}

impl<C> Phase<C> {
    const fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Creating { until } | Self::Modifying { until, .. } | Self::Deleting { until } => {
                Some(*until)
            }
            Self::Quiet => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: Timestamp = Timestamp::constant(59, 0);
    const SOON: Timestamp = Timestamp::constant(60, 0);

    #[test]
    fn a_change_ends_when_it_is_due_and_not_before() {
        let mut life = Life::quiet();
        life.modify(SOON, "change");
        assert_eq!(life.end(BEFORE), None);
        assert_eq!((life.status("active"), life.change()), ("modifying", Some(&"change")));
        assert_eq!(life.end(SOON), Some(Ended::Change("change")));
        assert_eq!((life.status("active"), life.due()), ("active", None));
        assert_eq!(life.end(SOON), None);
    }

    #[test]
    fn what_is_deleted_never_becomes_quiet() {
        let mut life = Life::<()>::quiet();
        life.delete(SOON);
        assert_eq!(life.end(SOON), Some(Ended::Deletion));
        assert_eq!(life.status("active"), "deleting");
    }

    #[test]
    fn a_lock_looks_like_a_change_and_the_longest_counts() {
        let mut life = Life::<()>::quiet();
        life.lock(SOON);
        life.lock(BEFORE);
        assert_eq!((life.status("active"), life.due()), ("modifying", Some(SOON)));
        assert!(!life.is_quiet());
        assert_eq!(life.end(SOON), None);
        assert!(life.is_quiet());
    }
}
