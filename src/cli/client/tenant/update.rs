//! `ringfence tenant update`

use clap::Args;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, dry_run::DryRunArgs, labels::parse_label, seen::Tenant};
use crate::{
    cli::client::{error::ClientError, service::Call, waiting::WaitArgs},
    config::parse_duration,
    domain::TenantName,
};

/// Change a tenant; what is not named stays
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ringfence tenant update acme --profile read-only --wait
  ringfence tenant update acme --profile read-only --dry-run")]
pub(super) struct UpdateArgs {
    name: TenantName,

    #[command(flatten)]
    change: ChangeArgs,

    #[command(flatten)]
    dry_run: DryRunArgs,

    #[command(flatten)]
    wait: WaitArgs,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct ChangeArgs {
    /// What it may do with its keys
    #[arg(long)]
    profile: Option<String>,

    /// How its main user proves who it is: password or iam
    #[arg(long)]
    auth: Option<String>,

    /// A label to set; can be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_label)]
    label: Vec<(String, String)>,

    /// A label to take away; can be given several times
    #[arg(long, value_name = "KEY")]
    remove_label: Vec<String>,

    /// How old its passwords become before they are replaced: 30d
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    rotate_every: Option<SignedDuration>,

    /// Leave that to the settings of the service
    #[arg(long, conflicts_with = "rotate_every")]
    rotate_as_configured: bool,
}

impl UpdateArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let call = Call::new(Method::PATCH, Tenant::path(&self.name))
            .query("dry_run", self.dry_run.parameter())
            .body(self.change.patch());
        let answer = client.service.ask(call).await?;
        if self.dry_run.is_wanted() {
            return client.tell_plan(&answer);
        }
        client.tell(&self.name, answer, self.wait).await
    }
}

impl ChangeArgs {
    /// A merge patch (RFC 7396): `null` takes away.
    fn patch(&self) -> Value {
        let mut patch = json!({});
        for (member, text) in [("profile", &self.profile), ("auth", &self.auth)] {
            if let Some(text) = text {
                patch[member] = json!(text);
            }
        }
        for key in &self.remove_label {
            patch["labels"][key] = Value::Null;
        }
        for (key, value) in &self.label {
            patch["labels"][key] = json!(value);
        }
        if self.rotate_as_configured {
            patch["rotate_every_seconds"] = Value::Null;
        }
        if let Some(interval) = self.rotate_every {
            patch["rotate_every_seconds"] = json!(interval.as_secs());
        }
        patch
    }
}
