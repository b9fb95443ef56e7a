//! Emptying the prefix of a tenant that is being deleted.

use jiff::Timestamp;

use super::{Auth, CacheUser, CacheUserId, CacheUserNames, Grant, LocalUserName, NewUser, Tenant};

/// Everything that was decided for a purge that is asked for.
#[derive(Clone, Debug)]
pub struct NewPurge {
    /// The id of the user that is to remove the keys.
    pub user: CacheUserId,
    /// What AWS is to know it by.
    pub names: CacheUserNames,
}

impl NewPurge {
    /// The user that removes the keys of this tenant.
    #[must_use]
    pub fn purger(self, tenant: &Tenant) -> NewUser {
        NewUser {
            id: self.user,
            name: LocalUserName::purge(),
            grant: Grant::Purge,
            key_pattern: tenant.key_pattern.clone(),
            auth: Auth::Password,
            names: self.names,
        }
    }
}

/// The removal of a tenant's keys, as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purge {
    /// The user that removes them, from when the tenant's own are gone until it is gone itself.
    pub user: Option<CacheUser>,
    /// How far it has come.
    pub progress: PurgeProgress,
    /// When no key was left.
    pub proved_at: Option<Timestamp>,
}

/// How far the removal of keys has come. It goes over all primaries in passes; a pass that finds no
/// key on any of them is the proof that there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PurgeProgress {
    /// About how many keys were looked at, in all passes.
    pub scanned: u64,
    /// How many keys were removed.
    pub removed: u64,
    /// The primaries of the pass under way.
    pub nodes: Vec<PurgedNode>,
}

/// A primary in the pass under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurgedNode {
    /// Where it is.
    pub primary: PrimaryLife,
    /// Where `SCAN` goes on; `None` when it has come round.
    pub cursor: Option<u64>,
    /// How many keys it was found to hold in this pass.
    pub found: u64,
    /// How many keys were removed from it since it was first met.
    pub removed: u64,
}

/// A primary, for as long as a cursor of `SCAN` and what it has passed mean anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimaryLife {
    /// Host and port.
    pub node: String,
    /// Its run, what it replicates as, and its slots. A process that was started anew, a replica that
    /// was promoted and a shard whose slots were moved have another.
    pub life: String,
}

/// What one call of `SCAN` has brought.
#[derive(Clone, Copy, Debug)]
pub struct Scanned {
    /// Where to go on; 0: it has come round.
    pub cursor: u64,
    /// About how many keys it has looked at.
    pub looked_at: u64,
    /// How many of them are the tenant's.
    pub found: u64,
    /// How many of those were removed. One that has expired meanwhile is not among them.
    pub removed: u64,
}

/// How far a slice of the work came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PurgeSlice {
    /// Its budget is used up.
    Unfinished,
    /// Something stands in the way.
    Hindered {
        /// What.
        why: String,
    },
    /// A pass over all primaries has found no key.
    Empty,
}

impl PurgeProgress {
    /// Goes on with the pass under way if the primaries are still those that it was begun with, and
    /// begins another one otherwise: a key may have moved from where nobody has looked yet to where
    /// somebody has.
    pub fn meet(&mut self, primaries: &[PrimaryLife]) {
        if !self.nodes.iter().map(|node| &node.primary).eq(primaries) {
            let removed = |primary: &PrimaryLife| {
                let known = self.nodes.iter().find(|known| known.primary.node == primary.node);
                known.map_or(0, |known| known.removed)
            };
            let node = |primary: &PrimaryLife| PurgedNode {
                primary: primary.clone(),
                cursor: Some(0),
                found: 0,
                removed: removed(primary),
            };
            self.nodes = primaries.iter().map(node).collect();
        }
    }

    /// The place of the next primary to be scanned, and from where; `None` at the end of a pass.
    #[must_use]
    pub fn next(&self) -> Option<(usize, u64)> {
        self.nodes.iter().enumerate().find_map(|(place, node)| Some((place, node.cursor?)))
    }

    /// Counts what was found at this place and removed.
    pub fn note(&mut self, place: usize, scanned: Scanned) {
        let Some(node) = self.nodes.get_mut(place) else { return };
        node.cursor = Some(scanned.cursor).filter(|cursor| *cursor != 0);
        node.found += scanned.found;
        node.removed += scanned.removed;
        self.scanned += scanned.looked_at;
        self.removed += scanned.removed;
    }

    /// Whether the pass has come over all primaries and has found nothing.
    #[must_use]
    pub fn proves_emptiness(&self) -> bool {
        !self.nodes.is_empty()
            && self.nodes.iter().all(|node| node.cursor.is_none() && node.found == 0)
    }

    /// Begins another pass over the same primaries.
    pub fn begin_pass(&mut self) {
        for node in &mut self.nodes {
            (node.cursor, node.found) = (Some(0), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn primaries(lives: &[(&str, &str)]) -> Vec<PrimaryLife> {
        let primary = |(node, life): &(&str, &str)| PrimaryLife {
            node: (*node).into(),
            life: (*life).into(),
        };
        lives.iter().map(primary).collect()
    }

    fn found(cursor: u64, found: u64) -> Scanned {
        Scanned { cursor, looked_at: 10, found, removed: found }
    }

    #[test]
    fn only_a_whole_pass_that_finds_nothing_is_a_proof() {
        let mut progress = PurgeProgress::default();
        assert!(!progress.proves_emptiness(), "nobody has looked");
        progress.meet(&primaries(&[("a", "1"), ("b", "1")]));
        progress.note(0, found(7, 0));
        assert_eq!(progress.next(), Some((0, 7)));
        progress.note(0, found(0, 0));
        assert_eq!(progress.next(), Some((1, 0)));
        assert!(!progress.proves_emptiness());
        progress.note(1, found(0, 3));
        assert_eq!(progress.next(), None);
        assert!(!progress.proves_emptiness(), "three keys were found");
        progress.begin_pass();
        progress.note(0, found(0, 0));
        progress.note(1, found(0, 0));
        assert!(progress.proves_emptiness());
        assert_eq!((progress.scanned, progress.removed, progress.nodes[1].removed), (50, 3, 3));
    }

    #[test]
    fn a_pass_goes_on_only_over_the_primaries_that_it_was_begun_with() {
        let mut progress = PurgeProgress::default();
        let both = primaries(&[("a", "1"), ("b", "1")]);
        progress.meet(&both);
        progress.note(0, found(0, 2));
        progress.note(1, found(9, 0));
        progress.meet(&both);
        assert_eq!(progress.next(), Some((1, 9)));
        for changed in [[("a", "2"), ("b", "1")], [("a", "1"), ("c", "1")]] {
            let mut progress = progress.clone();
            progress.meet(&primaries(&changed));
            assert_eq!(progress.next(), Some((0, 0)));
            assert_eq!((progress.removed, progress.nodes[0].removed), (2, 2));
        }
    }
}
