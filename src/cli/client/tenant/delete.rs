//! `ringfence tenant delete`

use clap::Args;
use reqwest::Method;
use serde_json::Value;

use super::{Client, dry_run::DryRunArgs, seen::Tenant};
use crate::{
    cli::client::{
        error::ClientError,
        output::Table,
        service::Call,
        waiting::{Sight, WaitArgs},
    },
    domain::TenantName,
};

/// Delete a tenant: cut its connections, remove its users, schedule its secrets for deletion
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ringfence tenant delete acme --purge-keys --wait=600
  ringfence tenant delete acme --purge-keys --dry-run")]
pub(super) struct DeleteArgs {
    name: TenantName,

    /// Remove its keys from the cache too, and prove that none is left
    #[arg(long)]
    purge_keys: bool,

    #[command(flatten)]
    dry_run: DryRunArgs,

    #[command(flatten)]
    wait: WaitArgs,
}

impl DeleteArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let call = Call::new(Method::DELETE, Tenant::path(&self.name))
            .query("purge_keys", self.purge_keys.then_some(true))
            .query("dry_run", self.dry_run.parameter());
        let mut body = client.service.ask(call).await?;
        if self.dry_run.is_wanted() {
            return client.tell_plan(&body);
        }
        if self.wait.is_wanted() {
            let what = format!("the deletion of {}", self.name);
            body = self.wait.until(&what, async || self.look(client).await).await?;
        }
        let table = match &body {
            // As after an answer without a body.
            Value::Null => Table::of_one([("deleted", self.name.to_string())]),
            body => client.service.parse::<Tenant>(body)?.table(),
        };
        client.output.write(&body, &table)
    }

    async fn look(&self, client: &Client) -> Result<Sight, ClientError> {
        match client.service.ask(Call::get(Tenant::path(&self.name))).await {
            Ok(body) => Ok(client.service.parse::<Tenant>(&body)?.sight_of_removal()),
            Err(ClientError::Refused(refusal)) if refusal.status() == 404 => {
                Ok(Sight::Done(Value::Null))
            }
            Err(error) => Err(error),
        }
    }
}
