//! ElastiCache in each account and Region, which know nothing of each other.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::layout::{Layout, Node};
use super::names::ReplicationGroupId;
use super::refusal::Refusal;
use super::{ElastiCache, EngineType};
use crate::place::Place;

/// Everything in every account and Region. One in which nobody was yet is as new.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Regions {
    /// By account, then by Region.
    accounts: BTreeMap<String, BTreeMap<String, ElastiCache>>,
}

/// A cache of all that there are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CacheKey {
    pub(crate) place: Place,
    pub(crate) id: ReplicationGroupId,
}

impl Regions {
    /// What a caller there sees.
    pub(crate) fn at(&mut self, place: &Place) -> &mut ElastiCache {
        let regions = self.accounts.entry(place.account.clone()).or_default();
        regions.entry(place.region.clone()).or_insert_with(|| ElastiCache::new(place))
    }

    /// Does everything that is due.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        for region in self.accounts.values_mut().flat_map(BTreeMap::values_mut) {
            region.settle(now);
        }
    }

    /// The moment at which something is due next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.all().filter_map(ElastiCache::next_due).min()
    }

    /// The caches that have engines now, each with the nodes it should have.
    pub(crate) fn running(&self) -> Vec<(CacheKey, Layout)> {
        let mut running = Vec::new();
        for (account, regions) in &self.accounts {
            for (region, here) in regions {
                let place = Place { region: region.clone(), account: account.clone() };
                running.extend(here.running().map(|(id, layout)| {
                    (CacheKey { place: place.clone(), id: id.clone() }, layout)
                }));
            }
        }
        running
    }

    /// The nodes of a cache that listen; of several with this id, those of the first.
    pub(crate) fn nodes_of(&self, cache: &str) -> Vec<Node> {
        self.all()
            .map(|here| here.nodes_of(cache))
            .find(|nodes| !nodes.is_empty())
            .unwrap_or_default()
    }

    /// Makes the next node of a shard its primary; of several caches with this id, in the first.
    pub(crate) fn fail_over(
        &mut self,
        cache: &str,
        shard: usize,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let id = ReplicationGroupId::parse(cache)?;
        let mut all = self.accounts.values_mut().flat_map(BTreeMap::values_mut);
        let here = all.find(|here| here.caches.contains_key(&id));
        here.ok_or_else(|| Refusal::cache_not_found(&id))?.fail_over(cache, shard, now)
    }

    /// A cache made for another engine than this, if there is one.
    pub(crate) fn cache_of_another_engine(&self, engine: EngineType) -> Option<&str> {
        self.all().find_map(|here| here.cache_of_another_engine(engine))
    }

    /// Everything, for a person or a test to look at; what is where, the ARNs say.
    pub(crate) fn dump(&self) -> Value {
        let dumps: Vec<Value> = self.all().map(ElastiCache::dump).collect();
        let joined = |member: &str| -> Value {
            dumps.iter().filter_map(|dump| dump[member].as_array()).flatten().cloned().collect()
        };
        json!({
            "users": joined("users"),
            "user_groups": joined("user_groups"),
            "replication_groups": joined("replication_groups"),
        })
    }

    fn all(&self) -> impl Iterator<Item = &ElastiCache> {
        self.accounts.values().flat_map(BTreeMap::values)
    }
}
