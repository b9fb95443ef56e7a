//! Which database a command is about.

use std::path::PathBuf;

use clap::Args;

use super::variables;
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct DatabaseArgs {
    /// The TOML file that names the database; without it, the variables do
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The database, whatever the configuration says
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    database: Option<PathBuf>,
}

impl DatabaseArgs {
    pub(super) fn path(self) -> anyhow::Result<PathBuf> {
        match self.database {
            Some(database) => Ok(database),
            None => Ok(Config::load(self.config.as_deref(), variables())?.database),
        }
    }
}
