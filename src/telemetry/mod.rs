//! Traces, exported by OpenTelemetry's protocol (OTLP over HTTP) if there is a collector to take them.
//!
//! What is exported are spans with one target, [`TARGET`], and nothing else: not the spans of the log, and
//! nothing of other people's code, which may put what it sends into its own. Each such span is made where its
//! work is done, with its attributes written out there. So an attribute is exported because somebody has
//! written its name down, and a password has no way into one.
//!
//! Without a collector nobody wants that target, and such a span costs a look at a flag.
//!
//! The export holds up no work. Finished spans go into a queue with an end; what does not fit is dropped. One
//! thread takes them from there. What was asked for by a request goes on after its answer, minutes later or
//! after a restart, so its span is no child of the request's: it begins a trace of its own that is *linked*
//! with the request's, as OpenTelemetry wants it of what is done later or for several at once. A child would
//! keep the request's trace open for as long as a rotation takes, which is days.

mod sampling;
mod sender;

use std::{thread, time::Duration};

use opentelemetry::{
    Context, KeyValue,
    trace::{
        SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
        TracerProvider as _,
    },
};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tokio::sync::oneshot;
use tracing::{Span, Subscriber, level_filters::LevelFilter, warn};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use self::{sampling::sampler, sender::Sender};
use crate::{config::TelemetryConfig, domain::TraceContext};

/// The target of spans that are exported. No module has this name, so that no log line has it.
pub const TARGET: &str = "ringfence::trace";

/// Below the endpoint, by <https://opentelemetry.io/docs/specs/otlp/#otlphttp-request>.
const PATH: &str = "/v1/traces";

/// How long a stopping process tries to get rid of what is still in the queue.
const FLUSH_MAX: Duration = Duration::from_secs(3);

/// What takes the spans and exports them.
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
}

/// Why traces cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// There is no HTTP client.
    #[error("no client for the collector of traces can be made")]
    Client(#[from] reqwest::Error),
    /// The endpoint is no URL, or one of the standard variables has a value that is not known.
    #[error("the export of traces cannot be set up")]
    Exporter(#[from] ExporterBuildError),
}

impl Telemetry {
    /// Prepares the export if there is an endpoint. Nothing is sent yet. To be called where tasks can be
    /// spawned: they send what the exporting thread has gathered.
    pub fn start(config: &TelemetryConfig) -> Result<Option<Self>, TelemetryError> {
        let Some(endpoint) = &config.otlp_endpoint else { return Ok(None) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(endpoint)?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}{PATH}", endpoint.trim_end_matches('/')))
            .build()?;
        let resource = Resource::builder()
            .with_service_name(config.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler(config.sample))
            .with_resource(resource)
            .build();
        Ok(Some(Self { provider }))
    }

    /// What the spans come in by.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("ringfence"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            // Nothing here asks for the current span by OpenTelemetry's own means.
            .with_context_activation(false)
            .with_filter(Targets::new().with_target(TARGET, LevelFilter::INFO))
    }
}

/// Sends what is in the queue, and gives up after a while. The last thing that a process does; it may end before
/// this has.
pub async fn stop(telemetry: Option<Telemetry>) {
    let Some(Telemetry { provider }) = telemetry else { return };
    let (tell, flushed) = oneshot::channel();
    // A thread of its own: for those of the runtime the end of the process would wait.
    thread::spawn(move || tell.send(provider.shutdown_with_timeout(FLUSH_MAX)));
    if !matches!(flushed.await, Ok(Ok(()))) {
        warn!("the last traces were not exported");
    }
}

/// The identity of a span, exported or not; `None` if nothing is exported at all. Sets what the span is linked with and
/// whose child it is: both have to be said before.
pub(crate) fn context(span: &Span) -> Option<TraceContext> {
    let context = span.context();
    let span = context.span();
    let context = span.span_context();
    let (trace, id) = (context.trace_id().to_bytes(), context.span_id().to_bytes());
    context.is_valid().then(|| {
        TraceContext::new(u128::from_be_bytes(trace), u64::from_be_bytes(id), context.is_sampled())
    })
}

/// Makes a span the child of one of another process.
pub(crate) fn set_parent(span: &Span, parent: TraceContext) {
    let parent = Context::new().with_remote_span_context(remote(parent));
    // It fails where no span is exported.
    let _ = span.set_parent(parent);
}

/// Links a span with that of a request that it is done for.
pub(crate) fn link(span: &Span, request: TraceContext) {
    span.add_link(remote(request));
}

fn remote(context: TraceContext) -> SpanContext {
    let flags = if context.is_sampled() { TraceFlags::SAMPLED } else { TraceFlags::default() };
    SpanContext::new(
        TraceId::from(context.trace_id()),
        SpanId::from(context.span_id()),
        flags,
        true,
        TraceState::default(),
    )
}
