//! The knobs at run time, in process and over HTTP.

mod http;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

pub(crate) use self::http::routes;

use crate::calls::CallRecord;
use crate::elasticache::Node;
use crate::faults::Fault;
use crate::knobs::Settings;
use crate::simulation::{NodeError, Simulation};
use crate::state::StateError;

/// The knobs of a running simulator, for whoever is in the same process.
///
/// The same can be done over HTTP under `/_simulator/`; the crate's README says how.
#[derive(Clone)]
pub struct Control {
    simulation: Arc<Simulation>,
}

impl Control {
    pub(crate) fn new(simulation: Arc<Simulation>) -> Self {
        Self { simulation }
    }

    /// Arms a fault. Of several that fit a call the oldest strikes.
    pub fn add_fault(&self, fault: Fault) {
        self.simulation.faults.add(fault);
    }

    /// The faults that are armed, with what is left of their counts.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.simulation.faults.list()
    }

    /// Disarms all faults.
    pub fn clear_faults(&self) {
        self.simulation.faults.clear();
    }

    /// Lets the calls that a fault delays now have their effect.
    pub fn release_delayed(&self) {
        self.simulation.faults.release();
    }

    /// Where the knobs stand.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.simulation.settings()
    }

    /// Turns knobs. What has begun already keeps the time it was given.
    pub fn change_settings<T>(&self, change: impl FnOnce(&mut Settings) -> T) -> T {
        self.simulation.change_settings(change)
    }

    /// The simulator's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.simulation.clock.now()
    }

    /// Moves the simulator's time forward and does what has become due by that.
    pub async fn advance_clock(&self, by: Duration) -> Result<Timestamp, StateError> {
        self.simulation.advance_clock(by).await
    }

    /// Every call so far, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<CallRecord> {
        self.simulation.calls.list(0)
    }

    /// How many calls there were, also those that are not remembered any more.
    #[must_use]
    pub fn call_count(&self) -> u64 {
        self.simulation.calls.count()
    }

    /// Forgets the calls so far. Numbers go on.
    pub fn clear_calls(&self) {
        self.simulation.calls.clear();
    }

    /// The nodes of a cache, shard by shard; none if there is no such cache or it does not run yet.
    pub async fn nodes(&self, cache: &str) -> Vec<Node> {
        self.simulation.nodes(cache).await
    }

    /// Makes a replica the primary of a shard, counted from 1. It is so when this is over.
    pub async fn fail_over(&self, cache: &str, shard: usize) -> Result<(), NodeError> {
        self.simulation.fail_over(cache, shard).await
    }

    /// The users that one node's engine knows, as its `ACL LIST` words them, with the simulator's own.
    pub async fn engine_users(&self, node: SocketAddr) -> Result<Vec<String>, NodeError> {
        self.simulation.engine_users(node).await
    }

    /// Gives a user of one node further rules, as `ACL SETUSER` takes them, behind the back of
    /// ElastiCache: neither the API nor the other nodes know of it. It lasts until the user is
    /// changed or the engine starts anew.
    pub async fn change_engine_user(
        &self,
        node: SocketAddr,
        name: &str,
        rules: &[&str],
    ) -> Result<(), NodeError> {
        self.simulation.change_engine_user(node, name, rules).await
    }

    /// Everything there is: users with tags, access string and SHA-256 of passwords; user groups;
    /// replication groups; secrets with SHA-256 of values.
    pub async fn dump(&self) -> Value {
        let stage = self.simulation.settled().await;
        let mut dump = stage.world.elasticache.dump();
        dump["secrets"] = stage.world.secrets.dump();
        dump
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}
