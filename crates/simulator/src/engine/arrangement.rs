//! Who is primary and who is replica: the engines are looked at and told what to do, again and
//! again, until they are as they should be.

use std::collections::BTreeMap;
use std::time::Duration;

use redis::{ErrorKind, RedisResult};
use tokio::time::Instant;

use super::engines::EngineError;
use super::node::Node;
use super::{cluster, replication};
use crate::elasticache::Layout;

/// How long the engines may take to agree.
const LIMIT: Duration = Duration::from_secs(30);

/// How far apart they are looked at.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// An order that had no effect by then is given once more: engines give up a failover after five
/// seconds.
const PATIENCE: Duration = Duration::from_secs(6);

/// A command for one engine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    /// Its place among all nodes.
    pub(super) node: usize,
    pub(super) words: Vec<String>,
}

impl Order {
    pub(super) fn new(node: usize, words: impl IntoIterator<Item = impl ToString>) -> Self {
        Self { node, words: words.into_iter().map(|word| word.to_string()).collect() }
    }
}

/// What a look at the engines showed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Assessment {
    /// Everything is as it should be.
    Settled,
    /// This is to be done; if nothing, then the engines are at it.
    Unsettled(Vec<Order>),
}

/// Brings the engines of the cache `name` into this layout.
pub(super) async fn arrange(
    name: &str,
    nodes: &mut [Node],
    layout: &Layout,
) -> Result<(), EngineError> {
    let deadline = Instant::now() + LIMIT;
    let mut given = BTreeMap::new();
    let unreachable = |source| EngineError::Unreachable { cache: name.to_owned(), source };
    while Instant::now() < deadline {
        let look = if layout.cluster_mode {
            cluster::look(nodes, layout).await
        } else {
            replication::look(nodes, &layout.shards[0]).await
        };
        let Assessment::Unsettled(orders) = look.map_err(unreachable)? else { return Ok(()) };
        for order in orders {
            let again = given.get(&order).is_none_or(|at: &Instant| at.elapsed() > PATIENCE);
            if again {
                give(nodes, &order).await.map_err(unreachable)?;
                given.insert(order, Instant::now());
            }
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Err(EngineError::Disordered { cache: name.to_owned() })
}

/// An engine that refuses is not ready for the order: the next looks will tell.
async fn give(nodes: &mut [Node], order: &Order) -> RedisResult<()> {
    let words: Vec<&str> = order.words.iter().map(String::as_str).collect();
    match nodes[order.node].admin.ask::<redis::Value>(&words).await {
        Err(error) if matches!(error.kind(), ErrorKind::Server(_)) => {
            tracing::debug!(command = words[0], %error, "an engine refused an order");
            Ok(())
        }
        result => result.map(|_| ()),
    }
}
