//! A replication group: a cache, as far as access control needs one.

use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::engine_type::EngineType;
use super::life::{Ended, Life};
use super::names::{ReplicationGroupId, UserGroupId};
use super::refusal::Refusal;
use super::settle::Settled;
use super::tags::Tags;
use super::xml::Element;

/// The address every engine listens on.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// A replication group: one engine process, with at most one user group attached to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ReplicationGroup {
    pub(crate) id: ReplicationGroupId,
    pub(crate) arn: String,
    pub(crate) description: String,
    pub(crate) engine: EngineType,
    /// What the API says. The engine itself speaks plain text on loopback.
    pub(crate) transit_encryption: bool,
    /// Nothing until the engine is started for the first time and nobody asked for a port.
    pub(crate) port: Option<u16>,
    pub(crate) user_group: Option<UserGroupId>,
    pub(crate) life: Life<CacheChange>,
    /// The engine could not be started when the group was created.
    #[serde(default)]
    pub(crate) failed: bool,
    pub(crate) tags: Tags,
    pub(crate) created_at: Timestamp,
}

/// What a `ModifyReplicationGroup` call changes when it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CacheChange {
    pub(crate) user_group: Option<UserGroupId>,
    pub(crate) transit_encryption: bool,
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

    /// Whether there should be an engine for it now.
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
            Ended::Change(CacheChange { user_group, transit_encryption }) => {
                self.user_group = user_group;
                self.transit_encryption = transit_encryption;
                Some(Settled::Done)
            }
            Ended::Deletion => Some(Settled::Gone),
        }
    }

    pub(crate) fn element(&self) -> Element {
        let mut shown = vec![
            Element::text("ReplicationGroupId", &self.id),
            Element::text("Description", &self.description),
            Element::text("Status", self.status()),
            Element::parent("PendingModifiedValues", self.pending()),
            Element::texts("MemberClusters", "ClusterId", [self.member()]),
        ];
        if let Some(port) = self.port.filter(|_| self.is_running()) {
            shown.push(self.node_groups(port));
        }
        shown.extend([
            Element::text("AutomaticFailover", "disabled"),
            Element::text("MultiAZ", "disabled"),
            Element::text("ClusterEnabled", false),
            Element::text("CacheNodeType", "cache.t4g.micro"),
            Element::text("AuthTokenEnabled", false),
            Element::text("TransitEncryptionEnabled", self.transit_encryption),
            Element::text("AtRestEncryptionEnabled", false),
            Element::text("ARN", &self.arn),
            Element::texts("UserGroupIds", "member", &self.user_group),
            Element::text("ReplicationGroupCreateTime", self.created_at),
            Element::text("ClusterMode", "disabled"),
            Element::text("Engine", self.engine),
        ]);
        if self.transit_encryption {
            shown.push(Element::text("TransitEncryptionMode", "required"));
        }
        Element::parent("ReplicationGroup", shown)
    }

    fn pending(&self) -> Vec<Element> {
        let Some(change) = self.life.change() else { return Vec::new() };
        if change.user_group == self.user_group {
            return Vec::new();
        }
        let lists =
            [("UserGroupIdsToAdd", &change.user_group), ("UserGroupIdsToRemove", &self.user_group)]
                .into_iter()
                .filter(|(_, group)| group.is_some())
                .map(|(name, group)| Element::texts(name, "member", group));
        vec![Element::parent("UserGroups", lists.collect())]
    }

    fn node_groups(&self, port: u16) -> Element {
        let endpoint = |name| {
            Element::parent(
                name,
                vec![Element::text("Address", ADDRESS), Element::text("Port", port)],
            )
        };
        let member = Element::parent(
            "NodeGroupMember",
            vec![
                Element::text("CacheClusterId", self.member()),
                Element::text("CacheNodeId", "0001"),
                endpoint("ReadEndpoint"),
                Element::text("CurrentRole", "primary"),
            ],
        );
        let node_group = Element::parent(
            "NodeGroup",
            vec![
                Element::text("NodeGroupId", "0001"),
                Element::text("Status", self.status()),
                endpoint("PrimaryEndpoint"),
                endpoint("ReaderEndpoint"),
                Element::parent("NodeGroupMembers", vec![member]),
            ],
        );
        Element::parent("NodeGroups", vec![node_group])
    }

    fn member(&self) -> String {
        format!("{}-001", self.id)
    }
}
