//! Counts, for whatever watches over the service.

mod gauges;
mod meters;
mod requests;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use prometheus_client::encoding::text::encode_eof;
use serde::Serialize;
use utoipa::ToSchema;

pub use self::meters::Meters;
pub(super) use self::requests::NO_ROUTE;
use super::{
    Api,
    problem::{Problem, problem_responses},
};

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
/// Tenants by status, what waits and for how long, calls to AWS, changes of the user groups, rotations,
/// attestations, drift, places, commits, requests and the process: `docs/metrics.md` lists all. No
/// series is of a tenant. In the text format that Prometheus reads, whatever `Accept` says. How things
/// stand in the store is at most a second old.
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
    let looked_up = api.meters.looked_up(&api).await?;
    let mut text = api.meters.counted().expect("a text takes whatever is written to it");
    text.push_str(&looked_up);
    encode_eof(&mut text).expect("a text takes whatever is written to it");
    Ok(([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response())
}
