//! Where a cache takes connections, and what it runs.

use aws_sdk_elasticache::{
    operation::{
        describe_replication_groups::DescribeReplicationGroupsInput,
        describe_serverless_caches::DescribeServerlessCachesInput,
    },
    types::{Endpoint as AwsEndpoint, NodeGroup},
};

use super::{Cloud, CloudError};
use crate::domain::{CacheTarget, Endpoint};

/// What AWS says of a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheReport {
    /// Where it takes connections.
    pub endpoint: Endpoint,
    /// Where its nodes take connections. AWS does not tell it in cluster mode.
    pub nodes: Vec<Endpoint>,
    /// The names of nodes that have a place and AWS does not tell it: outside of cluster mode only
    /// while they are made.
    pub unplaced: Vec<String>,
    /// Its engine, `redis` or `valkey`.
    pub engine: Option<String>,
    /// Its engine's version. AWS tells it of serverless caches only.
    pub engine_version: Option<String>,
    /// Whether clients have to speak the cluster protocol.
    pub cluster_mode: bool,
    /// The ids of the user groups that are attached to it.
    pub user_groups: Vec<String>,
}

impl Cloud {
    /// Reads what AWS says of a cache.
    pub async fn cache(&self, target: &CacheTarget) -> Result<CacheReport, CloudError> {
        match target {
            CacheTarget::ReplicationGroup(id) => self.replication_group(id).await,
            CacheTarget::ServerlessCache(name) => self.serverless_cache(name).await,
        }
    }

    async fn replication_group(&self, id: &str) -> Result<CacheReport, CloudError> {
        const OPERATION: &str = "DescribeReplicationGroups";
        let call = DescribeReplicationGroupsInput::builder().replication_group_id(id);
        let answer = self.send(call).await?;
        let group = answer
            .replication_groups
            .and_then(|groups| groups.into_iter().next())
            .ok_or_else(|| CloudError::not_found(OPERATION, "such replication group"))?;
        // In cluster mode there is one configuration endpoint; otherwise the one node group's
        // primary.
        let primary = || {
            group.node_groups.as_ref().and_then(|nodes| nodes.first()?.primary_endpoint.as_ref())
        };
        let endpoint = group.configuration_endpoint.as_ref().or_else(primary);
        let tls = group.transit_encryption_enabled.unwrap_or(false);
        let cluster_mode = group.cluster_enabled.unwrap_or(false);
        let (mut nodes, mut unplaced) = (Vec::new(), Vec::new());
        for member in group.node_groups().iter().flat_map(NodeGroup::node_group_members) {
            match read(OPERATION, member.read_endpoint.as_ref(), tls) {
                Ok(endpoint) => nodes.push(endpoint),
                Err(_) if cluster_mode => {}
                Err(_) => unplaced.push(member.cache_cluster_id().unwrap_or("?").to_owned()),
            }
        }
        Ok(CacheReport {
            endpoint: read(OPERATION, endpoint, tls)?,
            nodes,
            unplaced,
            engine: group.engine.as_ref().map(|engine| engine.to_ascii_lowercase()),
            engine_version: None,
            cluster_mode,
            user_groups: group.user_group_ids().to_vec(),
        })
    }

    async fn serverless_cache(&self, name: &str) -> Result<CacheReport, CloudError> {
        const OPERATION: &str = "DescribeServerlessCaches";
        let call = DescribeServerlessCachesInput::builder().serverless_cache_name(name);
        let answer = self.send(call).await?;
        let cache = answer
            .serverless_caches
            .and_then(|caches| caches.into_iter().next())
            .ok_or_else(|| CloudError::not_found(OPERATION, "such serverless cache"))?;
        Ok(CacheReport {
            // A serverless cache always speaks TLS.
            endpoint: read(OPERATION, cache.endpoint.as_ref(), true)?,
            nodes: Vec::new(),
            unplaced: Vec::new(),
            engine: cache.engine.map(|engine| engine.to_ascii_lowercase()),
            engine_version: cache.full_engine_version.or(cache.major_engine_version),
            cluster_mode: true,
            user_groups: cache.user_group_id.into_iter().collect(),
        })
    }
}

fn read(
    operation: &'static str,
    endpoint: Option<&AwsEndpoint>,
    tls: bool,
) -> Result<Endpoint, CloudError> {
    let missing = || CloudError::incomplete(operation, "endpoint");
    let endpoint = endpoint.ok_or_else(missing)?;
    Ok(Endpoint {
        host: endpoint.address.clone().ok_or_else(missing)?,
        port: endpoint.port.and_then(|port| u16::try_from(port).ok()).ok_or_else(missing)?,
        tls,
    })
}
