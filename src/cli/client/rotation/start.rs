//! `ringfence rotation start`

use clap::Args;
use reqwest::Method;
use serde_json::json;

use super::{Client, seen::Goal, seen::Rotation, terms::TermsArgs};
use crate::{
    cli::client::{error::ClientError, service::Call, waiting::WaitArgs},
    domain::{LocalUserName, TenantName},
};

/// Replace a tenant's password; with --wait, until the new one is the one to use
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ringfence rotation start acme --grace 2h --wait")]
pub(super) struct StartArgs {
    tenant: TenantName,

    /// That of this further user
    #[arg(long, value_name = "NAME", value_parser = LocalUserName::parse)]
    user: Option<LocalUserName>,

    /// Why
    #[arg(long)]
    reason: Option<String>,

    #[command(flatten)]
    terms: TermsArgs,

    #[command(flatten)]
    wait: WaitArgs,
}

impl StartArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let mut wanted = json!({});
        if let Some(user) = &self.user {
            wanted["user"] = json!(user.to_string());
        }
        if let Some(reason) = &self.reason {
            wanted["reason"] = json!(reason);
        }
        self.terms.add_to(&mut wanted);
        let path = format!("/tenants/{}/rotations", self.tenant);
        let mut body = client.service.ask(Call::new(Method::POST, &path).body(wanted)).await?;
        if self.wait.is_wanted() {
            let id = client.service.parse::<Rotation>(&body)?.id;
            body = client.reached(&format!("{path}/{id}"), Goal::Promoted, self.wait).await?;
        }
        let rotation: Rotation = client.service.parse(&body)?;
        client.output.write(&body, &rotation.table(&self.tenant))
    }
}
