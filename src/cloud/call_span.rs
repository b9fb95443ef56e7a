//! The span of a call in the traces that are exported, if they are.
//!
//! Attributes are those of <https://opentelemetry.io/docs/specs/semconv/cloud-providers/aws-sdk/>. Nothing of what
//! is sent or answered is among them.

use aws_sdk_elasticache::error::SdkError;
use tracing::{Instrument as _, field::Empty, info_span};

use super::{CloudError, calls::Call};
use crate::telemetry;

/// Has a call answered within a span, and says how it ended.
pub(super) async fn around<C: Call, T>(
    region: &str,
    call: impl Future<Output = Result<T, SdkError<C::Fault>>>,
) -> Result<T, CloudError> {
    let span = info_span!(
        target: telemetry::TARGET,
        "call",
        otel.name = format_args!("{}/{}", C::SERVICE, C::OPERATION),
        otel.kind = "client",
        otel.status_code = Empty,
        rpc.system = "aws-api",
        rpc.service = C::SERVICE,
        rpc.method = C::OPERATION,
        cloud.region = region,
        "error.type" = Empty,
    );
    let answer = call.instrument(span.clone()).await;
    let answer = answer.map_err(|error| CloudError::new(C::OPERATION, &error));
    if let Err(error) = &answer {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", error.code.as_deref().unwrap_or(error.kind.as_str()));
    }
    answer
}
