//! `ringfence tenant`

mod attest;
mod create;
mod credentials;
mod delete;
mod dry_run;
mod get;
mod labels;
mod list;
mod plan;
mod seen;
mod suspension;
mod update;

use std::process::ExitCode;

use clap::{Args, Subcommand};

pub(super) use self::{
    labels::parse_label,
    seen::{Problem, Tenant},
};

use super::{
    EXIT_CODES, connection::ConnectionArgs, ended, error::ClientError, output::Output,
    service::Service,
};

/// Make, see, change and delete tenants at a running service.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(in crate::cli) struct TenantArgs {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    connection: ConnectionArgs,
}

const EXAMPLES: &str = "\
Examples:
  ringfence tenant create acme --label plan=gold --dry-run
  ringfence tenant create acme --label plan=gold --wait
  ringfence tenant list --status blocked
  ringfence tenant credentials acme --output json | jq -r .url
  ringfence tenant delete acme --purge-keys --wait=600";

#[derive(Debug, Subcommand)]
enum Command {
    Create(create::CreateArgs),
    Get(get::GetArgs),
    List(list::ListArgs),
    Update(update::UpdateArgs),
    /// Take a tenant's users out of the cache, with their passwords kept
    #[command(after_help = "Example:\n  ringfence tenant suspend acme --wait")]
    Suspend(suspension::SuspensionArgs),
    /// Put a suspended tenant's users back
    #[command(after_help = "Example:\n  ringfence tenant resume acme --wait")]
    Resume(suspension::SuspensionArgs),
    Delete(delete::DeleteArgs),
    Credentials(credentials::CredentialsArgs),
    Attest(attest::AttestArgs),
}

impl TenantArgs {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        ended(self.ask().await)
    }

    async fn ask(self) -> Result<(), ClientError> {
        let (service, output) = self.connection.open()?;
        let client = Client { service, output };
        match self.command {
            Command::Create(args) => args.run(&client).await,
            Command::Get(args) => args.run(&client).await,
            Command::List(args) => args.run(&client).await,
            Command::Update(args) => args.run(&client).await,
            Command::Suspend(args) => args.run(&client, suspension::Wish::Suspended).await,
            Command::Resume(args) => args.run(&client, suspension::Wish::Resumed).await,
            Command::Delete(args) => args.run(&client).await,
            Command::Credentials(args) => args.run(&client).await,
            Command::Attest(args) => args.run(&client).await,
        }
    }
}

/// Who is asked, and how to tell the answer.
struct Client {
    service: Service,
    output: Output,
}
