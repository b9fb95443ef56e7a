//! One look at AWS, for all tenants of a cache.

use std::{collections::BTreeSet, sync::Arc};

use ringfence_acl::{Engine, EngineKind};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{CacheView, ObservedCache};
use crate::{
    clock::Clock,
    cloud::{CacheReport, Cloud, CloudError, CloudErrorKind, GroupReport, UserListing, UserReport},
    config::CacheConfig,
    domain::{
        CacheNodes, CacheTarget, Endpoint, Ground, GroupMember, UserId, UserSeen, oldest_engine,
    },
};

/// What a cache is, apart from its users: rarely changes.
#[derive(Clone, Debug)]
pub struct CacheFacts {
    /// Where it takes connections.
    pub endpoint: Endpoint,
    /// Its nodes.
    pub nodes: CacheNodes,
    /// What access strings have to fit there.
    pub ground: Ground,
}

impl CacheFacts {
    /// Reads them from the configuration, and from AWS where it is silent.
    pub async fn read(cloud: &Cloud, config: &CacheConfig) -> Result<Self, CloudError> {
        facts(cloud, config).await
    }
}

/// What AWS showed.
#[derive(Clone, Debug)]
pub(super) struct Observation {
    pub(super) facts: CacheFacts,
    pub(super) group: GroupReport,
    /// When the group was looked at.
    pub(super) group_at: Instant,
    pub(super) users: Arc<UserListing>,
    /// When the users were looked at, by the clock that rows are written by. What was not listed then
    /// may be so because that was too soon after a call.
    pub(super) users_at: Timestamp,
}

impl Observation {
    pub(super) fn user(&self, id: &UserId) -> UserSeen {
        self.report(id).map_or(UserSeen::Missing, |user| UserSeen::Present(user.state))
    }

    pub(super) fn report(&self, id: &UserId) -> Option<&UserReport> {
        self.users.get(id)
    }

    /// How many calls it takes to list the users.
    pub(super) fn pages(&self) -> u32 {
        u32::try_from(self.users.users.len() / 100 + 1).unwrap_or(u32::MAX)
    }

    pub(super) fn view(&self, clock: &dyn Clock, ours: &BTreeSet<UserId>) -> CacheView {
        let foreign = self.group.view.members.iter().filter(|id| !ours.contains(*id));
        let foreign_members = u32::try_from(foreign.clone().count()).unwrap_or(u32::MAX);
        CacheView {
            observed: Some(ObservedCache {
                at: clock.now(),
                group_status: self.group.status.clone(),
                member_count: self.group.view.members.len(),
                foreign_members,
                foreign_user_names: foreign
                    .filter_map(|id| self.report(id).map(|user| user.name.clone()))
                    .collect(),
                endpoint: self.facts.endpoint.clone(),
                nodes: self.facts.nodes.clone(),
                ground: self.facts.ground,
                members: self.members().collect(),
            }),
            failure: None,
        }
    }

    /// The members of the group. One that is not among the users was made or removed while we
    /// looked; the next look knows.
    fn members(&self) -> impl Iterator<Item = GroupMember> {
        let users = self.group.view.members.iter().filter_map(|id| self.report(id));
        users.map(|user| GroupMember {
            id: user.id.clone(),
            name: user.name.clone(),
            access_string: user.access_string.clone(),
            takes_anyone: user.takes_anyone,
        })
    }
}

/// Reads the group and the users. The group comes first: a user that joins in between is then
/// seen as not yet a member, never as a member without a user.
pub(super) async fn observe(
    cloud: &Cloud,
    config: &CacheConfig,
    (not_before, users_at): (Instant, Timestamp),
) -> Result<Observation, CloudError> {
    let facts = facts(cloud, config).await?;
    let (group_at, group) = group_among_all(cloud, config, not_before).await?;
    let users = cloud.users_since(not_before).await?;
    Ok(Observation { facts, group, group_at, users, users_at })
}

/// The group as a listing of all groups shows it, which caches share.
async fn group_among_all(
    cloud: &Cloud,
    config: &CacheConfig,
    not_before: Instant,
) -> Result<(Instant, GroupReport), CloudError> {
    let groups = cloud.groups_since(not_before).await?;
    match groups.groups.get(&config.user_group) {
        Some(group) => Ok((groups.began, group.clone())),
        // AWS says best that it is not there.
        None => Ok((Instant::now(), cloud.user_group(&config.user_group).await?)),
    }
}

/// What the configuration says, and what AWS says where it is silent. It cannot say where the nodes
/// are: without cluster mode AWS is asked for them, and not missed if it does not know the cache.
async fn facts(cloud: &Cloud, config: &CacheConfig) -> Result<CacheFacts, CloudError> {
    let told = config.host.is_some()
        && config.port.is_some()
        && config.tls.is_some()
        && config.engine.is_some()
        && config.cluster_mode.is_some();
    let is_serverless = matches!(config.target, CacheTarget::ServerlessCache(_));
    if told && (is_serverless || config.cluster_mode == Some(true)) {
        return Ok(merge(config, None));
    }
    match cloud.cache(&config.target).await {
        Ok(reported) => Ok(merge(config, Some(&reported))),
        Err(error) if told && error.kind == CloudErrorKind::NotFound => Ok(merge(config, None)),
        Err(error) => Err(error),
    }
}

fn merge(config: &CacheConfig, reported: Option<&CacheReport>) -> CacheFacts {
    let told = reported.map(|report| &report.endpoint);
    let reported_kind = reported.and_then(|report| report.engine.as_deref()?.parse().ok());
    let kind = config.engine.or(reported_kind).unwrap_or(EngineKind::Redis);
    // Where nobody tells the version, an access string for the oldest is accepted by all.
    let reported_version =
        reported.and_then(|report| report.engine_version.as_deref()?.parse().ok());
    let version =
        config.engine_version.or(reported_version).unwrap_or_else(|| oldest_engine(kind).version);
    let cluster_mode =
        config.cluster_mode.unwrap_or_else(|| reported.is_some_and(|report| report.cluster_mode));
    let endpoint = Endpoint {
        host: config.host.clone().or_else(|| Some(told?.host.clone())).unwrap_or_default(),
        port: config.port.or_else(|| Some(told?.port)).unwrap_or_default(),
        tls: config.tls.or_else(|| Some(told?.tls)).unwrap_or(true),
    };
    let ground = Ground::of(&config.target, Engine { kind, version }, cluster_mode);
    CacheFacts { nodes: nodes(&endpoint, &ground, reported), endpoint, ground }
}

/// A serverless cache is one endpoint with a proxy behind it. And if the endpoint that is used is
/// none of AWS's, then the nodes are not where AWS says either.
fn nodes(endpoint: &Endpoint, ground: &Ground, reported: Option<&CacheReport>) -> CacheNodes {
    if ground.is_cluster && !ground.is_serverless {
        return CacheNodes::ToldByCluster;
    }
    let is_used = |told: &Endpoint| (&told.host, told.port) == (&endpoint.host, endpoint.port);
    let as_told =
        reported.filter(|report| is_used(&report.endpoint) || report.nodes.iter().any(is_used));
    let Some(report) = as_told else {
        return CacheNodes::Listed { nodes: vec![endpoint.clone()], unplaced: Vec::new() };
    };
    let tls = endpoint.tls;
    let placed = report.nodes.iter().map(|node| Endpoint { tls, ..node.clone() });
    let nodes = if report.nodes.is_empty() { vec![endpoint.clone()] } else { placed.collect() };
    CacheNodes::Listed { nodes, unplaced: report.unplaced.clone() }
}
