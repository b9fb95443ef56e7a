//! Where a cluster's nodes are, and what each is, as they say themselves.

use std::collections::HashMap;

use redis::{FromRedisValue as _, Value, aio::MultiplexedConnection, cmd};
use ringfence_acl::Engine;

use super::probes::Undecided;
use crate::domain::{Endpoint, NodeRole};

/// How the question for the nodes stands among the probes.
pub(super) fn question(engine: Engine) -> &'static str {
    // SLOTS leaves out nodes that are not in step, and their users may be out of step too.
    if engine.knows_command("cluster|shards") { "CLUSTER SHARDS" } else { "CLUSTER SLOTS" }
}

/// Asks a node for all nodes. Nothing if the tenant is refused the answer.
pub(super) async fn of_cluster(
    connection: &mut MultiplexedConnection,
    asked: &Endpoint,
    engine: Engine,
) -> Result<Option<Vec<Endpoint>>, Undecided> {
    let question = question(engine);
    let (container, command) = question.split_once(' ').unwrap_or((question, ""));
    let answer: Value = match cmd(container).arg(command).query_async(connection).await {
        Ok(answer) => answer,
        Err(error) if error.code() == Some("NOPERM") => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let nodes =
        if command == "SHARDS" { in_shards(answer, asked) } else { in_slots(answer, asked) };
    match nodes {
        Some(nodes) if !nodes.is_empty() => Ok(Some(distinct(nodes))),
        _ => Err(Undecided::Answer(format!("the answer to {question} cannot be read"))),
    }
}

/// Asks a node for its role. No access string can take HELLO away.
pub(super) async fn role_of(
    connection: &mut MultiplexedConnection,
) -> Result<NodeRole, redis::RedisError> {
    let answer: Value = cmd("HELLO").query_async(connection).await?;
    let role = fields(answer).and_then(|mut fields| text(fields.remove("role")?));
    Ok(match role.as_deref() {
        Some("master" | "primary") => NodeRole::Primary,
        Some("slave" | "replica") => NodeRole::Replica,
        _ => NodeRole::Unknown,
    })
}

/// Reads `[{slots, nodes: [{endpoint, port, tls-port, …}, …]}, …]`.
fn in_shards(answer: Value, asked: &Endpoint) -> Option<Vec<Endpoint>> {
    let mut nodes = Vec::new();
    for shard in list(answer)? {
        for node in list(fields(shard)?.remove("nodes")?)? {
            let mut node = fields(node)?;
            let (first, second) =
                if asked.tls { ("tls-port", "port") } else { ("port", "tls-port") };
            let port = node.remove(first).or_else(|| node.remove(second))?;
            nodes.push(endpoint(node.remove("endpoint"), port, asked)?);
        }
    }
    Some(nodes)
}

/// Reads `[[first, last, [endpoint, port, …], …], …]`.
fn in_slots(answer: Value, asked: &Endpoint) -> Option<Vec<Endpoint>> {
    let mut nodes = Vec::new();
    for range in list(answer)? {
        for node in list(range)?.into_iter().skip(2) {
            let mut parts = list(node)?.into_iter();
            let host = parts.next();
            nodes.push(endpoint(host, parts.next()?, asked)?);
        }
    }
    Some(nodes)
}

/// A node that names no host is where the question was asked.
fn endpoint(host: Option<Value>, port: Value, asked: &Endpoint) -> Option<Endpoint> {
    let host = host.and_then(text).filter(|host| !host.is_empty());
    let host = host.unwrap_or_else(|| asked.host.clone());
    // `?` is the engines' word for a name that they were not given.
    (host != "?").then_some(())?;
    Some(Endpoint { host, port: u16::from_redis_value(port).ok()?, tls: asked.tls })
}

/// Primaries of several slot ranges are named several times.
fn distinct(nodes: Vec<Endpoint>) -> Vec<Endpoint> {
    let mut distinct: Vec<Endpoint> = Vec::new();
    for node in nodes {
        if !distinct.contains(&node) {
            distinct.push(node);
        }
    }
    distinct
}

fn list(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(values) => Some(values),
        _ => None,
    }
}

/// A map, which RESP2 sends as a list.
fn fields(value: Value) -> Option<HashMap<String, Value>> {
    HashMap::from_redis_value(value).ok()
}

fn text(value: Value) -> Option<String> {
    Option::<String>::from_redis_value(value).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn asked(tls: bool) -> Endpoint {
        Endpoint { host: "configuration".to_owned(), port: 6379, tls }
    }

    fn places(nodes: Option<Vec<Endpoint>>) -> Vec<String> {
        nodes.unwrap().iter().map(Endpoint::authority).collect()
    }

    #[test]
    fn shards_tell_of_each_node_its_port_for_plain_text_and_for_tls() {
        let node = |host| {
            let ports = [bulk("port"), Value::Int(1), bulk("tls-port"), Value::Int(2)];
            Value::Array([bulk("endpoint"), host].into_iter().chain(ports).collect())
        };
        let nodes = Value::Array(vec![node(bulk("a")), node(Value::Nil)]);
        let shard = vec![bulk("slots"), Value::Array(Vec::new()), bulk("nodes"), nodes];
        let answer = Value::Array(vec![Value::Array(shard)]);
        assert_eq!(places(in_shards(answer.clone(), &asked(true))), ["a:2", "configuration:2"]);
        assert_eq!(places(in_shards(answer, &asked(false))), ["a:1", "configuration:1"]);
    }

    #[test]
    fn slots_name_a_node_for_each_of_its_ranges() {
        let node = |host: &str| Value::Array(vec![bulk(host), Value::Int(1), bulk("id")]);
        let range = |hosts: [&str; 2]| {
            let nodes = hosts.map(node);
            Value::Array([Value::Int(0), Value::Int(9)].into_iter().chain(nodes).collect())
        };
        let answer = Value::Array(vec![range(["a", "b"]), range(["a", ""])]);
        let nodes = in_slots(answer, &asked(false)).map(distinct);
        assert_eq!(places(nodes), ["a:1", "b:1", "configuration:1"]);
        assert!(in_slots(Value::Array(vec![range(["a", "?"])]), &asked(false)).is_none());
        assert!(in_slots(Value::Okay, &asked(false)).is_none());
    }
}
