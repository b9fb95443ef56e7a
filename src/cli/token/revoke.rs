//! `ringfence token revoke`

use std::io::{self, Write};

use clap::Args;

use super::parse_key;
use crate::{
    cli::database::DatabaseArgs,
    clock::{Clock as _, SystemClock},
    store::{TokenDesk, TokenKey},
};

/// End a token: no request that comes after this is answered for it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ringfence token revoke signup")]
pub(super) struct RevokeArgs {
    /// Its name or id
    #[arg(value_name = "TOKEN", value_parser = parse_key)]
    token: TokenKey,

    #[command(flatten)]
    database: DatabaseArgs,
}

impl RevokeArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let mut desk = TokenDesk::open(&self.database.path()?).await?;
        let token = desk.revoke(&self.token, SystemClock.now()).await?;
        writeln!(io::stdout(), "revoked {}", token.name)?;
        Ok(())
    }
}
