//! `ringfence healthcheck`

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, bail};
use clap::{Args, builder::FalseyValueParser};
use reqwest::{Client, StatusCode, redirect::Policy};

use super::client_certificate::ClientCertificateArgs;

/// Ask a running service whether it is ready, or whether it lives; the exit code is the answer.
///
/// For container health checks: the image needs no curl.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct HealthcheckArgs {
    /// Where the service listens
    #[arg(long, value_name = "ADDRESS:PORT", env = "RINGFENCE_LISTEN")]
    #[arg(default_value = "127.0.0.1:8080")]
    address: SocketAddr,

    /// Ask over TLS, as is done if the variable names a file; whose certificate it is is not looked at
    #[arg(long, env = "RINGFENCE_TLS__CERTIFICATE", value_parser = FalseyValueParser::new())]
    tls: bool,

    /// Ask whether it lives, and not whether it is ready: of a full disk no restart is a remedy
    #[arg(long)]
    live: bool,

    #[command(flatten)]
    certificate: ClientCertificateArgs,
}

const EXAMPLES: &str = "\
Example, in a Dockerfile:
  HEALTHCHECK CMD [\"ringfence\", \"healthcheck\", \"--live\"]";

/// For the whole of it.
const PATIENCE: Duration = Duration::from_secs(5);

impl HealthcheckArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let (address, wanted) = (self.address, if self.live { "alive" } else { "ready" });
        match self.ask().await.with_context(|| format!("no answer from {address}"))? {
            StatusCode::OK => Ok(()),
            status => bail!("{address} is not {wanted}: {status}"),
        }
    }

    async fn ask(self) -> anyhow::Result<StatusCode> {
        let client = Client::builder().no_proxy().redirect(Policy::none()).timeout(PATIENCE);
        let (scheme, client) = if self.tls {
            // As the kubelet does it: no secret is sent, and an answer of somebody else would gain nothing. A
            // certificate that has expired is no reason to restart a service; it is told elsewhere.
            let mut client = client.tls_danger_accept_invalid_certs(true);
            if let Some(identity) = self.certificate.identity()? {
                client = client.identity(identity);
            }
            ("https", client)
        } else {
            // Without TLS nobody needs the system's roots, which an image may not have.
            ("http", client.tls_certs_only([]))
        };
        let path = if self.live { "livez" } else { "readyz" };
        let url = format!("{scheme}://{}/{path}", self.address);
        Ok(client.build()?.get(url).send().await?.status())
    }
}
