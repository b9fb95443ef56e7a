//! `ringfence simulate`

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
};

use clap::{Args, ValueEnum};
use ringfence_simulator::{EngineBinary, Latencies, SimulatorConfig};

use super::{
    addresses::{self, Addresses},
    simulated_aws::{SimulatedAws, SimulatedAwsArgs},
    stop_signals::StopSignals,
};
use crate::{
    cloud::AwsAccess,
    config::{SimulatorCache, parse_loopback_address},
    logging,
};

/// Run the simulated AWS and its engine alone.
///
/// For pointing other clients at it, and for stopping the service without it. It speaks the wire
/// protocols of ElastiCache and Secrets Manager; its knobs are under `/_simulator/`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SimulateArgs {
    #[command(flatten)]
    aws: SimulatedAwsArgs,

    /// Where the simulator listens; port 0 picks one
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = parse_loopback_address)]
    #[arg(default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 4566)))]
    listen: SocketAddr,

    /// How long changes take: no time at all, or seconds where AWS takes minutes
    #[arg(long, value_enum, default_value_t = Latency::Aws)]
    latency: Latency,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Latency {
    None,
    Aws,
}

const EXAMPLES: &str = "\
Examples:
  ringfence simulate --latency none
  aws --endpoint-url http://127.0.0.1:4566 elasticache describe-user-groups";

impl SimulateArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let binary = EngineBinary::find(self.aws.engine)?;
        let config = self.aws.config(binary.engine)?;
        logging::start(&config.log, config.log_format, None)?;
        let mut signals = StopSignals::listen()?;
        let data = self.aws.prepare()?;
        let latencies = match self.latency {
            Latency::None => Latencies::none(),
            Latency::Aws => Latencies::like_aws(),
        };
        let simulator = SimulatorConfig {
            listen: self.listen,
            latencies,
            ..SimulatorConfig::new(data.simulator(), binary)
        };
        let aws = SimulatedAws::start(simulator, &self.aws).await?;
        let addresses = aws.addresses(None);
        if let Some(file) = &self.aws.ready_file {
            addresses::write(file, &addresses)?;
        }
        io::stdout().write_all(welcome(&addresses).as_bytes())?;
        signals.next().await;
        aws.shutdown().await;
        Ok(())
    }
}

/// What runs where, and how to point `serve` and other clients at it.
fn welcome(addresses: &Addresses) -> String {
    format!(
        "\
The simulator is up; ctrl-C stops it.

{addresses}
For other clients:
  export AWS_ENDPOINT_URL_ELASTICACHE={simulator} AWS_ENDPOINT_URL_SECRETS_MANAGER={simulator}
  export AWS_ENDPOINT_URL_STS={simulator}
  export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={key}
For `ringfence serve` also:
  export RINGFENCE_CACHES__0__NAME={name} RINGFENCE_CACHES__0__USER_GROUP={group}
  export RINGFENCE_CACHES__0__REPLICATION_GROUP={replication_group} RINGFENCE_CACHES__0__TLS=false
  export RINGFENCE_CACHES__0__ENGINE={engine} RINGFENCE_CACHES__0__ENGINE_VERSION={version}
",
        simulator = addresses.simulator,
        key = AwsAccess::SIMULATOR_KEY,
        engine = addresses.cache.engine,
        version = addresses.cache.version,
        name = SimulatorCache::NAME,
        group = SimulatorCache::USER_GROUP,
        replication_group = SimulatorCache::REPLICATION_GROUP,
    )
}
