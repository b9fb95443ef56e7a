//! Which database a command is about.

use std::{env, path::PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::variables;
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct DatabaseArgs {
    /// The TOML file that names the database; without it, `RINGFENCE_DATABASE` does
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The database, whatever the configuration says
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    database: Option<PathBuf>,
}

impl DatabaseArgs {
    pub(super) fn path(self) -> anyhow::Result<PathBuf> {
        let by_variable = env::var_os("RINGFENCE_DATABASE").filter(|path| !path.is_empty());
        match (self.database, self.config, by_variable) {
            (Some(database), ..) => Ok(database),
            // Enough by itself: who makes a token or a copy need not know the caches.
            (None, None, Some(database)) => Ok(database.into()),
            (None, None, None) => Config::load(None, variables())
                .map(|config| config.database)
                .context("name the database by --config, --database or RINGFENCE_DATABASE"),
            // The variable wins over the file here as well, as it does for the service.
            (None, Some(file), _) => Ok(Config::load(Some(&file), variables())?.database),
        }
    }
}
