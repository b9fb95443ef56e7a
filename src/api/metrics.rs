//! Counts, for whatever watches over the service.

use std::fmt;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use prometheus_client::{
    encoding::{
        EncodeLabelSet,
        text::{encode_eof, encode_registry},
    },
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Api,
    problem::{Problem, problem_responses},
};
use crate::domain::TierKind;

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
    let from_store = activated(&api.store.activations().await?);
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
