//! `ringfence restore`

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;

use super::database::DatabaseArgs;
use crate::store::{Existing, restore};

/// Put a backup where the database is, with the service stopped.
///
/// The backup is checked first and stays as it is. A database that is there already is put aside, and
/// only if that is asked for. Run it as the user that the service runs as. A backup of an earlier
/// version is brought up to date by the next start.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RestoreArgs {
    /// The backup
    #[arg(value_name = "PATH")]
    backup: PathBuf,

    /// Put an existing database aside, under its name with `.replaced` added
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    database: DatabaseArgs,
}

const EXAMPLES: &str = "\
Examples:
  ringfence restore --config ringfence.toml /backup/ringfence-2026-11-22.db
  ringfence restore --force --config ringfence.toml /backup/ringfence-2026-11-22.db";

impl RestoreArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let database = self.database.path()?;
        let existing = if self.force { Existing::PutAside } else { Existing::Keep };
        let contents = restore(&self.backup, &database, existing).await?;
        writeln!(
            io::stdout(),
            "restored {} to {}: {contents}",
            self.backup.display(),
            database.display()
        )?;
        writeln!(
            io::stdout(),
            "tenants that were deleted or suspended since are active in it, and drift repair would let \
             them in again: before the service starts, read \"After a restore\" in docs/backup.md"
        )?;
        Ok(())
    }
}
