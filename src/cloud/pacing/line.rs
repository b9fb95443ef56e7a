//! Who is next of those who wait. Pure.

use std::collections::BTreeMap;

use crate::domain::Urgency;

/// While both kinds wait, so many urgent ones go before each routine one: urgent work is hardly held
/// up, and routine work still comes to its end.
const URGENT_TO_ONE_ROUTINE: usize = 3;

/// Those who wait, in the order in which they came, with what belongs to each.
#[derive(Debug)]
pub(super) struct Line<W> {
    urgent: BTreeMap<u64, W>,
    routine: BTreeMap<u64, W>,
    n_joined: u64,
    urgent_in_a_row: usize,
}

/// A place in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    urgency: Urgency,
    number: u64,
}

impl<W> Line<W> {
    pub(super) fn new() -> Self {
        Self { urgent: BTreeMap::new(), routine: BTreeMap::new(), n_joined: 0, urgent_in_a_row: 0 }
    }

    pub(super) fn join(&mut self, urgency: Urgency, waiter: W) -> Place {
        let place = Place { urgency, number: self.n_joined };
        self.n_joined += 1;
        self.queue_mut(urgency).insert(place.number, waiter);
        place
    }

    /// Whose turn it is.
    pub(super) fn first(&self) -> Option<(Place, &W)> {
        let first = |urgency: Urgency| {
            let (&number, waiter) = self.queue(urgency).first_key_value()?;
            Some((Place { urgency, number }, waiter))
        };
        let (urgent, routine) = (first(Urgency::Urgent), first(Urgency::Routine));
        if self.urgent_in_a_row >= URGENT_TO_ONE_ROUTINE {
            routine.or(urgent)
        } else {
            urgent.or(routine)
        }
    }

    /// The first one is served.
    pub(super) fn serve_first(&mut self) {
        let Some((place, _)) = self.first() else { return };
        self.leave(place);
        self.urgent_in_a_row = match place.urgency {
            Urgency::Urgent => self.urgent_in_a_row.saturating_add(1),
            Urgency::Routine => 0,
        };
    }

    /// Somebody goes away without being served, or was served before.
    pub(super) fn leave(&mut self, place: Place) {
        self.queue_mut(place.urgency).remove(&place.number);
    }

    /// At least so many are served before a newcomer.
    pub(super) fn n_before(&self, newcomer: Urgency) -> usize {
        let (n_urgent, n_routine) = (self.urgent.len(), self.routine.len());
        match newcomer {
            Urgency::Urgent => n_urgent + n_routine.min(n_urgent / URGENT_TO_ONE_ROUTINE),
            Urgency::Routine => n_routine + n_urgent.min(n_routine * URGENT_TO_ONE_ROUTINE),
        }
    }

    fn queue(&self, urgency: Urgency) -> &BTreeMap<u64, W> {
        match urgency {
            Urgency::Urgent => &self.urgent,
            Urgency::Routine => &self.routine,
        }
    }

    fn queue_mut(&mut self, urgency: Urgency) -> &mut BTreeMap<u64, W> {
        match urgency {
            Urgency::Urgent => &mut self.urgent,
            Urgency::Routine => &mut self.routine,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn urgency() -> impl Strategy<Value = Urgency> {
        prop_oneof![Just(Urgency::Urgent), Just(Urgency::Routine)]
    }

    /// Serves everybody and says who came when.
    fn serve_all(line: &mut Line<()>) -> Vec<Place> {
        let mut served = Vec::new();
        while let Some((place, ())) = line.first() {
            served.push(place);
            line.serve_first();
        }
        served
    }

    proptest! {
        #[test]
        fn everybody_who_stays_is_served_once_and_in_the_order_of_their_kind(
            joins in prop::collection::vec((urgency(), any::<bool>()), 0..100),
        ) {
            let mut line = Line::new();
            let mut stayed = Vec::new();
            for (urgency, stays) in joins {
                let place = line.join(urgency, ());
                if stays { stayed.push(place) } else { line.leave(place) }
            }
            let served = serve_all(&mut line);
            for kind in [Urgency::Urgent, Urgency::Routine] {
                let of_kind = |places: &[Place]| -> Vec<Place> {
                    places.iter().filter(|place| place.urgency == kind).copied().collect()
                };
                prop_assert_eq!(of_kind(&served), of_kind(&stayed));
            }
        }

        /// What is told a newcomer, so that it need not wait in vain, is not more than what comes.
        #[test]
        fn a_newcomer_is_served_after_about_as_many_as_it_is_told(
            joins in prop::collection::vec(urgency(), 0..100), newcomer in urgency(),
        ) {
            let mut line = Line::new();
            for urgency in joins {
                line.join(urgency, ());
            }
            let told = line.n_before(newcomer);
            let place = line.join(newcomer, ());
            let n_before = serve_all(&mut line).iter().position(|one| *one == place).unwrap();
            prop_assert!((told..=told + URGENT_TO_ONE_ROUTINE).contains(&n_before), "{told} {n_before}");
        }

        /// Urgent ones come without end, and the routine ones still have one turn in four and no more.
        #[test]
        fn a_flood_of_one_kind_does_not_starve_the_other(n_turns in 4_usize..200) {
            let mut line = Line::new();
            let mut served = Vec::new();
            for _ in 0..n_turns {
                line.join(Urgency::Urgent, ());
                line.join(Urgency::Routine, ());
                served.push(line.first().unwrap().0.urgency);
                line.serve_first();
            }
            for four in served.windows(4) {
                let n_routine = four.iter().filter(|one| **one == Urgency::Routine).count();
                prop_assert_eq!(n_routine, 1);
            }
        }
    }

    #[test]
    fn urgent_ones_go_first() {
        let mut line = Line::new();
        line.join(Urgency::Routine, ());
        let late = line.join(Urgency::Urgent, ());
        assert_eq!(line.first(), Some((late, &())));
    }
}
