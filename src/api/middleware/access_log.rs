//! One span around each request and one line for each answer.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;
use tracing::{Instrument, Span, debug, field::Empty, info, info_span};

use super::trace_context::TraceContext;
use crate::domain::{RequestId, TenantName};

/// Handles the request in a span of its own and logs how it was answered.
///
/// The path that is logged is the route's (`/tenants/{name}`), never the caller's: a query or a
/// mistyped path may hold anything. A tenant is named once its name has been checked.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str);
    let is_probe = matches!(route, "/livez" | "/readyz" | "/metrics");
    let span = info_span!(
        "request",
        request.method = %request.method(),
        request.route = route,
        request.id = request.extensions().get::<RequestId>().map(|id| id.0.as_str()),
        trace.id = request.extensions().get::<TraceContext>().map(TraceContext::trace_id),
        tenant.name = Empty,
    );
    async {
        let response = next.run(request).await;
        let status = response.status();
        let after_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        // Probes come every few seconds for as long as the service lives.
        if is_probe && status.is_success() {
            debug!(
                response.status = status.as_u16(),
                response.after_ms = after_ms,
                "probe answered"
            );
        } else {
            info!(
                response.status = status.as_u16(),
                response.after_ms = after_ms,
                "request answered"
            );
        }
        response
    }
    .instrument(span)
    .await
}

/// Names the tenant that the request is about.
pub(crate) fn name_tenant(name: &TenantName) {
    Span::current().record("tenant.name", tracing::field::display(name));
}
