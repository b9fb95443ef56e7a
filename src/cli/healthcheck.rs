//! `ringfence healthcheck`

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Args;

/// Ask a running service whether it is ready; the exit code is the answer.
///
/// For container health checks: the image needs no curl.
#[derive(Debug, Args)]
#[command(
    after_help = "Example, in a Dockerfile:\n  HEALTHCHECK CMD [\"ringfence\", \"healthcheck\"]"
)]
pub(super) struct HealthcheckArgs {
    /// Where the service listens
    #[arg(long, value_name = "ADDRESS:PORT", env = "RINGFENCE_LISTEN")]
    #[arg(default_value = "127.0.0.1:8080")]
    address: SocketAddr,
}

/// For connecting, sending and the answer, each.
const PATIENCE: Duration = Duration::from_secs(5);

impl HealthcheckArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let status = self.ask().with_context(|| format!("no answer from {}", self.address))?;
        match status.split_whitespace().nth(1) {
            Some("200") => Ok(()),
            _ => bail!("{} is not ready: {}", self.address, status.trim_end()),
        }
    }

    /// One request, of which only the first line of the answer counts: not worth an HTTP client.
    fn ask(&self) -> std::io::Result<String> {
        let mut connection = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_write_timeout(Some(PATIENCE))?;
        write!(
            connection,
            "GET /readyz HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            self.address
        )?;
        let mut status = String::new();
        BufReader::new(connection).read_line(&mut status)?;
        Ok(status)
    }
}
