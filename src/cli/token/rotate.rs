//! `ringfence token rotate`

use anyhow::Context as _;
use clap::Args;
use jiff::SignedDuration;

use super::{hand_over, parse_key};
use crate::{
    bearer::BearerSecret,
    cli::database::DatabaseArgs,
    clock::{Clock as _, SystemClock, SystemEntropy},
    config::parse_duration,
    store::{NewSecret, TokenDesk, TokenKey},
};

/// Replace a token and print the new one, once; the old one goes on for a while.
///
/// Name, scopes and end stay as they are.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RotateArgs {
    /// Its name or id
    #[arg(value_name = "TOKEN", value_parser = parse_key)]
    token: TokenKey,

    /// How long the old one goes on
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "24h")]
    overlap: SignedDuration,

    #[command(flatten)]
    database: DatabaseArgs,
}

const EXAMPLES: &str = "\
Examples:
  ringfence token rotate signup
  ringfence token rotate signup --overlap 0s    the old one is known to somebody: end it now";

impl RotateArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let now = SystemClock.now();
        let until = now.checked_add(self.overlap).context("--overlap lies beyond all calendars")?;
        let secret = BearerSecret::generate(&SystemEntropy::default());
        let new = NewSecret { hash: secret.hash(), made_at: now, others_until: until };
        let mut desk = TokenDesk::open(&self.database.path()?).await?;
        let token = desk.rotate(&self.token, new).await?;
        let hint = format!("the old token of {} works until {until}", token.name);
        Ok(hand_over(&secret, &hint)?)
    }
}
