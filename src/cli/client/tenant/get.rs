//! `ringfence tenant get`

use clap::Args;

use super::{Client, seen::Tenant};
use crate::{
    cli::client::{error::ClientError, service::Call},
    domain::TenantName,
};

/// Show a tenant, without its password
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ringfence tenant get acme")]
pub(super) struct GetArgs {
    name: TenantName,
}

impl GetArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let body = client.service.ask(Call::get(Tenant::path(&self.name))).await?;
        let tenant: Tenant = client.service.parse(&body)?;
        client.output.write(&body, &tenant.table())
    }
}
