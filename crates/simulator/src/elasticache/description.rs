//! How a replication group is described.
//!
//! In [cluster mode][mode] there is one configuration endpoint, each shard has its slots, and of a
//! node nothing but its name is told: where it listens and what it is, the engines tell those who
//! log in. Without cluster mode there is one shard, with an endpoint for writes, one for reads and
//! one for each node.
//!
//! [mode]: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_NodeGroupMember.html

use super::layout::{ADDRESS, Shard};
use super::replication_group::ReplicationGroup;
use super::xml::Element;

impl ReplicationGroup {
    pub(crate) fn element(&self) -> Element {
        let layout = &self.layout;
        let members = layout.shards.iter().enumerate().flat_map(|(shard, its)| {
            (0..its.ports.len()).map(move |place| layout.member(&self.id, shard, place))
        });
        let mode = if layout.cluster_mode { "enabled" } else { "disabled" };
        let failover = if self.automatic_failover { "enabled" } else { "disabled" };
        let mut shown = vec![
            Element::text("ReplicationGroupId", &self.id),
            Element::text("Description", &self.description),
            Element::text("Status", self.status()),
            Element::parent("PendingModifiedValues", self.pending()),
            Element::texts("MemberClusters", "ClusterId", members),
        ];
        shown.extend(self.reachable());
        shown.extend([
            Element::text("AutomaticFailover", failover),
            Element::text("MultiAZ", "disabled"),
            Element::text("ClusterEnabled", layout.cluster_mode),
            Element::text("CacheNodeType", "cache.t4g.micro"),
            Element::text("AuthTokenEnabled", false),
            Element::text("TransitEncryptionEnabled", self.transit_encryption),
            Element::text("AtRestEncryptionEnabled", false),
            Element::text("ARN", &self.arn),
            Element::texts("UserGroupIds", "member", &self.user_group),
            Element::text("ReplicationGroupCreateTime", self.created_at),
            Element::text("ClusterMode", mode),
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

    /// The endpoints and the nodes, once there are any.
    fn reachable(&self) -> Vec<Element> {
        let Some(address) = self.endpoint() else { return Vec::new() };
        let shards = self.layout.shards.iter().enumerate();
        let groups = shards.map(|(place, shard)| self.node_group(place, shard)).collect();
        let mut shown = vec![Element::parent("NodeGroups", groups)];
        if self.layout.cluster_mode {
            shown.push(endpoint("ConfigurationEndpoint", Some(address.port())));
        }
        shown
    }

    fn node_group(&self, place: usize, shard: &Shard) -> Element {
        let mut shown = vec![
            Element::text("NodeGroupId", format_args!("{:04}", place + 1)),
            Element::text("Status", self.status()),
        ];
        if self.layout.cluster_mode {
            let (first, last) = self.layout.slots(place);
            shown.push(Element::text("Slots", format_args!("{first}-{last}")));
        } else {
            let primary = shard.primary_port();
            shown.push(endpoint("PrimaryEndpoint", primary));
            // Without replicas the primary is read too.
            shown.push(endpoint("ReaderEndpoint", shard.replica_port().or(primary)));
        }
        let members = (0..shard.ports.len()).map(|node| {
            let mut member = vec![
                Element::text("CacheClusterId", self.layout.member(&self.id, place, node)),
                Element::text("CacheNodeId", "0001"),
                Element::text("PreferredAvailabilityZone", "us-east-1a"),
            ];
            if !self.layout.cluster_mode {
                let role = if node == shard.primary { "primary" } else { "replica" };
                member.push(endpoint("ReadEndpoint", shard.ports[node]));
                member.push(Element::text("CurrentRole", role));
            }
            Element::parent("NodeGroupMember", member)
        });
        shown.push(Element::parent("NodeGroupMembers", members.collect()));
        Element::parent("NodeGroup", shown)
    }
}

fn endpoint(name: &'static str, port: Option<u16>) -> Element {
    let mut shown = vec![Element::text("Address", ADDRESS)];
    shown.extend(port.map(|port| Element::text("Port", port)));
    Element::parent(name, shown)
}
