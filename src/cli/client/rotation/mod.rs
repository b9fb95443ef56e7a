//! `ringfence rotation`

mod ack;
mod get;
mod list;
mod members;
mod place;
mod seen;
mod start;
mod start_fleet;
mod steer;
mod terms;
mod watch;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{
    EXIT_CODES, connection::ConnectionArgs, ended, error::ClientError, output::Output,
    service::Service,
};

/// Replace passwords at a running service: a tenant's, or those of many.
///
/// A rotation of a tenant is named TENANT/ID, and one of many tenants by its ID, as `list` prints them.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(in crate::cli) struct RotationArgs {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    connection: ConnectionArgs,
}

const EXAMPLES: &str = "\
Examples:
  ringfence rotation start acme --wait
  ringfence rotation start acme --emergency --reason 'password in a log'
  ringfence rotation start-fleet --label plan=gold --reason quarterly
  ringfence rotation watch 01a2001e-33c4-7e40-8f1a-e2ad052b5067
  ringfence rotation pause 01a2001e-33c4-7e40-8f1a-e2ad052b5067
  ringfence rotation list acme
  ringfence rotation ack acme/01a2001e-33c4-7e40-8f1a-e2ad052b5067 --consumer checkout";

#[derive(Debug, Subcommand)]
enum Command {
    Start(start::StartArgs),
    StartFleet(start_fleet::StartFleetArgs),
    List(list::ListArgs),
    Get(get::GetArgs),
    Members(members::MembersArgs),
    Watch(watch::WatchArgs),
    Ack(ack::AckArgs),
    /// Retire the old password now, whatever the grace and the gate say
    #[command(
        after_help = "Example:\n  ringfence rotation retire acme/01a2001e-33c4-7e40-8f1a-e2ad052b5067"
    )]
    Retire(steer::SteerArgs),
    /// Keep the old password, unless the new one is the tenant's already
    #[command(
        after_help = "Example:\n  ringfence rotation cancel acme/01a2001e-33c4-7e40-8f1a-e2ad052b5067"
    )]
    Cancel(steer::SteerArgs),
    /// Start no more members of a fleet rotation; those on their way go on
    #[command(
        after_help = "Example:\n  ringfence rotation pause 01a2001e-33c4-7e40-8f1a-e2ad052b5067"
    )]
    Pause(steer::SteerFleetArgs),
    /// Go on with a fleet rotation that was paused
    #[command(
        after_help = "Example:\n  ringfence rotation resume 01a2001e-33c4-7e40-8f1a-e2ad052b5067"
    )]
    Resume(steer::SteerFleetArgs),
}

impl RotationArgs {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        ended(self.ask().await)
    }

    async fn ask(self) -> Result<(), ClientError> {
        let (service, output) = self.connection.open()?;
        let client = Client { service, output };
        match self.command {
            Command::Start(args) => args.run(&client).await,
            Command::StartFleet(args) => args.run(&client).await,
            Command::List(args) => args.run(&client).await,
            Command::Get(args) => args.run(&client).await,
            Command::Members(args) => args.run(&client).await,
            Command::Watch(args) => args.run(&client).await,
            Command::Ack(args) => args.run(&client).await,
            Command::Retire(args) => args.run(&client, "retire").await,
            Command::Cancel(args) => args.run(&client, "cancel").await,
            Command::Pause(args) => args.run(&client, "pause").await,
            Command::Resume(args) => args.run(&client, "resume").await,
        }
    }
}

/// Who is asked, and how to tell the answer.
struct Client {
    service: Service,
    output: Output,
}
