//! What is counted of requests: how many, how they went, and how long they took.

use axum::{
    extract::{MatchedPath, Request},
    http::{Method, StatusCode},
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use tokio::time::Instant;

use crate::api::problem::Code;

/// Seconds. Whoever asks to wait for an outcome waits up to minutes.
const REQUEST_SECONDS: [f64; 13] =
    [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0];

/// The route of a path that no operation has.
pub(in crate::api) const NO_ROUTE: &str = "(none)";

/// What is answered where somebody asks too often, or too many do at once.
const LIMITS: [Code; 3] = [Code::RateLimited, Code::Overloaded, Code::TooManyFailures];

/// Counts of requests. Clones count together.
#[derive(Clone, Debug)]
pub(in crate::api) struct RequestMetrics {
    requests: Family<Answered, Counter>,
    seconds: Family<Asked, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    refused: Family<Refused, Counter>,
}

/// A route is one of ours (`/tenants/{name}`), never what a caller wrote.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    problem: &'static str,
}

impl RequestMetrics {
    /// Counts from nothing, to be read from this registry.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(REQUEST_SECONDS)),
            in_flight: Gauge::default(),
            refused: Family::default(),
        };
        for code in LIMITS {
            drop(metrics.refused.get_or_create(&Refused { problem: code.slug() }));
        }
        registry.register(
            "ringfence_http_requests",
            "Requests that were answered, by the class of the status, or abandoned by the caller",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "ringfence_http_request",
            "Time until a request was answered, with the time that it asked to wait",
            Unit::Seconds,
            metrics.seconds.clone(),
        );
        registry.register(
            "ringfence_http_requests_in_flight",
            "Requests that are being answered",
            metrics.in_flight.clone(),
        );
        registry.register(
            "ringfence_http_requests_refused",
            "Requests that a limit has refused, by the problem that they were answered with",
            metrics.refused.clone(),
        );
        metrics
    }

    /// A request has come in.
    pub(in crate::api) fn begin(&self, request: &Request) -> InFlight {
        self.in_flight.inc();
        InFlight {
            metrics: self.clone(),
            method: method(request.method()),
            route: request.extensions().get::<MatchedPath>().cloned(),
            status: "abandoned",
            began: Instant::now(),
        }
    }

    /// A request is answered with this problem.
    pub(in crate::api) fn note(&self, code: Code) {
        if LIMITS.contains(&code) {
            self.refused.get_or_create(&Refused { problem: code.slug() }).inc();
        }
    }
}

/// A request that is being answered. It is counted when this is dropped, so that one whose caller
/// goes away is counted too.
pub(in crate::api) struct InFlight {
    metrics: RequestMetrics,
    method: &'static str,
    route: Option<MatchedPath>,
    status: &'static str,
    began: Instant,
}

impl InFlight {
    /// There is an answer.
    pub(in crate::api) fn answered(mut self, status: StatusCode) {
        self.status = class(status);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let Self { metrics, method, route, status, began } = self;
        metrics.in_flight.dec();
        let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
        let asked = Asked { method, route: route.clone() };
        metrics.seconds.get_or_create(&asked).observe(began.elapsed().as_secs_f64());
        metrics.requests.get_or_create(&Answered { method, route, status }).inc();
    }
}

/// A caller may write any word for a method.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
