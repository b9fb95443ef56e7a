//! `ringfence token list`

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    cli::database::DatabaseArgs,
    clock::{Clock as _, SystemClock},
    domain::{Bounds, Token, TokenStanding},
    store::TokenDesk,
};

/// List the tokens, in the order in which they were made.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ringfence token list --output json | jq -r '.[].name'")]
pub(super) struct ListArgs {
    /// Also those that were revoked
    #[arg(long)]
    all: bool,

    /// How to tell
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,

    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    /// A line for each token
    Text,
    /// One JSON document
    Json,
}

/// A token as it is told.
#[derive(Debug, Serialize)]
struct Line {
    id: String,
    name: String,
    scopes: Vec<&'static str>,
    only: Option<String>,
    standing: &'static str,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

impl ListArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let now = SystemClock.now();
        let mut desk = TokenDesk::open(&self.database.path()?).await?;
        let tokens = desk.list().await?;
        let is_told = |token: &&Token| self.all || token.standing(now) != TokenStanding::Revoked;
        let lines: Vec<Line> =
            tokens.iter().filter(is_told).map(|token| Line::of(token, now)).collect();
        let mut out = io::stdout().lock();
        match self.output {
            Output::Json => writeln!(out, "{}", serde_json::to_string_pretty(&lines)?)?,
            Output::Text => lines.iter().try_for_each(|line| line.write(&mut out))?,
        }
        Ok(())
    }
}

impl Line {
    fn of(token: &Token, now: Timestamp) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name.to_string(),
            scopes: token.scopes.iter().map(crate::domain::Scope::as_str).collect(),
            only: only(&token.bounds),
            standing: token.standing(now).as_str(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let Self { id, name, standing, .. } = self;
        write!(out, "{name} ({id}): {standing}, {}", self.scopes.join(" "))?;
        if let Some(only) = &self.only {
            write!(out, ", only {only}")?;
        }
        if let Some(end) = self.expires_at {
            write!(out, ", until {end}")?;
        }
        match self.last_used_at {
            Some(at) => writeln!(out, ", last used at {at}"),
            None => writeln!(out, ", never used"),
        }
    }
}

/// What a token is narrowed to, as the command that makes one takes it.
fn only(bounds: &Bounds) -> Option<String> {
    match bounds {
        Bounds::Everything => None,
        Bounds::Tenant(name) => Some(format!("tenant {name}")),
        Bounds::Labels(labels) => {
            let pairs = labels.as_map().iter().map(|(key, value)| format!("{key}={value}"));
            Some(format!("labels {}", pairs.collect::<Vec<_>>().join(" ")))
        }
    }
}
