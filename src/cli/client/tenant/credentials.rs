//! `ringfence tenant credentials`

use std::io::{self, IsTerminal as _, Write as _};

use clap::Args;
use serde::Deserialize;

use super::{Client, seen::Tenant};
use crate::{
    cli::client::{error::ClientError, output::Table, service::Call},
    domain::{LocalUserName, TenantName},
};

/// Print what a tenant logs in with, its password included
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ringfence tenant credentials acme --output json | jq -r .url")]
pub(super) struct CredentialsArgs {
    name: TenantName,

    /// Those of this further user
    #[arg(long, value_name = "NAME", value_parser = LocalUserName::parse)]
    user: Option<LocalUserName>,
}

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: Option<String>,
    host: String,
    port: u16,
    tls: bool,
    key_prefix: String,
    url: Option<String>,
    auth: String,
}

impl CredentialsArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let tenant = Tenant::path(&self.name);
        let path = match &self.user {
            Some(user) => format!("{tenant}/users/{user}/credentials"),
            None => format!("{tenant}/credentials"),
        };
        let body = client.service.ask(Call::get(path)).await?;
        let credentials: Credentials = client.service.parse(&body)?;
        if credentials.password.is_some() && io::stdout().is_terminal() {
            // There is nowhere left to report a failure of standard error.
            let _ = writeln!(io::stderr(), "warning: there is a password on this screen now");
        }
        client.output.write(&body, &credentials.table())
    }
}

impl Credentials {
    fn table(self) -> Table {
        Table::of_one([
            ("username", self.username),
            ("password", self.password.unwrap_or_default()),
            ("auth", self.auth),
            ("host", self.host),
            ("port", self.port.to_string()),
            ("tls", if self.tls { "yes" } else { "no" }.to_owned()),
            ("key prefix", self.key_prefix),
            ("url", self.url.unwrap_or_default()),
        ])
    }
}
