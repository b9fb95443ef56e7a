//! `ringfence token create`

use std::collections::BTreeMap;

use anyhow::Context as _;
use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::hand_over;
use crate::{
    bearer::BearerSecret,
    cli::database::DatabaseArgs,
    clock::{Clock as _, Entropy as _, SystemClock, SystemEntropy},
    config::parse_duration,
    domain::{Bounds, Labels, Scope, TenantName, TokenId, TokenName},
    store::{NewToken, TokenDesk},
};

/// Make a token and print it, once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CreateArgs {
    /// What it is for; its callers are recorded by this name
    #[arg(long, value_name = "NAME")]
    name: TokenName,

    /// What it allows; can be given several times
    #[arg(long, value_name = "SCOPE", required = true)]
    scope: Vec<Scope>,

    /// When it ends by itself, counted from now: 90d, 12h
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    expires: Option<SignedDuration>,

    /// Only for this tenant
    #[arg(long, value_name = "NAME", conflicts_with = "label")]
    tenant: Option<TenantName>,

    /// Only for tenants with this label; can be given several times, and then all must be there
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_label)]
    label: Vec<(String, String)>,

    #[command(flatten)]
    database: DatabaseArgs,
}

const EXAMPLES: &str = "\
Examples:
  ringfence token create --name signup --scope tenants:write --scope credentials:read --expires 90d
  ringfence token create --name checkout --scope tenants:write --label team=checkout
  ringfence token create --name acme --scope credentials:read --tenant acme
  ringfence token create --name prometheus --scope metrics:read > /run/secrets/ringfence-token";

impl CreateArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let now = SystemClock.now();
        let expires_at = self.expires.map(|after| end(now, after)).transpose()?;
        let bounds = bounds(self.tenant, self.label)?;
        let entropy = SystemEntropy::default();
        let secret = BearerSecret::generate(&entropy);
        let new = NewToken {
            id: TokenId(entropy.uuid(now)),
            name: self.name.clone(),
            scopes: self.scope.into_iter().collect(),
            bounds,
            hash: secret.hash(),
            created_at: now,
            expires_at,
        };
        let hint = format!(
            "{} may {}{}; it is not shown again",
            self.name,
            new.scopes,
            expires_at.map(|end| format!(" until {end}")).unwrap_or_default()
        );
        TokenDesk::open(&self.database.path()?).await?.create(new).await?;
        Ok(hand_over(&secret, &hint)?)
    }
}

fn end(now: Timestamp, after: SignedDuration) -> anyhow::Result<Timestamp> {
    now.checked_add(after).context("--expires lies beyond all calendars")
}

fn bounds(tenant: Option<TenantName>, labels: Vec<(String, String)>) -> anyhow::Result<Bounds> {
    Ok(match tenant {
        Some(tenant) => Bounds::Tenant(tenant),
        None if labels.is_empty() => Bounds::Everything,
        None => Bounds::Labels(Labels::try_from(BTreeMap::from_iter(labels))?),
    })
}

fn parse_label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Err("must be KEY=VALUE".to_owned()),
    }
}
