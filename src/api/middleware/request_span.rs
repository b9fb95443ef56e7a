//! The span of a request in the traces that are exported, if they are.
//!
//! Attributes are those of <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>, but for the path and
//! the query: there may stand anything in them.

use axum::{
    extract::{MatchedPath, Request},
    http::{Method, StatusCode},
};
use tracing::{Instrument as _, Span, field::Empty, info_span, instrument::Instrumented};

use super::{admission::PROBES, identity::given_trace};
use crate::{
    api::metrics::NO_ROUTE,
    domain::{RequestId, TraceContext},
    telemetry,
};

/// A request that is being answered, as its caller's trace sees it.
pub(super) struct RequestSpan(Span);

impl RequestSpan {
    /// Begins a span, within the caller's if it names one. Probes have none: they come every few seconds for
    /// as long as the service lives.
    pub(super) fn begin(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str);
        if PROBES.contains(&route) {
            return Self(Span::none());
        }
        let method = known_method(request.method());
        let span = info_span!(
            target: telemetry::TARGET,
            "request",
            otel.name = format_args!("{method} {route}"),
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = method,
            http.route = route,
            http.response.status_code = Empty,
            "error.type" = Empty,
            ringfence.request_id = Empty,
        );
        if let Some(caller) = given_trace(request.headers()) {
            telemetry::set_parent(&span, caller);
        }
        Self(span)
    }

    /// Which span it is; `None` if none is made.
    pub(super) fn context(&self) -> Option<TraceContext> {
        telemetry::context(&self.0)
    }

    /// Says which request it is, as log lines do.
    pub(super) fn name(&self, request: &RequestId) {
        self.0.record("ringfence.request_id", request.0.as_str());
    }

    /// Has the request answered within the span.
    pub(super) fn around<F>(&self, answer: F) -> Instrumented<F> {
        answer.instrument(self.0.clone())
    }

    /// Says how it was answered.
    pub(super) fn answered(self, status: StatusCode) {
        let Self(span) = self;
        span.record("http.response.status_code", i64::from(status.as_u16()));
        if status.is_server_error() {
            span.record("otel.status_code", "ERROR");
            span.record("error.type", status.as_str());
        }
    }
}

/// A caller may write any word for a method.
fn known_method(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.as_str(),
        _ => "_OTHER",
    }
}
