//! A cache as callers see it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, isolation::DefaultUserView, problem::Problem},
    domain::{CacheTarget, Phase},
    reconcile::{Cache, ObservedCache},
    store::PhaseCounts,
};

/// A cache that tenants can be put into.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cache)]
pub(crate) struct CacheView {
    /// The name in the configuration, which tenants are placed by.
    #[schema(example = "main")]
    name: String,
    /// The user group in ElastiCache.
    #[schema(example = "ringfence")]
    user_group: String,
    /// The replication group in ElastiCache, if the cache is node-based.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "cache-main")]
    replication_group: Option<String>,
    /// The serverless cache in ElastiCache, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    serverless_cache: Option<String>,
    /// How many living tenants and services it has.
    #[schema(example = 11)]
    tenants: u64,
    /// How many living users they have.
    #[schema(example = 12)]
    users: u64,
    /// On how many of these there is work.
    #[schema(example = 1)]
    queue_depth: u64,
    /// How many users its group may hold.
    #[schema(example = 100)]
    user_quota: u32,
    /// How many more users fit, going by the last look.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 87)]
    headroom: Option<u64>,
    /// What the last look that succeeded showed; absent until there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    observed: Option<ObservedView>,
    /// Why the last look failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "DescribeUserGroups: Throttling")]
    failure: Option<String>,
}

/// What AWS showed of a cache.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ObservedCache)]
struct ObservedView {
    /// When.
    at: Timestamp,
    /// AWS's word for the state of the user group.
    #[schema(example = "active")]
    user_group_status: String,
    /// How many users the group holds, whosever they are.
    #[schema(example = 13)]
    user_group_members: u64,
    /// What it runs: `valkey` or `redis`.
    #[schema(example = "valkey")]
    engine: String,
    /// The engine's version, by which access strings are made.
    #[schema(example = "9.1.0")]
    engine_version: String,
    /// Where it takes connections.
    host: String,
    /// The port.
    #[schema(example = 6379)]
    port: u16,
    /// Whether connections are TLS.
    tls: bool,
    /// What is wrong with the group's user `default`; empty if nothing is. `GET /isolation` looks
    /// at all users.
    findings: Vec<DefaultUserView>,
}

impl CacheView {
    /// A cache for the API document.
    pub(super) fn example() -> Self {
        Self {
            name: "main".to_owned(),
            user_group: "ringfence".to_owned(),
            replication_group: Some("cache-main".to_owned()),
            serverless_cache: None,
            tenants: 11,
            users: 12,
            queue_depth: 1,
            user_quota: 100,
            headroom: Some(87),
            observed: Some(ObservedView {
                // 2026-11-21T20:15:00Z
                at: Timestamp::constant(1_795_292_100, 0),
                user_group_status: "active".to_owned(),
                user_group_members: 13,
                engine: "valkey".to_owned(),
                engine_version: "9.1.0".to_owned(),
                host: "cache-main.abc123.euc1.cache.amazonaws.com".to_owned(),
                port: 6379,
                tls: true,
                findings: Vec::new(),
            }),
            failure: None,
        }
    }

    /// The cache as it is known now.
    pub(super) async fn of(api: &Api, cache: &Cache) -> Result<Self, Problem> {
        let counts = api.store.phase_counts(&cache.config().name).await?;
        let tenants = api.store.tenant_count(&cache.config().name).await?;
        Ok(Self::new(cache, tenants, &counts))
    }

    fn new(cache: &Cache, tenants: u64, counts: &PhaseCounts) -> Self {
        let (config, seen) = (cache.config(), cache.view());
        let (replication_group, serverless_cache) = match config.target.clone() {
            CacheTarget::ReplicationGroup(id) => (Some(id), None),
            CacheTarget::ServerlessCache(name) => (None, Some(name)),
        };
        let settled = counts.get(&Phase::Active).copied().unwrap_or(0);
        let users: u64 = counts.values().sum();
        let user_quota = config.user_quota.get();
        let headroom =
            |seen: &ObservedCache| u64::from(user_quota).saturating_sub(seen.member_count as u64);
        Self {
            name: config.name.to_string(),
            user_group: config.user_group.clone(),
            replication_group,
            serverless_cache,
            tenants,
            users,
            queue_depth: users - settled,
            user_quota,
            headroom: seen.observed.as_ref().map(headroom),
            observed: seen.observed.map(ObservedView::from),
            failure: seen.failure,
        }
    }
}

impl From<ObservedCache> for ObservedView {
    fn from(seen: ObservedCache) -> Self {
        Self {
            at: seen.at,
            user_group_status: seen.group_status,
            user_group_members: seen.member_count as u64,
            engine: seen.ground.engine.kind.to_string(),
            engine_version: seen.ground.engine.version.to_string(),
            host: seen.endpoint.host,
            port: seen.endpoint.port,
            tls: seen.endpoint.tls,
            findings: seen.members.iter().filter_map(DefaultUserView::of).collect(),
        }
    }
}
