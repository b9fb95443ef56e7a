//! `ringfence serve`

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use super::{open_files, stop_signals::StopSignals, variables};
use crate::{
    cloud::AwsAccess,
    config::Config,
    logging,
    service::Service,
    telemetry::{self, Telemetry},
};

/// Run the service against AWS.
///
/// Region and credentials come from AWS's standard chain (`AWS_REGION`, `AWS_PROFILE`, instance
/// role …), endpoints from `AWS_ENDPOINT_URL_ELASTICACHE`, `AWS_ENDPOINT_URL_SECRETS_MANAGER` and
/// `AWS_ENDPOINT_URL_STS`.
/// Every setting can also be given by a `RINGFENCE_…` variable, which wins over the file.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ServeArgs {
    /// The TOML file to read; without it, the variables say everything
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  ringfence serve --config /etc/ringfence/ringfence.toml
  RINGFENCE_LOG=debug ringfence serve --config ringfence.toml

SIGTERM or ctrl-C stops it in order; a second one stops it at once.
Settings: docs/configuration.md and ringfence.example.toml";

impl ServeArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let config = Config::load(self.config.as_deref(), variables())?;
        let telemetry = Telemetry::start(&config.telemetry)?;
        logging::start(&config.log, config.log_format, telemetry.as_ref())?;
        open_files::allow_many();
        let mut signals = StopSignals::listen()?;
        let service = Service::start(config, AwsAccess::Standard)
            .await
            .context("the service cannot start")?;
        let outcome = run_until_asked(service, &mut signals).await;
        signals.finish(telemetry::stop(telemetry)).await?;
        outcome
    }
}

/// Lets the service run, and stops it when asked to or when it has come to its own end.
pub(super) async fn run_until_asked(
    service: Service,
    signals: &mut StopSignals,
) -> anyhow::Result<()> {
    let asked = tokio::select! {
        () = signals.next() => true,
        () = service.stopped() => false,
    };
    // On the heap: the service is large, and each future around it would have room for it anew.
    signals.finish(Box::pin(service.shutdown())).await?;
    if !asked {
        bail!("the HTTP server ended by itself");
    }
    Ok(())
}
