//! A collector of traces, which takes what any other would be sent.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1 as otlp,
};
use prost::Message as _;
use tokio::{net::TcpListener, task::JoinSet, time::MissedTickBehavior};

/// Listens on loopback until it is dropped.
pub(super) struct Collector {
    address: SocketAddr,
    received: Received,
    /// Ends with the collector.
    _server: JoinSet<()>,
}

type Received = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A span as it came.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) name: String,
    pub(super) kind: otlp::span::SpanKind,
    pub(super) trace: String,
    pub(super) id: String,
    pub(super) parent: String,
    /// Traces and spans.
    pub(super) links: Vec<(String, String)>,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) failed: bool,
    /// Attributes of who has sent it.
    pub(super) resource: BTreeMap<String, String>,
}

impl Collector {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Received::default();
        let router = Router::new().route("/v1/traces", post(take)).with_state(received.clone());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, received, _server: server }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Forgets what has come.
    pub(super) fn clear(&self) {
        self.received.lock().unwrap().clear();
    }

    /// The headers of each message that has come.
    pub(super) fn headers(&self) -> Vec<HeaderMap> {
        self.received.lock().unwrap().iter().map(|(headers, _)| headers.clone()).collect()
    }

    /// All that has come, byte by byte.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.received.lock().unwrap().iter().flat_map(|(_, body)| body.to_vec()).collect()
    }

    /// All spans that have come.
    pub(super) fn spans(&self) -> Vec<Span> {
        let received = self.received.lock().unwrap().clone();
        received.into_iter().flat_map(|(_, body)| read(body)).collect()
    }

    /// All spans, once what is looked for is found among them.
    pub(super) async fn until<T>(&self, find: impl Fn(&[Span]) -> Option<T>) -> T {
        let mut looks = tokio::time::interval(Duration::from_millis(10));
        // What is looked for has to come in meanwhile.
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for _ in 0..6_000 {
            if let Some(found) = find(&self.spans()) {
                return found;
            }
            looks.tick().await;
        }
        panic!("it never came: {:#?}", self.spans());
    }
}

async fn take(State(received): State<Received>, headers: HeaderMap, body: Bytes) {
    received.lock().unwrap().push((headers, body));
}

fn read(body: Bytes) -> Vec<Span> {
    let message = ExportTraceServiceRequest::decode(body).unwrap();
    let mut spans = Vec::new();
    for of_resource in message.resource_spans {
        let resource = attributes(of_resource.resource.unwrap().attributes);
        for span in of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            spans.push(Span {
                kind: span.kind(),
                trace: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                links: span.links.iter().map(|l| (hex(&l.trace_id), hex(&l.span_id))).collect(),
                attributes: attributes(span.attributes),
                failed: span.status.is_some_and(|s| s.code() == otlp::status::StatusCode::Error),
                name: span.name,
                resource: resource.clone(),
            });
        }
    }
    spans
}

fn attributes(of: Vec<KeyValue>) -> BTreeMap<String, String> {
    of.into_iter()
        .map(|it| (it.key, it.value.and_then(|value| value.value).map(text).unwrap()))
        .collect()
}

fn text(value: Value) -> String {
    match value {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
