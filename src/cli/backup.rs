//! `ringfence backup`

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;

use super::database::DatabaseArgs;
use crate::store::backup;

/// Copy the database into a new file, also while the service runs.
///
/// The copy holds everything that was acknowledged before the command began. It is checked and on the
/// disk when the command ends well, readable for its owner only, and nothing is overwritten. It holds
/// no password; those are in Secrets Manager.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct BackupArgs {
    /// The file to make
    #[arg(value_name = "PATH")]
    target: PathBuf,

    #[command(flatten)]
    database: DatabaseArgs,
}

const EXAMPLES: &str = "\
Examples:
  ringfence backup --config ringfence.toml /backup/ringfence-$(date +%F).db
  ringfence backup --database .ringfence/ringfence.db copy.db";

impl BackupArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let database = self.database.path()?;
        let contents = backup(&database, &self.target).await?;
        writeln!(
            io::stdout(),
            "backed up {} to {}: {contents}",
            database.display(),
            self.target.display()
        )?;
        Ok(())
    }
}
