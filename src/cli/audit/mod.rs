//! `ringfence audit`: the record of what happened, read from the database itself.

mod export;
mod verify;

use std::process::ExitCode;

use clap::{Args, Subcommand};

/// Check or export the record of what happened.
///
/// Reads the database, also while the service runs, or a backup. Nothing is changed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

const EXAMPLES: &str = "\
Examples:
  ringfence audit verify --config ringfence.toml
  ringfence audit export --config ringfence.toml --since 2026-11-01T00:00:00Z > events.ndjson";

#[derive(Debug, Subcommand)]
enum AuditCommand {
    Verify(verify::VerifyArgs),
    Export(export::ExportArgs),
}

impl AuditArgs {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            AuditCommand::Verify(args) => args.run().await?,
            AuditCommand::Export(args) => args.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
