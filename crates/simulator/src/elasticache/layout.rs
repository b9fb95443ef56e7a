//! The nodes of a replication group: its shards, and which node is the primary of each.
//!
//! Who is the primary is said here, and the engines follow: they are asked to change roles before
//! a new layout is shown to anybody.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

/// The address every engine listens on.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// What a node in cluster mode adds to its port for the bus on which it talks to the others.
pub(crate) const BUS_OFFSET: u16 = 10_000;

/// The highest port of a node in cluster mode.
pub(super) const CLUSTER_PORT_MAX: u16 = u16::MAX - BUS_OFFSET;

const SLOTS: usize = 16_384;

/// How many nodes there are, and how they belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Layout {
    /// Whether clients speak the cluster protocol. Without it there is one shard.
    pub(crate) cluster_mode: bool,
    pub(crate) shards: Vec<Shard>,
}

/// Nodes that hold the same keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shard {
    /// The place of the primary among the nodes.
    pub(crate) primary: usize,
    /// Where each node listens. Nothing until it was started for the first time.
    pub(crate) ports: Vec<Option<u16>>,
}

/// One node of a cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// What AWS calls its cache cluster.
    pub id: String,
    /// The shard it is in, counted from 1 as in the ids of node groups.
    pub shard: usize,
    /// Where clients reach it.
    pub address: SocketAddr,
    /// Whether it is the one of its shard that takes writes.
    pub is_primary: bool,
}

impl Layout {
    /// One node alone: what there is if nobody asks for more.
    pub(crate) fn single() -> Self {
        Self { cluster_mode: false, shards: vec![Shard { primary: 0, ports: vec![None] }] }
    }

    /// The number of all nodes.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.ports.len()).sum()
    }

    /// All nodes' ports, shard by shard.
    pub(crate) fn ports(&self) -> impl Iterator<Item = Option<u16>> {
        self.shards.iter().flat_map(|shard| shard.ports.iter().copied())
    }

    /// Notes where the nodes listen, in the same order, and says whether that is news.
    pub(crate) fn note_ports(&mut self, ports: &[u16]) -> bool {
        let mut news = false;
        let known = self.shards.iter_mut().flat_map(|shard| &mut shard.ports);
        for (known, port) in known.zip(ports) {
            news |= known.replace(*port) != Some(*port);
        }
        news
    }

    /// With each node whose port is not known at its place after the port that was asked for.
    /// Every node is on the same host here, so that one port for all would not do.
    pub(crate) fn counted_from(&self, port: Option<u16>) -> Self {
        let mut layout = self.clone();
        let known = layout.shards.iter_mut().flat_map(|shard| &mut shard.ports);
        for (known, place) in known.zip(0..) {
            *known = known.or_else(|| port?.checked_add(place));
        }
        layout
    }

    /// The first and the last slot of a shard. ElastiCache spreads slots evenly unless told
    /// otherwise.
    pub(crate) fn slots(&self, shard: usize) -> (usize, usize) {
        let begin = |shard: usize| (shard * SLOTS).div_ceil(self.shards.len());
        (begin(shard), begin(shard + 1) - 1)
    }

    /// The name of a member of the replication group `cache`.
    pub(crate) fn member(
        &self,
        cache: impl std::fmt::Display,
        shard: usize,
        place: usize,
    ) -> String {
        if self.cluster_mode {
            format!("{cache}-{:04}-{:03}", shard + 1, place + 1)
        } else {
            format!("{cache}-{:03}", place + 1)
        }
    }
}

impl Shard {
    pub(crate) fn primary_port(&self) -> Option<u16> {
        *self.ports.get(self.primary)?
    }

    /// The first of the replicas.
    pub(crate) fn replica_port(&self) -> Option<u16> {
        let place = (0..self.ports.len()).find(|place| *place != self.primary)?;
        self.ports[place]
    }

    /// Makes the node after the primary the primary.
    pub(crate) fn promote_next(&mut self) {
        self.primary = (self.primary + 1) % self.ports.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(shards: usize) -> Layout {
        let shard = Shard { primary: 0, ports: vec![None, None] };
        Layout { cluster_mode: true, shards: vec![shard; shards] }
    }

    #[test]
    fn every_slot_is_in_one_shard() {
        for shards in [1, 2, 3, 7, 90] {
            let layout = layout(shards);
            let ranges: Vec<_> = (0..shards).map(|shard| layout.slots(shard)).collect();
            assert_eq!((ranges[0].0, ranges[shards - 1].1), (0, SLOTS - 1));
            for pair in ranges.windows(2) {
                assert_eq!(pair[0].1 + 1, pair[1].0, "{ranges:?}");
            }
        }
        assert_eq!(layout(3).slots(0), (0, 5461));
    }

    #[test]
    fn ports_count_on_from_the_one_that_was_asked_for_and_then_stay() {
        let mut layout = layout(2);
        let counted: Vec<_> = layout.counted_from(Some(6400)).ports().flatten().collect();
        assert_eq!(counted, [6400, 6401, 6402, 6403]);
        assert!(layout.note_ports(&[1, 2, 3, 4]));
        assert!(!layout.note_ports(&[1, 2, 3, 4]));
        assert_eq!(layout.counted_from(Some(6400)), layout);
    }
}
