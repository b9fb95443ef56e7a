//! The nodes of the caches, for those who do to them what AWS or an intruder would.

use std::net::SocketAddr;

use super::Simulation;
use crate::elasticache::Node;

/// A node cannot be made what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// There is no such cache, shard or replica.
    #[error("{why}")]
    Refused {
        /// As the API would word it.
        why: String,
    },
    /// No engine listens there.
    #[error("no node listens on {node}")]
    UnknownNode {
        /// The address that was given.
        node: SocketAddr,
    },
    /// The engines do not do it.
    #[error("the engines do not obey")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Simulation {
    pub(crate) async fn nodes(&self, cache: &str) -> Vec<Node> {
        self.settled().await.world.elasticache.nodes_of(cache)
    }

    /// Nobody is shown the new roles before the engines have them.
    pub(crate) async fn fail_over(&self, cache: &str, shard: usize) -> Result<(), NodeError> {
        let mut stage = self.settled().await;
        let mut next = stage.world.elasticache.clone();
        next.fail_over(cache, shard, self.clock.now())
            .map_err(|refusal| NodeError::Refused { why: refusal.message })?;
        let pubsub = self.settings().behaviour.acl_pubsub_default;
        stage
            .engines
            .follow(&mut next, pubsub)
            .await
            .map_err(|error| NodeError::Engine(error.into()))?;
        stage.world.elasticache = next;
        stage.look_for_what_is_due();
        stage.save().map_err(|error| NodeError::Engine(error.into()))
    }

    pub(crate) async fn engine_users(&self, node: SocketAddr) -> Result<Vec<String>, NodeError> {
        let mut stage = self.settled().await;
        let found = stage.engines.users_on(node).await;
        let found = found.map_err(|error| NodeError::Engine(error.into()))?;
        found.ok_or(NodeError::UnknownNode { node })
    }

    pub(crate) async fn change_engine_user(
        &self,
        node: SocketAddr,
        name: &str,
        rules: &[&str],
    ) -> Result<(), NodeError> {
        let mut stage = self.settled().await;
        let found = stage.engines.meddle(node, name, rules).await;
        let found = found.map_err(|error| NodeError::Engine(error.into()))?;
        if found { Ok(()) } else { Err(NodeError::UnknownNode { node }) }
    }
}
