//! What happens to every request, whatever it asks for.
//!
//! The order in [`handle`] carries meaning: problems get their body inside the access log, which so
//! sees their real status, and outside of the time limit and the panic guard, whose problems so get a
//! body too. What libraries do is in [`around`].

mod access_log;
mod admission;
mod fallbacks;
mod identity;
mod negotiation;
mod panics;
mod problem_bodies;
mod request_span;
mod response_headers;
mod time_limit;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

pub(super) use self::access_log::name_tenant;
use self::{identity::Identity, request_span::RequestSpan};
use super::{access::Guard, extract::BODY_SIZE_MAX, problem::Problem};

/// Puts all of it around the router.
pub(super) fn around(router: Router, guard: Guard) -> Router {
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(Arc::new(guard), handle))
        .layer(CatchPanicLayer::custom(panics::answer))
        .layer(DefaultBodyLimit::max(BODY_SIZE_MAX));
    router
        .fallback(fallbacks::no_such_path)
        .method_not_allowed_fallback(fallbacks::no_such_method)
        .layer(layers)
}

/// Puts the layer of content negotiation around operations that answer with JSON.
pub(super) fn answering_json(router: Router) -> Router {
    router.layer(from_fn(negotiation::require_json))
}

/// One layer for all that is ours, because such a layer copies, for each request, what is inside it.
async fn handle(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let span = RequestSpan::begin(&request);
    let identity = Identity::of(&guard.api, request.headers(), span.context());
    span.name(&identity.id);
    let counted = guard.api.meters.requests.begin(&request);
    let log = access_log::begin(&request, &identity);
    let uri = request.uri().clone();
    let limit = time_limit::of(request.headers(), guard.api.settings);

    let answer = async {
        let admitted = async {
            let passed = admission::pass(&guard, &identity, request, next).await;
            passed.unwrap_or_else(IntoResponse::into_response)
        };
        let response = time_limit::enforce(limit, admitted).await;
        if let Some(problem) = response.extensions().get::<Problem>() {
            guard.api.meters.requests.note(problem.code());
        }
        problem_bodies::write(response, uri.path(), &identity.id)
    };
    let mut response = span.around(log.answered(answer)).await;
    span.answered(response.status());
    counted.answered(response.status());
    identity.write(response.headers_mut());
    response_headers::write(response.headers_mut(), guard.api.scheme);
    response
}
