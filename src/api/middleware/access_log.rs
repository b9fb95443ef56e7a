//! One span around each request and one line for each answer.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;
use tracing::{Instrument, info, info_span};

use super::trace_context::TraceContext;
use crate::store::RequestId;

/// Handles the request in a span of its own and logs how it was answered.
///
/// The path that is logged is the route's (`/tenants/{name}`), never the caller's: a query or a
/// mistyped path may hold anything.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str);
    let span = info_span!(
        "request",
        request.method = %request.method(),
        request.route = route,
        request.id = request.extensions().get::<RequestId>().map(|id| id.0.as_str()),
        trace.id = request.extensions().get::<TraceContext>().map(TraceContext::trace_id),
    );
    async {
        let response = next.run(request).await;
        info!(
            response.status = response.status().as_u16(),
            response.after_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            "request answered"
        );
        response
    }
    .instrument(span)
    .await
}
