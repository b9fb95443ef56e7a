//! What happens to every request, whatever it asks for.
//!
//! The order in [`handle`] carries meaning: problems get their body inside the access log, which so
//! sees their real status, and outside of the time limit and the panic guard, whose problems so get a
//! body too. What libraries do is in [`around`].

mod access_log;
mod fallbacks;
mod identity;
mod negotiation;
mod panics;
mod problem_bodies;
mod time_limit;
mod trace_context;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};

pub(super) use self::access_log::name_tenant;
use self::identity::Identity;
use super::{Api, extract::BODY_SIZE_MAX};

/// Puts all of it around the router.
pub(super) fn around(router: Router, api: &Api) -> Router {
    let layers = ServiceBuilder::new()
        .layer(if_absent(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(if_absent(header::CACHE_CONTROL, "no-store"))
        .layer(from_fn_with_state(api.clone(), handle))
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
async fn handle(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let identity = Identity::of(&api, request.headers());
    request.extensions_mut().insert(identity.id.clone());
    let log = access_log::begin(&request, &identity);
    let uri = request.uri().clone();
    let limit = time_limit::of(request.headers(), api.settings);

    let answer = async {
        let response = time_limit::enforce(limit, next.run(request)).await;
        problem_bodies::write(response, uri.path(), &identity.id)
    };
    let mut response = log.answered(answer).await;
    identity.write(response.headers_mut());
    response
}

fn if_absent(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
