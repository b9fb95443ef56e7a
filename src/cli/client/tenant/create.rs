//! `ringfence tenant create`

use clap::Args;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, dry_run::DryRunArgs, labels::parse_label};
use crate::{
    cli::client::{error::ClientError, service::Call, waiting::WaitArgs},
    config::parse_duration,
    domain::TenantName,
};

/// Make a tenant, or ask again for one that is blocked
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ringfence tenant create acme --label plan=gold --wait
  ringfence tenant create acme --label plan=gold --dry-run")]
pub(super) struct CreateArgs {
    name: TenantName,

    /// What it may do with its keys [default: read-write]
    #[arg(long)]
    profile: Option<String>,

    /// The cache to put it into [default: one with room]
    #[arg(long)]
    cache: Option<String>,

    /// The engine that its cache is to run: valkey or redis
    #[arg(long)]
    engine: Option<String>,

    /// How its main user proves who it is: password or iam
    #[arg(long)]
    auth: Option<String>,

    /// A label; can be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_label)]
    label: Vec<(String, String)>,

    /// How old its passwords become before they are replaced: 30d
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    rotate_every: Option<SignedDuration>,

    /// Let it find the keys that a deleted tenant of this name has left behind
    #[arg(long)]
    inherit_keys: bool,

    #[command(flatten)]
    dry_run: DryRunArgs,

    #[command(flatten)]
    wait: WaitArgs,
}

impl CreateArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let call = Call::new(Method::POST, "/tenants").body(self.body());
        let answer = client.service.ask(call).await?;
        if self.dry_run.is_wanted() {
            return client.tell_plan(&answer);
        }
        client.tell(&self.name, answer, self.wait).await
    }

    /// What is not given is left to the service.
    fn body(&self) -> Value {
        let mut body = json!({ "name": self.name.as_str() });
        let texts = [
            ("profile", &self.profile),
            ("cache", &self.cache),
            ("engine", &self.engine),
            ("auth", &self.auth),
        ];
        for (member, text) in texts {
            if let Some(text) = text {
                body[member] = json!(text);
            }
        }
        if let Some(interval) = self.rotate_every {
            body["rotate_every_seconds"] = json!(interval.as_secs());
        }
        if !self.label.is_empty() {
            body["labels"] = self.label.iter().cloned().collect();
        }
        if self.inherit_keys {
            body["inherit_keys"] = json!(true);
        }
        if self.dry_run.is_wanted() {
            body["dry_run"] = json!(true);
        }
        body
    }
}
