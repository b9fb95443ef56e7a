//! `ringfence rotation list`

use clap::Args;

use super::{Client, seen::Rotation};
use crate::{
    cli::client::{error::ClientError, fleet::Fleet, service::Call},
    domain::TenantName,
};

/// List the rotations of a tenant, or those of many tenants
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ringfence rotation list\n  ringfence rotation list acme")]
pub(super) struct ListArgs {
    /// Whose; without it, the fleet rotations
    tenant: Option<TenantName>,
}

impl ListArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let path = match &self.tenant {
            Some(tenant) => format!("/tenants/{tenant}/rotations"),
            None => "/rotations".to_owned(),
        };
        let body = client.service.list(|| Call::get(path.as_str())).await?;
        let table = match &self.tenant {
            Some(tenant) => {
                Rotation::list(tenant, &client.service.parse::<Vec<_>>(&body["items"])?)
            }
            None => Fleet::list(&client.service.parse::<Vec<_>>(&body["items"])?),
        };
        client.output.write(&body, &table)
    }
}
