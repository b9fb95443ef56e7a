//! `ringfence tenant list`

use clap::Args;

use super::{Client, seen::Tenant};
use crate::cli::client::{error::ClientError, service::Call};

/// List the tenants
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ringfence tenant list --status active --label plan=gold")]
pub(super) struct ListArgs {
    /// Only those of this status: provisioning, active, updating, suspended, deleting or blocked
    #[arg(long)]
    status: Option<String>,

    /// Only those of this cache
    #[arg(long)]
    cache: Option<String>,

    /// Only those with this label; can be given several times, and then all must be there
    #[arg(long, value_name = "KEY=VALUE")]
    label: Vec<String>,
}

impl ListArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let call = || {
            let call = Call::get("/tenants")
                .query("status", self.status.as_ref())
                .query("cache", self.cache.as_ref());
            self.label.iter().fold(call, |call, label| call.query("label", Some(label)))
        };
        let body = client.service.list(call).await?;
        let tenants: Vec<Tenant> = client.service.parse(&body["items"])?;
        let mut table = Tenant::headings();
        for tenant in &tenants {
            tenant.add_to(&mut table);
        }
        client.output.write(&body, &table)
    }
}
