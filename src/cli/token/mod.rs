//! `ringfence token`

mod create;
mod list;
mod revoke;
mod rotate;

use std::io::{self, Write};

use clap::{Args, Subcommand};

use crate::{bearer::BearerSecret, domain::TokenId, store::TokenKey};

/// Make, list, replace and end the tokens by which callers of the API are known.
///
/// Works on the database itself, also while the service runs: what it does counts for the next request.
/// A token is shown once, when it is made; the database holds a hash of it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct TokenArgs {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  ringfence token create --name signup --scope tenants:write --expires 90d
  ringfence token list
  ringfence token rotate signup --overlap 24h
  ringfence token revoke signup

docs/authentication.md has the scopes.";

#[derive(Debug, Subcommand)]
enum Command {
    Create(create::CreateArgs),
    List(list::ListArgs),
    Rotate(rotate::RotateArgs),
    Revoke(revoke::RevokeArgs),
}

impl TokenArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Create(args) => args.run().await,
            Command::List(args) => args.run().await,
            Command::Rotate(args) => args.run().await,
            Command::Revoke(args) => args.run().await,
        }
    }
}

/// Reads a token's name or id.
fn parse_key(text: &str) -> Result<TokenKey, String> {
    match text.parse() {
        Ok(id) => Ok(TokenKey::Id(TokenId(id))),
        Err(_) => text
            .parse()
            .map(TokenKey::Name)
            .map_err(|error| format!("{text:?} is no id, and no name: it {error}")),
    }
}

/// Hands a secret over: alone on standard output, for scripts; what there is to say about it goes
/// elsewhere.
fn hand_over(secret: &BearerSecret, hint: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{}", secret.expose())?;
    writeln!(io::stderr(), "{hint}")
}
