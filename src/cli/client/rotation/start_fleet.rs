//! `ringfence rotation start-fleet`

use std::collections::BTreeMap;

use clap::Args;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Client, terms::TermsArgs};
use crate::{
    cli::client::{
        error::ClientError, fleet::Fleet, output::Table, service::Call, tenant::parse_label,
    },
    domain::TenantName,
};

/// Replace the passwords of many tenants, a few at a time; follow it with `watch`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ringfence rotation start-fleet --label plan=gold --reason quarterly"
)]
pub(super) struct StartFleetArgs {
    #[command(flatten)]
    selector: SelectorArgs,

    /// Why
    #[arg(long)]
    reason: String,

    /// How many may be on their way at once
    #[arg(long, value_name = "COUNT")]
    max_in_flight: Option<u32>,

    #[command(flatten)]
    terms: TermsArgs,

    /// Start nothing: print how many passwords it would replace
    #[arg(long)]
    dry_run: bool,
}

/// What is read of the answer to a dry run.
#[derive(Debug, Deserialize)]
struct Selection {
    selected: u64,
}

/// Whose passwords; all that is given must be so.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct SelectorArgs {
    /// Those of all tenants
    #[arg(long, conflicts_with_all = ["tenant", "label", "cache", "profile"])]
    all: bool,

    /// Of this tenant; can be given several times
    #[arg(long, value_name = "NAME")]
    tenant: Vec<TenantName>,

    /// Of tenants with this label; can be given several times, and then all must be there
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_label)]
    label: Vec<(String, String)>,

    /// Of tenants in this cache
    #[arg(long)]
    cache: Option<String>,

    /// Of users with this profile
    #[arg(long)]
    profile: Option<String>,
}

impl StartFleetArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let mut wanted = json!({ "selector": self.selector.body(), "reason": self.reason });
        if let Some(count) = self.max_in_flight {
            wanted["max_in_flight"] = json!(count);
        }
        self.terms.add_to(&mut wanted);
        if self.dry_run {
            wanted["dry_run"] = json!(true);
        }
        let call = Call::new(Method::POST, "/rotations").body(wanted);
        let body = client.service.ask(call).await?;
        if self.dry_run {
            let selection: Selection = client.service.parse(&body)?;
            return client.output.write(&body, &selection.table());
        }
        let fleet: Fleet = client.service.parse(&body)?;
        client.output.write(&body, &fleet.table())
    }
}

impl Selection {
    fn table(&self) -> Table {
        Table::of_one([
            ("dry run", "nothing was done".to_owned()),
            ("selected", self.selected.to_string()),
        ])
    }
}

impl SelectorArgs {
    fn body(&self) -> Value {
        let mut body = json!({});
        if !self.tenant.is_empty() {
            body["tenants"] = self.tenant.iter().map(ToString::to_string).collect();
        }
        if !self.label.is_empty() {
            body["labels"] = json!(self.label.iter().cloned().collect::<BTreeMap<_, _>>());
        }
        for (member, text) in [("cache", &self.cache), ("profile", &self.profile)] {
            if let Some(text) = text {
                body[member] = json!(text);
            }
        }
        body
    }
}
