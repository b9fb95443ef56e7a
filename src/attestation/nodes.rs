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
        Some(nodes) if nodes.is_empty() => unreadable(question, "names no node"),
        Some(nodes) if share_a_place(&nodes) => unreadable(question, "puts two nodes at one place"),
        Some(nodes) => Ok(Some(nodes)),
        None => unreadable(question, "cannot be read"),
    }
}

fn unreadable(question: &str, why: &str) -> Result<Option<Vec<Endpoint>>, Undecided> {
    Err(Undecided::Answer(format!("the answer to {question} {why}")))
}

/// Whether one of the nodes would be tried in place of another.
fn share_a_place(nodes: &[Endpoint]) -> bool {
    nodes.iter().enumerate().any(|(place, node)| nodes[..place].contains(node))
}

/// What a node says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Introduction {
    pub(super) role: NodeRole,
    /// What it runs. Nothing if it has another name or a version of another form.
    pub(super) engine: Option<Engine>,
}

/// Asks a node what it is. No access string can take HELLO away.
pub(super) async fn introduce(
    connection: &mut MultiplexedConnection,
) -> Result<Introduction, redis::RedisError> {
    let answer: Value = cmd("HELLO").query_async(connection).await?;
    Ok(introduction(fields(answer).unwrap_or_default()))
}

fn introduction(mut fields: HashMap<String, Value>) -> Introduction {
    let mut said = |name| text(fields.remove(name)?);
    let role = match said("role").as_deref() {
        Some("master" | "primary") => NodeRole::Primary,
        Some("slave" | "replica") => NodeRole::Replica,
        _ => NodeRole::Unknown,
    };
    let kind = said("server").and_then(|name| name.parse().ok());
    let version = said("version").and_then(|version| version.parse().ok());
    let engine = kind.zip(version).map(|(kind, version)| Engine { kind, version });
    Introduction { role, engine }
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

/// Reads `[[first, last, [endpoint, port, id, …], …], …]`, where a node stands in each of its ranges.
fn in_slots(answer: Value, asked: &Endpoint) -> Option<Vec<Endpoint>> {
    let mut nodes: Vec<(String, Endpoint)> = Vec::new();
    for range in list(answer)? {
        for node in list(range)?.into_iter().skip(2) {
            let mut parts = list(node)?.into_iter();
            let host = parts.next();
            let endpoint = endpoint(host, parts.next()?, asked)?;
            let id = text(parts.next()?)?;
            if !nodes.iter().any(|(known, _)| *known == id) {
                nodes.push((id, endpoint));
            }
        }
    }
    Some(nodes.into_iter().map(|(_, endpoint)| endpoint).collect())
}

/// A node that names no host is where the question was asked.
pub(super) fn endpoint(host: Option<Value>, port: Value, asked: &Endpoint) -> Option<Endpoint> {
    let host = host.and_then(text).filter(|host| !host.is_empty());
    let host = host.unwrap_or_else(|| asked.host.clone());
    // `?` is the engines' word for a name that they were not given.
    (host != "?").then_some(())?;
    Some(Endpoint { host, port: u16::from_redis_value(port).ok()?, tls: asked.tls })
}

pub(super) fn list(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(values) => Some(values),
        _ => None,
    }
}

/// A map, which RESP2 sends as a list.
pub(super) fn fields(value: Value) -> Option<HashMap<String, Value>> {
    HashMap::from_redis_value(value).ok()
}

pub(super) fn text(value: Value) -> Option<String> {
    Option::<String>::from_redis_value(value).ok().flatten()
}

#[cfg(test)]
mod tests {
    use ringfence_acl::EngineKind;

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
        let node =
            |(host, id): (&str, &str)| Value::Array(vec![bulk(host), Value::Int(1), bulk(id)]);
        let range = |nodes: [(&str, &str); 2]| {
            let nodes = nodes.map(node);
            Value::Array([Value::Int(0), Value::Int(9)].into_iter().chain(nodes).collect())
        };
        let (a, b) = (("a", "1"), ("b", "2"));
        let slots = |ranges: Vec<Value>| in_slots(Value::Array(ranges), &asked(false));
        let nodes = slots(vec![range([a, b]), range([a, ("", "3")])]);
        assert!(!share_a_place(nodes.as_deref().unwrap()));
        assert_eq!(places(nodes), ["a:1", "b:1", "configuration:1"]);
        assert!(slots(vec![range([a, ("?", "2")])]).is_none());
        assert!(in_slots(Value::Okay, &asked(false)).is_none());
    }

    /// Without endpoints of their own all nodes would be the one that was asked.
    #[test]
    fn two_nodes_at_one_place_are_seen_to_be_two() {
        let nowhere = |id| Value::Array(vec![Value::Nil, Value::Int(1), bulk(id)]);
        let range = vec![Value::Int(0), Value::Int(9), nowhere("1"), nowhere("2")];
        let slots = in_slots(Value::Array(vec![Value::Array(range)]), &asked(false));
        assert!(share_a_place(&slots.unwrap()));
        let nowhere = || Value::Array(vec![bulk("port"), Value::Int(1)]);
        let shard = vec![bulk("nodes"), Value::Array(vec![nowhere(), nowhere()])];
        let shards = in_shards(Value::Array(vec![Value::Array(shard)]), &asked(false));
        assert!(share_a_place(&shards.unwrap()));
    }

    #[test]
    fn a_node_says_its_role_and_its_engine() {
        let said = |server, version| {
            let fields = [("role", "master"), ("server", server), ("version", version)];
            introduction(fields.map(|(name, text)| (name.to_owned(), bulk(text))).into())
        };
        let engine = Engine { kind: EngineKind::Valkey, version: "9.1.2".parse().unwrap() };
        let known = Introduction { role: NodeRole::Primary, engine: Some(engine) };
        assert_eq!(said("valkey", "9.1.2"), known);
        for (server, version) in [("valkey", "unstable"), ("keydb", "6.3.4")] {
            assert_eq!(said(server, version), Introduction { engine: None, ..known });
        }
        assert_eq!(introduction(HashMap::new()).role, NodeRole::Unknown);
    }
}
