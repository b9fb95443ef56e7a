//! Where traces are exported to.

use serde::Deserialize;

use super::rules;

/// Traces of requests and of the work that follows from them, as OTLP over HTTP (protobuf). Off unless there
/// is an endpoint. What a collector wants to be shown is given to it by the standard variable
/// `OTEL_EXPORTER_OTLP_HEADERS`. See [`docs/telemetry.md`](telemetry.md).
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct TelemetryConfig {
    /// The URL of a collector, `http://…` or `https://…`; traces are sent to `/v1/traces` below it. Without
    /// it, the value of `OTEL_EXPORTER_OTLP_ENDPOINT`; without that, nothing is exported.
    ///
    /// Default: none. Variable: `RINGFENCE_TELEMETRY__OTLP_ENDPOINT`.
    #[serde(deserialize_with = "rules::endpoint")]
    pub otlp_endpoint: Option<String>,

    /// What the service is called in traces, one line. Without it, the value of `OTEL_SERVICE_NAME`.
    ///
    /// Default: `ringfence`. Variable: `RINGFENCE_TELEMETRY__SERVICE_NAME`.
    #[serde(deserialize_with = "rules::service_name")]
    pub service_name: String,

    /// The share of requests that are traced, from 0 to 1, and of the work that no request has asked for. A
    /// caller that sends `traceparent` decides itself, and work is traced if its request was.
    ///
    /// Default: `1`. Variable: `RINGFENCE_TELEMETRY__SAMPLE`.
    #[serde(deserialize_with = "rules::share")]
    pub sample: f64,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self { otlp_endpoint: None, service_name: "ringfence".to_owned(), sample: 1.0 }
    }
}
