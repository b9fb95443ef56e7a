//! What happens to every request, whatever it asks for.
//!
//! [`around`] lists the layers from the outside in. Their order carries meaning: problems get their
//! body inside the access log, which so sees their real status, and outside of the time limit and
//! the panic guard, whose problems so get a body too.

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
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, header},
    middleware::{from_fn, from_fn_with_state},
};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};

pub(super) use self::access_log::name_tenant;
use super::{Api, extract::BODY_SIZE_MAX};

/// Puts the layers around the router.
pub(super) fn around(router: Router, api: &Api) -> Router {
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(api.clone(), identity::identify))
        .layer(from_fn(access_log::log))
        .layer(if_absent(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(if_absent(header::CACHE_CONTROL, "no-store"))
        .layer(from_fn(problem_bodies::write))
        .layer(CatchPanicLayer::custom(panics::answer))
        .layer(from_fn_with_state(api.settings, time_limit::enforce))
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

fn if_absent(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
