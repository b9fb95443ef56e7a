//! `ringfence dev`

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
};

use anyhow::Context;
use clap::Args;
use ringfence_simulator::{EngineBinary, Latencies, SimulatorConfig};

use super::{
    addresses::{self, Addresses},
    data_dir::DataDir,
    serve::run_until_asked,
    simulated_aws::{SimulatedAws, SimulatedAwsArgs},
    stop_signals::StopSignals,
};
use crate::{
    cloud::AwsAccess,
    config::{Config, parse_loopback_address},
    logging,
    service::Service,
    telemetry::{self, Telemetry},
};

/// Run everything on this machine: the service, a simulated AWS, and a real Valkey or Redis.
///
/// The service talks to the simulator with the AWS SDK, as it would to AWS; tenants log in to a real
/// engine. Everything listens on loopback, and no AWS account is needed. Settings can be given by
/// `RINGFENCE_…` variables.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DevArgs {
    #[command(flatten)]
    aws: SimulatedAwsArgs,

    /// Where the service listens [default: 127.0.0.1:8080]; port 0 picks one
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = parse_loopback_address)]
    listen: Option<SocketAddr>,

    /// Where the simulator listens; port 0 picks one
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = parse_loopback_address)]
    #[arg(default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 4566)))]
    simulator_listen: SocketAddr,
}

const EXAMPLES: &str = "\
Examples:
  ringfence dev                                       state in .ringfence, kept between starts
  ringfence dev --fresh                               start over
  ringfence dev --engine redis --data-dir /tmp/redis  another engine needs another directory
  ringfence dev --shards 3 --replicas 1 --data-dir /tmp/cluster
                                                      a cluster of six nodes
  RINGFENCE_KEY_PATTERN='{tenant}-*' ringfence dev    any setting of the service by its variable
  ringfence dev --listen 127.0.0.1:0 --simulator-listen 127.0.0.1:0 --cache-port 0 \\
                --ready-file ready.json               for scripts";

impl DevArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let binary = EngineBinary::find(self.aws.engine)?;
        let mut config = self.aws.config(binary.engine)?;
        let telemetry = Telemetry::start(&config.telemetry)?;
        logging::start(&config.log, config.log_format, telemetry.as_ref())?;
        let mut signals = StopSignals::listen()?;
        let data = self.aws.prepare()?;
        let simulator = SimulatorConfig {
            listen: self.simulator_listen,
            latencies: Latencies::like_aws(),
            ..SimulatorConfig::new(data.simulator(), binary)
        };
        let aws = SimulatedAws::start(simulator, &self.aws).await?;
        config.listen = self.listen.unwrap_or(config.listen);
        config.database = data.database();
        config.caches[0].port = Some(aws.cache().port);
        let outcome = self.serve(config, &aws, &data, &mut signals).await;
        let last = async {
            telemetry::stop(telemetry).await;
            aws.shutdown().await;
        };
        signals.finish(last).await?;
        outcome
    }

    async fn serve(
        &self,
        config: Config,
        aws: &SimulatedAws,
        data: &DataDir,
        signals: &mut StopSignals,
    ) -> anyhow::Result<()> {
        let access = AwsAccess::Simulator { url: aws.url() };
        let service = Service::start(config, access).await.context("the service cannot start")?;
        let api = service.origin();
        let addresses = aws.addresses(Some(api.clone()));
        if let Some(file) = &self.aws.ready_file {
            addresses::write(file, &addresses)?;
        }
        io::stdout().write_all(welcome(&api, &addresses, data).as_bytes())?;
        run_until_asked(service, signals).await
    }
}

/// What runs where, and what to try.
fn welcome(api: &str, addresses: &Addresses, data: &DataDir) -> String {
    format!(
        "\
Ringfence is up. Its state is kept in {data}; --fresh starts over, ctrl-C stops.

  API        {api:<24} documentation: {api}/docs
{addresses}
Try:
  ringfence tenant create acme --wait --url {api}
  ringfence status --watch --url {api}
  curl -s {api}/tenants -H 'content-type: application/json' -H 'prefer: wait=30' -d '{{\"name\": \"acme\"}}'
  curl -s {api}/tenants/acme/credentials
  curl -s {api}/tenants/acme -X DELETE -H 'prefer: wait=30'
",
        data = data.path().display(),
    )
}
