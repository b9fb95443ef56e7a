//! A cache as callers see it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::PlacesView;
use crate::{
    api::isolation::DefaultUserView,
    domain::{CacheName, CacheTarget},
    reconcile::{Cache, ObservedCache},
    store::CacheCount,
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
    /// How many users its group may hold; the same as `places.quota`.
    #[schema(example = 100)]
    user_quota: u32,
    /// How many more users fit; the same as `places.free`, and absent until the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 87)]
    headroom: Option<u64>,
    /// The places in its user group.
    places: PlacesView,
    /// In how many whole days no place will be free, if users go on to come and go as in the last
    /// 28 days, or since the cache has had users if that is shorter. Absent if their number does not
    /// grow, or with a history of less than seven days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 203)]
    days_to_full: Option<u64>,
    /// Whether it takes no new tenants.
    draining: bool,
    /// It takes only tenants whose users all have one of these profiles; empty: any.
    profiles: Vec<String>,
    /// It takes only tenants that carry all of these labels.
    labels: BTreeMap<String, String>,
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
            places: PlacesView::example(),
            days_to_full: Some(203),
            draining: false,
            profiles: Vec::new(),
            labels: BTreeMap::new(),
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

    /// The cache as it is known now, and what lives in it.
    pub(super) fn new(cache: &Cache, counts: &BTreeMap<CacheName, CacheCount>) -> Self {
        let (config, seen) = (cache.config(), cache.view());
        let count = counts.get(&config.name).copied().unwrap_or(CacheCount::NONE);
        let places = cache.limits().with(count.users);
        let (replication_group, serverless_cache) = match config.target.clone() {
            CacheTarget::ReplicationGroup(id) => (Some(id), None),
            CacheTarget::ServerlessCache(name) => (None, Some(name)),
        };
        let admission = &config.admission;
        Self {
            name: config.name.to_string(),
            user_group: config.user_group.clone(),
            replication_group,
            serverless_cache,
            tenants: count.tenants,
            users: count.users,
            queue_depth: count.unsettled,
            user_quota: places.quota,
            headroom: seen.observed.as_ref().map(|_| places.free()),
            places: PlacesView::from(places),
            days_to_full: count.growth.days_to_full(places.free()),
            draining: admission.draining,
            profiles: admission.profiles.iter().map(ToString::to_string).collect(),
            labels: admission.labels.as_map().clone(),
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
