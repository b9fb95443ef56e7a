//! Who uses the user `default`, as callers see it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{ClientRefusal, ClientSource, DefaultUserActivity, Endpoint, SourceActivity},
    reconcile::Cache,
};

/// Who uses the user `default` of a cache, by what all its nodes told at one moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DefaultUserActivity)]
pub(crate) struct DefaultUserActivityView {
    /// The cache.
    #[schema(example = "main")]
    cache: String,
    /// When the nodes were asked.
    at: Timestamp,
    /// Which nodes were asked. If one does not answer, there is no answer at all.
    #[schema(example = json!(["10.0.3.7:6379"]))]
    nodes: Vec<String>,
    /// How many connections there are.
    #[schema(example = 3)]
    connections: u64,
    /// How many times somebody was refused something, as far as the nodes remember.
    #[schema(example = 1)]
    refusals: u64,
    /// The clients, in the order of their addresses.
    sources: Vec<ActivitySource>,
}

/// A client, and what it does as the user `default`.
#[derive(Debug, Serialize, ToSchema)]
struct ActivitySource {
    /// Where it comes from, without the port.
    #[schema(example = "10.0.1.5")]
    address: String,
    /// The name that it has given itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "checkout")]
    client_name: Option<String>,
    /// Its library and that one's version, if it told them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "redis-py 5.2.1")]
    library: Option<String>,
    /// How many connections it has, on all nodes.
    #[schema(example = 3)]
    connections: u64,
    /// For how many seconds the least idle of them has sent nothing; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 4)]
    idle_seconds: Option<u64>,
    /// What they sent last, whether or not it was allowed.
    #[schema(example = json!(["get", "hset"]))]
    last_commands: BTreeSet<String>,
    /// What it was refused.
    refused: Vec<ActivityRefusal>,
}

/// Something that a client was refused.
#[derive(Debug, Serialize, ToSchema)]
struct ActivityRefusal {
    /// The engine's word for why: `auth`, `command`, `key`, `channel` …
    #[schema(example = "auth")]
    reason: String,
    /// The command.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "auth")]
    command: Option<String>,
    /// How many times.
    #[schema(example = 1)]
    count: u64,
    /// How many seconds ago the last of them was.
    #[schema(example = 12)]
    seconds_ago: u64,
}

impl DefaultUserActivityView {
    /// What is seen of a cache in the API document.
    pub(super) fn example() -> Self {
        let from = |address: &str, client_name: Option<&str>| ActivitySource {
            address: address.to_owned(),
            client_name: client_name.map(str::to_owned),
            library: None,
            connections: 0,
            idle_seconds: None,
            last_commands: BTreeSet::new(),
            refused: Vec::new(),
        };
        let checkout = ActivitySource {
            library: Some("redis-py 5.2.1".to_owned()),
            connections: 3,
            idle_seconds: Some(4),
            last_commands: ["get".to_owned(), "hset".to_owned()].into(),
            ..from("10.0.1.5", Some("checkout"))
        };
        let (reason, command) = ("auth".to_owned(), Some("auth".to_owned()));
        let refused = vec![ActivityRefusal { reason, command, count: 1, seconds_ago: 12 }];
        Self {
            cache: "main".to_owned(),
            // 2026-11-21T20:15:00Z
            at: Timestamp::constant(1_795_292_100, 0),
            nodes: vec!["10.0.3.7:6379".to_owned(), "10.0.4.9:6379".to_owned()],
            connections: 3,
            refusals: 1,
            sources: vec![checkout, ActivitySource { refused, ..from("10.0.1.77", None) }],
        }
    }

    /// What was seen.
    pub(super) fn new(
        cache: &Cache,
        at: Timestamp,
        nodes: &[Endpoint],
        activity: DefaultUserActivity,
    ) -> Self {
        Self {
            cache: cache.config().name.to_string(),
            at,
            nodes: nodes.iter().map(Endpoint::authority).collect(),
            connections: activity.n_connections(),
            refusals: activity.n_refusals(),
            sources: sources(activity.0),
        }
    }
}

fn sources(seen: BTreeMap<ClientSource, SourceActivity>) -> Vec<ActivitySource> {
    let source = |(client, activity): (ClientSource, SourceActivity)| ActivitySource {
        address: client.address,
        client_name: client.client_name,
        library: client.library,
        connections: activity.n_connections,
        idle_seconds: activity.idle.map(|idle| idle.as_secs()),
        last_commands: activity.last_commands,
        refused: activity.refused.into_iter().map(ActivityRefusal::from).collect(),
    };
    seen.into_iter().map(source).collect()
}

impl From<ClientRefusal> for ActivityRefusal {
    fn from(refusal: ClientRefusal) -> Self {
        let ClientRefusal { reason, command, count, ago } = refusal;
        Self { reason, command, count, seconds_ago: ago.as_secs() }
    }
}
