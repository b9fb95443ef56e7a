//! Counts, for whatever watches over the service.

use std::fmt;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use prometheus_client::{
    encoding::{
        EncodeLabelSet,
        text::{encode_eof, encode_registry},
    },
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Api,
    problem::{Problem, problem_responses},
};
use crate::domain::{DriftKind, TierKind};

/// The format in which Prometheus and those like it read
/// (<https://prometheus.io/docs/specs/om/open_metrics_spec/>).
const OPENMETRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// Metrics in a text format that Prometheus reads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Metrics(String);

const EXAMPLE: &str = "\
# HELP ringfence_aws_calls Calls that were sent to AWS.
# TYPE ringfence_aws_calls counter
ringfence_aws_calls_total{operation=\"CreateUser\",outcome=\"ok\"} 17
# HELP ringfence_tenants_activated Tenants, services and sessions that have ever become active.
# TYPE ringfence_tenants_activated counter
ringfence_tenants_activated_total{tier=\"tenant\"} 17
# EOF
";

problem_responses!(MetricsProblems as text: StoreUnavailable);

/// Tell what is counted.
///
/// Calls to AWS by operation and outcome, the time they take and the time they wait for their turn,
/// and tenants that have become active: `docs/metrics.md` lists all. In the text format that
/// Prometheus reads, whatever `Accept` says.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "get_metrics",
    tag = "health",
    responses(
        (status = 200, description = "The metrics.", body = Metrics,
            content_type = "application/openmetrics-text", example = json!(EXAMPLE)),
        MetricsProblems
    )
)]
pub(super) async fn get_metrics(State(api): State<Api>) -> Result<Response, Problem> {
    let mut from_store = activated(&api.store.activations().await?);
    drift(&mut from_store, &api.store.drift_counts().await?, &api.store.swept().await?);
    let text =
        encode(&[&api.metrics, &from_store]).expect("a text takes whatever is written to it");
    Ok(([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response())
}

fn encode(registries: &[&Registry]) -> Result<String, fmt::Error> {
    let mut text = String::new();
    for registry in registries {
        encode_registry(&mut text, registry)?;
    }
    encode_eof(&mut text)?;
    Ok(text)
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfTier {
    tier: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfCache {
    cache: String,
}

/// What differs, and when that was last looked at. A kind that nothing is of is told too, so that an
/// alert on it has something to compare with.
fn drift(registry: &mut Registry, counts: &[(DriftKind, u64)], swept: &[(String, Timestamp)]) {
    let items = Family::<OfKind, Gauge>::default();
    for kind in DriftKind::ALL {
        let count = counts.iter().find(|(other, _)| *other == kind).map_or(0, |(_, count)| *count);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        items.get_or_create(&OfKind { kind: kind.as_str() }).set(count);
    }
    registry.register("ringfence_drift_items", "Things that are not as they should be", items);
    let last = Family::<OfCache, Gauge>::default();
    for (cache, at) in swept {
        last.get_or_create(&OfCache { cache: cache.clone() }).set(at.as_second());
    }
    let help = "When the last sweep of a cache was over";
    registry.register("ringfence_drift_swept_timestamp_seconds", help, last);
}

/// Counted in the store, so that a restart does not begin from nothing.
fn activated(counts: &[(TierKind, u64)]) -> Registry {
    let activated = Family::<OfTier, Counter>::default();
    for (tier, count) in counts {
        activated.get_or_create(&OfTier { tier: tier.as_str() }).inc_by(*count);
    }
    let mut registry = Registry::default();
    let help = "Tenants, services and sessions that have ever become active";
    registry.register("ringfence_tenants_activated", help, activated);
    registry
}
