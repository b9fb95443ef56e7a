//! Log lines: what is written, and what never is.
//!
//! Below `info`, the AWS SDK, hyper and others print what they send, and what we send holds
//! passwords. So a cap stands beside the operator's filter, and no filter lifts it: our own code is
//! logged as asked, the AWS SDK from `warn` up, everybody else from `info` up. It is a list of what
//! may speak, not of what may not, so that a new dependency starts out capped.

use std::io::{self, IsTerminal};

use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, ParseError, Targets},
    fmt::MakeWriter,
    layer::SubscriberExt,
    registry::LookupSpan,
    util::{SubscriberInitExt, TryInitError},
};

use crate::{
    config::LogFormat,
    telemetry::{self, Telemetry},
};

/// Why logging cannot start.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The filter cannot be read.
    #[error("the log filter cannot be read")]
    Filter(#[from] ParseError),
    /// Somebody else has started logging in this process.
    #[error("logging was started before")]
    Started(#[from] TryInitError),
}

/// Starts to log to standard error, for the rest of the process, and to hand spans to what exports them.
pub fn start(
    filter: &str,
    format: LogFormat,
    telemetry: Option<&Telemetry>,
) -> Result<(), LoggingError> {
    let json = match format {
        LogFormat::Auto => !io::stderr().is_terminal(),
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let filter = EnvFilter::builder().parse(filter)?;
    let lines = if json {
        json_lines(filter, io::stderr).boxed()
    } else {
        text_lines(filter, io::stderr).boxed()
    };
    let spans = telemetry.map(Telemetry::layer);
    tracing_subscriber::registry().with(lines).with(spans).try_init()?;
    Ok(())
}

fn json_lines<S, W>(filter: EnvFilter, writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        // The innermost span is the last in the list of all.
        .with_current_span(false)
        .with_writer(writer)
        .with_filter(filter.and(cap()))
}

fn text_lines<S, W>(filter: EnvFilter, writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt::layer()
        .with_ansi(io::stderr().is_terminal())
        .with_writer(writer)
        .with_filter(filter.and(cap()))
}

/// The lowest level of each target, by the start of its name; the longest match counts.
fn cap() -> Targets {
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("ringfence", LevelFilter::TRACE)
        .with_target("aws_", LevelFilter::WARN)
        // Spans that are exported stand beside those of the log, and would say everything twice.
        .with_target(telemetry::TARGET, LevelFilter::OFF)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{debug, info, info_span, trace, warn};

    use super::*;

    /// What is logged while the closure runs, by both formats.
    fn logged(filter: &str, speak: fn()) -> String {
        let lines = Lines::default();
        let filter = || EnvFilter::builder().parse(filter).unwrap();
        let text = tracing_subscriber::registry().with(text_lines(filter(), lines.clone()));
        tracing::subscriber::with_default(text, speak);
        let json = tracing_subscriber::registry().with(json_lines(filter(), lines.clone()));
        tracing::subscriber::with_default(json, speak);
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn no_filter_makes_other_peoples_code_tell_what_it_sends() {
        for filter in ["trace", "aws_smithy_runtime=trace,hyper=trace,redis=debug", "[]=trace"] {
            let lines = logged(filter, || {
                trace!(target: "aws_smithy_runtime::client::orchestrator", "hunter2");
                debug!(target: "aws_smithy_runtime_api", "hunter2");
                info!(target: "aws_config::meta", "hunter2");
                debug!(target: "hyper::proto::h1", "hunter2");
                trace!(target: "hyper_util::client", "hunter2");
                trace!(target: "h2::codec", "hunter2");
                trace!(target: "rustls::client", "hunter2");
                debug!(target: "redis::aio", "hunter2");
                debug!(target: "sqlx::query", "hunter2");
                trace!(target: "axum::rejection", "hunter2");
                trace!(target: "a_crate_nobody_has_heard_of", "hunter2");
                info_span!(target: "aws_sdk_elasticache", "create_user", password = "hunter2")
                    .in_scope(|| warn!(target: "ringfence::cloud", "refused"));
            });
            assert!(!lines.contains("hunter2"), "{filter}: {lines}");
        }
    }

    #[test]
    fn warnings_of_others_and_all_of_ours_are_logged_when_asked_for() {
        let lines = logged("trace", || {
            trace!(target: "ringfence::reconcile", "ours");
            trace!(target: "ringfence_simulator::engine", "ours too");
            warn!(target: "aws_smithy_runtime", "the SDK's warning");
            info!(target: "sqlx", "the store's information");
        });
        for message in ["ours", "ours too", "the SDK's warning", "the store's information"] {
            assert_eq!(lines.matches(&format!("{message}\n")).count(), 1, "as text: {lines}");
            assert_eq!(lines.matches(&format!("{message}\"")).count(), 1, "as JSON: {lines}");
        }
    }

    #[test]
    fn the_filter_chooses_among_what_the_cap_lets_through() {
        let lines = logged("info,ringfence::store=debug", || {
            debug!(target: "ringfence::store", "wanted");
            debug!(target: "ringfence::api", "not wanted");
        });
        assert!(lines.contains("wanted") && !lines.contains("not wanted"), "{lines}");
    }

    /// A writer into memory.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'w> MakeWriter<'w> for Lines {
        type Writer = Self;

        fn make_writer(&'w self) -> Self::Writer {
            self.clone()
        }
    }
}
