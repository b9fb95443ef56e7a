//! One span around each request and one line for each answer.

use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use tokio::time::Instant;
use tracing::{Instrument, Span, debug, field::Empty, info, info_span};

use super::{admission::PROBES, identity::Identity};
use crate::{api::metrics::NO_ROUTE, domain::TenantName};

/// A request that is being handled.
pub(super) struct AccessLog {
    span: Span,
    began: Instant,
    is_probe: bool,
}

/// Opens the span of a request.
///
/// The path that is logged is the route's (`/tenants/{name}`), never the caller's: a query or a
/// mistyped path may hold anything. A tenant is named once its name has been checked.
pub(super) fn begin(request: &Request, identity: &Identity) -> AccessLog {
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str);
    let span = info_span!(
        "request",
        request.method = %request.method(),
        request.route = route,
        request.id = identity.id.0.as_str(),
        trace.id = identity.trace.trace_id_text(),
        tenant.name = Empty,
    );
    let is_probe = PROBES.contains(&route);
    AccessLog { span, began: Instant::now(), is_probe }
}

impl AccessLog {
    /// Has the request answered inside its span, and logs how it was.
    pub(super) async fn answered(self, answer: impl Future<Output = Response>) -> Response {
        let Self { span, began, is_probe } = self;
        async {
            let response = answer.await;
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
}

/// Names the tenant that the request is about.
pub(crate) fn name_tenant(name: &TenantName) {
    Span::current().record("tenant.name", tracing::field::display(name));
}
