//! The span of a login to an engine in the traces that are exported, if they are.
//!
//! Attributes are those of <https://opentelemetry.io/docs/specs/semconv/db/redis/>. Who logs in, and with what, is
//! not among them.

use redis::RedisResult;
use ringfence_acl::Engine;
use tracing::{Instrument as _, field::Empty, info_span};

use crate::{domain::Endpoint, telemetry};

/// Has a login tried within a span, and says how it ended.
pub(super) async fn around<T>(
    node: &Endpoint,
    engine: Engine,
    login: impl Future<Output = RedisResult<T>>,
) -> RedisResult<T> {
    let span = info_span!(
        target: telemetry::TARGET,
        "AUTH",
        otel.kind = "client",
        otel.status_code = Empty,
        db.system.name = %engine.kind,
        db.operation.name = "AUTH",
        server.address = node.host.as_str(),
        server.port = i64::from(node.port),
        "error.type" = Empty,
    );
    let answer = login.instrument(span.clone()).await;
    if let Err(error) = &answer {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", error.code().unwrap_or("io"));
    }
    answer
}
