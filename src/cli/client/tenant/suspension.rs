//! `ringfence tenant suspend` and `ringfence tenant resume`

use clap::Args;
use reqwest::Method;
use serde_json::json;

use super::{Client, dry_run::DryRunArgs, seen::Tenant};
use crate::{
    cli::client::{error::ClientError, service::Call, waiting::WaitArgs},
    domain::TenantName,
};

#[derive(Debug, Args)]
pub(super) struct SuspensionArgs {
    name: TenantName,

    #[command(flatten)]
    dry_run: DryRunArgs,

    #[command(flatten)]
    wait: WaitArgs,
}

/// What is to become of the tenant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Suspended,
    Resumed,
}

impl SuspensionArgs {
    pub(super) async fn run(self, client: &Client, wish: Wish) -> Result<(), ClientError> {
        let patch = json!({ "suspended": wish == Wish::Suspended });
        let call = Call::new(Method::PATCH, Tenant::path(&self.name))
            .query("dry_run", self.dry_run.parameter())
            .body(patch);
        let answer = client.service.ask(call).await?;
        if self.dry_run.is_wanted() {
            return client.tell_plan(&answer);
        }
        client.tell(&self.name, answer, self.wait).await
    }
}
