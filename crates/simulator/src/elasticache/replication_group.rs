//! A replication group: a cache, as far as access control needs one.

use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::engine_type::EngineType;
use super::layout::{ADDRESS, Layout, Node};
use super::life::{Ended, Life};
use super::names::{ReplicationGroupId, UserGroupId};
use super::refusal::Refusal;
use super::settle::Settled;
use super::tags::Tags;

/// A replication group: one engine process for each node, with at most one user group attached to
/// it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ReplicationGroup {
    pub(crate) id: ReplicationGroupId,
    pub(crate) arn: String,
    pub(crate) description: String,
    pub(crate) engine: EngineType,
    /// What the API says. The engine itself speaks plain text on loopback.
    pub(crate) transit_encryption: bool,
    /// What the API says. Here a replica takes over when somebody asks for it.
    #[serde(default)]
    pub(crate) automatic_failover: bool,
    /// Where the first node is to listen; nothing if nobody asked for a port.
    pub(crate) port: Option<u16>,
    #[serde(default = "Layout::single")]
    pub(crate) layout: Layout,
    pub(crate) user_group: Option<UserGroupId>,
    pub(crate) life: Life<CacheChange>,
    /// The engine could not be started when the group was created.
    #[serde(default)]
    pub(crate) failed: bool,
    pub(crate) tags: Tags,
    pub(crate) created_at: Timestamp,
}

/// What a call changes when it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CacheChange {
    pub(crate) user_group: Option<UserGroupId>,
    pub(crate) transit_encryption: bool,
    /// The place of a shard whose primary is to hand over to a replica.
    #[serde(default)]
    pub(crate) fail_over: Option<usize>,
}

impl ReplicationGroup {
    pub(crate) fn status(&self) -> &'static str {
        if self.failed { "create-failed" } else { self.life.status("available") }
    }

    pub(crate) fn require_available(&self) -> Result<(), Refusal> {
        if self.life.is_quiet() && !self.failed {
            return Ok(());
        }
        Err(Refusal::new(
            "InvalidReplicationGroupState",
            format!("Replication group {} has status {}.", self.id, self.status()),
        ))
    }

    /// The place of a shard that has a replica to hand over to, by its number from 1.
    pub(crate) fn shard_with_replica(&self, number: usize) -> Result<usize, Refusal> {
        let place = number.wrapping_sub(1);
        let shard = self
            .layout
            .shards
            .get(place)
            .ok_or_else(|| Refusal::node_group_not_found(format!("{number:04}")))?;
        if shard.ports.len() > 1 {
            return Ok(place);
        }
        Err(Refusal::new(
            "InvalidReplicationGroupState",
            format!("Node group {number:04} of replication group {} has no replica.", self.id),
        ))
    }

    /// Whether there should be engines for it now.
    pub(crate) const fn is_running(&self) -> bool {
        !self.failed && !self.life.is_creating()
    }

    /// Whether it has this user group, or is getting it.
    pub(crate) fn uses(&self, group: &UserGroupId) -> bool {
        let coming = self.life.change().and_then(|change| change.user_group.as_ref());
        self.user_group.as_ref() == Some(group) || coming == Some(group)
    }

    /// Does what is due.
    pub(crate) fn settle(&mut self, now: Timestamp) -> Option<Settled> {
        match self.life.end(now)? {
            Ended::Creation => Some(Settled::Done),
            Ended::Change(CacheChange { user_group, transit_encryption, fail_over }) => {
                self.user_group = user_group;
                self.transit_encryption = transit_encryption;
                if let Some(shard) = fail_over {
                    self.layout.shards[shard].promote_next();
                }
                Some(Settled::Done)
            }
            Ended::Deletion => Some(Settled::Gone),
        }
    }

    /// The nodes that listen.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        for (shard, its) in self.layout.shards.iter().enumerate() {
            for (place, port) in its.ports.iter().enumerate() {
                let Some(port) = port.filter(|_| self.is_running()) else { continue };
                nodes.push(Node {
                    id: self.layout.member(&self.id, shard, place),
                    shard: shard + 1,
                    address: SocketAddr::from((ADDRESS, port)),
                    is_primary: place == its.primary,
                });
            }
        }
        nodes
    }

    /// The names of the primaries, shard by shard.
    pub(crate) fn primaries(&self) -> Vec<String> {
        let shards = self.layout.shards.iter().enumerate();
        shards.map(|(place, shard)| self.layout.member(&self.id, place, shard.primary)).collect()
    }

    /// Where clients connect first: in cluster mode any node will do, and this is the first;
    /// otherwise it is the primary.
    pub(crate) fn endpoint(&self) -> Option<SocketAddr> {
        let shard = self.layout.shards.first()?;
        let port = if self.layout.cluster_mode { shard.ports[0] } else { shard.primary_port() };
        Some(SocketAddr::from((ADDRESS, port.filter(|_| self.is_running())?)))
    }
}
