//! `ringfence check-config`

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;

use super::variables;
use crate::{
    clock::{Clock as _, SystemClock},
    config::Config,
    server::Certificates,
};

/// Say whether a configuration is accepted, and stop.
///
/// Reads the file and the `RINGFENCE_…` variables as `serve` does, and the certificates that they name.
/// Nothing else is opened and nobody is called.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ringfence check-config --config ringfence.toml && deploy")]
pub(super) struct CheckConfigArgs {
    /// The TOML file to read; without it, the variables say everything
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl CheckConfigArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = Config::load(self.config.as_deref(), variables())?;
        let tls = match config.tls.files()? {
            Some(files) => told(&Certificates::read(&files)?),
            None => String::new(),
        };
        let caches: Vec<_> = config.caches.iter().map(|cache| cache.name.as_str()).collect();
        writeln!(
            io::stdout(),
            "accepted: listen {}{tls}, database {}, caches {}",
            config.listen,
            config.database.display(),
            caches.join(", ")
        )?;
        Ok(())
    }
}

/// Until when the certificate is good for something.
fn told(certificates: &Certificates) -> String {
    let (ends, fault) = certificates.look(SystemClock.now());
    let fault = fault.map(|fault| format!("; warning: {fault}"));
    format!(" with a certificate until {ends}{}", fault.unwrap_or_default())
}
