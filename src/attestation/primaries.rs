//! The nodes of a cache that take writes, and which life each is in.

use redis::{InfoDict, RedisResult, Value, aio::MultiplexedConnection, cmd};

use super::{
    login::{Attestor, Subject},
    nodes::{endpoint, list, text},
    probes::Undecided,
};
use crate::domain::{CacheNodes, Endpoint, PrimaryLife};

/// How many slots a cluster has
/// (<https://valkey.io/topics/cluster-spec/#key-distribution-model>).
const SLOTS: u32 = 16_384;

/// A node that takes writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Primary {
    pub(super) endpoint: Endpoint,
    pub(super) life: PrimaryLife,
}

/// What a node says of itself in `INFO`.
struct SelfReport {
    is_primary: bool,
    is_of_cluster: bool,
    /// Its run, and what it replicates as, which changes when a replica is promoted
    /// (<https://valkey.io/topics/replication/>).
    life: String,
}

/// A node that owns slots of a cluster, and these.
#[derive(Debug, PartialEq, Eq)]
struct SlotOwner {
    endpoint: Endpoint,
    ranges: Vec<(u32, u32)>,
}

impl Attestor {
    /// All primaries of a cache, in an order of their own. Answers in words why they cannot be told: a
    /// key may be where nobody has looked.
    pub(super) async fn primaries(&self, subject: &Subject<'_>) -> Result<Vec<Primary>, String> {
        let asked = subject.endpoint;
        let mut connection = self.log_in(asked, subject).await.map_err(|e| at(asked, e))?;
        let report = introduce(&mut connection).await.map_err(|e| at(asked, e))?;
        if report.is_of_cluster {
            let slots = cmd("CLUSTER").arg("SLOTS").query_async(&mut connection).await;
            let owners = slot_owners(slots.map_err(|e| at(asked, e))?, asked)
                .ok_or("the answer to CLUSTER SLOTS cannot be read")?;
            return self.owners(owners, subject).await;
        }
        self.among(listed(subject)?, subject).await
    }

    /// Those that own the slots of a cluster. One that is no primary any more knows better than the
    /// node that was asked.
    async fn owners(
        &self,
        owners: Vec<SlotOwner>,
        subject: &Subject<'_>,
    ) -> Result<Vec<Primary>, String> {
        let n_slots: u32 = owners.iter().flat_map(|it| &it.ranges).map(|(a, b)| b - a + 1).sum();
        if n_slots != SLOTS {
            return Err(format!("{n_slots} of the cluster's {SLOTS} slots have an owner"));
        }
        let mut primaries = Vec::new();
        for SlotOwner { endpoint, ranges } in owners {
            let report = self.introduced(&endpoint, subject).await?;
            if !report.is_primary {
                return Err(format!("{} is no primary any more", endpoint.authority()));
            }
            let life = format!("{} {ranges:?}", report.life);
            primaries.push(primary(endpoint, life));
        }
        Ok(primaries)
    }

    /// Those of these nodes that say that they are.
    async fn among(
        &self,
        nodes: &[Endpoint],
        subject: &Subject<'_>,
    ) -> Result<Vec<Primary>, String> {
        let mut primaries = Vec::new();
        for endpoint in nodes {
            let report = self.introduced(endpoint, subject).await?;
            if report.is_primary {
                primaries.push(primary(endpoint.clone(), report.life));
            }
        }
        if primaries.is_empty() {
            return Err("no node that can be reached says that it is the primary".to_owned());
        }
        Ok(primaries)
    }

    async fn introduced(
        &self,
        endpoint: &Endpoint,
        subject: &Subject<'_>,
    ) -> Result<SelfReport, String> {
        let mut connection =
            self.log_in(endpoint, subject).await.map_err(|error| at(endpoint, error))?;
        introduce(&mut connection).await.map_err(|error| at(endpoint, error))
    }
}

/// What went wrong on a node, in words.
pub(super) fn at(endpoint: &Endpoint, error: redis::RedisError) -> String {
    format!("{}: {}", endpoint.authority(), Undecided::from(error).why())
}

fn primary(endpoint: Endpoint, life: String) -> Primary {
    let life = PrimaryLife { node: endpoint.authority(), life };
    Primary { endpoint, life }
}

/// The nodes of a cache that is no cluster.
fn listed<'a>(subject: &Subject<'a>) -> Result<&'a [Endpoint], String> {
    match subject.nodes {
        CacheNodes::Listed { unplaced, .. } if !unplaced.is_empty() => {
            Err(format!("AWS does not tell where the node {} is", unplaced.join(", ")))
        }
        CacheNodes::Listed { nodes, .. } => Ok(nodes),
        CacheNodes::ToldByCluster => Ok(std::slice::from_ref(subject.endpoint)),
    }
}

async fn introduce(connection: &mut MultiplexedConnection) -> RedisResult<SelfReport> {
    let info: InfoDict = cmd("INFO").query_async(connection).await?;
    let said = |field| info.get::<String>(field).unwrap_or_default();
    Ok(SelfReport {
        is_primary: said("role") == "master",
        is_of_cluster: said("cluster_enabled") == "1",
        life: format!("{} {}", said("run_id"), said("master_replid")),
    })
}

/// Reads `[[first, last, [endpoint, port, id, …], …], …]`, where the first node of a range owns it.
fn slot_owners(answer: Value, asked: &Endpoint) -> Option<Vec<SlotOwner>> {
    let mut owners: Vec<(String, SlotOwner)> = Vec::new();
    for range in list(answer)? {
        let mut range = list(range)?.into_iter();
        let (first, last) = (number(range.next()?)?, number(range.next()?)?);
        let slots = (first, last.max(first));
        let mut owner = list(range.next()?)?.into_iter();
        let host = owner.next();
        let endpoint = endpoint(host, owner.next()?, asked)?;
        let id = text(owner.next()?)?;
        match owners.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => known.ranges.push(slots),
            None => owners.push((id, SlotOwner { endpoint, ranges: vec![slots] })),
        }
    }
    // Nodes tell the ranges in no order that they promise.
    for (_, owner) in &mut owners {
        owner.ranges.sort_unstable();
    }
    owners.sort_by(|(one, _), (other, _)| one.cmp(other));
    Some(owners.into_iter().map(|(_, owner)| owner).collect())
}

fn number(value: Value) -> Option<u32> {
    redis::FromRedisValue::from_redis_value(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_node_of_a_range_owns_it() {
        let asked = Endpoint { host: "configuration".to_owned(), port: 6379, tls: false };
        let bulk = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        let node =
            |(host, id): (&str, &str)| Value::Array(vec![bulk(host), Value::Int(1), bulk(id)]);
        let range = |first, last, nodes: [(&str, &str); 2]| {
            let slots = [Value::Int(first), Value::Int(last)];
            Value::Array(slots.into_iter().chain(nodes.map(node)).collect())
        };
        let answer = Value::Array(vec![
            range(9, 9, [("b", "2"), ("c", "3")]),
            range(5, 8, [("a", "1"), ("c", "3")]),
            range(0, 4, [("b", "2"), ("", "4")]),
        ]);
        let owners = slot_owners(answer, &asked).unwrap();
        let owners: Vec<_> =
            owners.iter().map(|owner| (owner.endpoint.authority(), &owner.ranges[..])).collect();
        assert_eq!(owners, [("a:1".into(), &[(5, 8)][..]), ("b:1".into(), &[(0, 4), (9, 9)][..])]);
        assert!(slot_owners(Value::Okay, &asked).is_none());
    }
}
