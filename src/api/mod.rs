//! The HTTP edge: what callers may ask for, and how they are answered.
//!
//! A request passes the layers of `middleware`, then the extractors of its handler, which refuse
//! what cannot be used, and then a handler that is little more than one call to the store. Handlers
//! never change anything in AWS: they write down what is wanted and, if asked to, wait for the
//! reconciler to make it so. Whatever goes wrong on that way is answered as a `Problem` (RFC 9457).
//!
//! Method, path and documentation of an operation stand at its handler and nowhere else; the router
//! and the API document are made from the same list (`operations`).

mod access;
mod acl;
mod attestations;
mod break_glass;
mod caches;
mod docs;
mod drift;
mod events;
mod extract;
mod fleet_rotations;
mod forms;
mod health;
mod idempotency;
mod isolation;
mod metrics;
mod middleware;
mod observer;
mod openapi;
mod operations;
mod peer;
mod places;
mod problem;
mod profiles;
mod reports;
mod rotations;
mod scheme;
mod services;
mod state;
mod tenants;
mod users;
mod webhooks;

pub use axum::Router;

use self::access::Guard;
pub use self::{
    access::{Authentication, BearerRules, Rates, TrustedProxies},
    idempotency::KeysInFlight,
    metrics::Meters,
    openapi::openapi_json,
    places::Places,
    scheme::Scheme,
    state::{Api, ApiParts, ApiSettings},
    tenants::Placement,
};
pub(crate) use self::{
    acl::{ExplainReport, FindingView, LintReport, SeverityView, choose_engine},
    events::EventView,
    peer::answer,
};

/// The whole API, ready to be served.
pub fn router(api: Api) -> Router {
    let in_json = operations::json_router().with_state(api.clone());
    let router = middleware::answering_json(in_json)
        .merge(operations::text_router().with_state(api.clone()))
        .merge(docs::router())
        .merge(problem::problem_pages());
    middleware::around(router, Guard::new(api, operations::access_table()))
}
