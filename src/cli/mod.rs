//! The command line: one file for each command, and what several of them share.

mod acl;
mod audit;
mod backup;
mod check_config;
mod client;
mod completions;
mod dev;
mod healthcheck;
mod import;
mod open_files;
mod openapi;
mod restore;
mod serve;
mod simulate;
mod token;

mod addresses;
mod client_certificate;
mod data_dir;
mod database;
mod privacy;
mod simulated_aws;
mod stop_signals;

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

/// Isolated tenants on one shared ElastiCache cluster: a user, a key prefix and a password for each,
/// and proof that they cannot reach each other.
#[derive(Debug, Parser)]
#[command(name = "ringfence", version, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  ringfence dev                                       try it on this machine, without AWS
  ringfence check-config --config ringfence.toml      is this configuration accepted?
  ringfence serve --config ringfence.toml             run it against AWS
  ringfence backup --config ringfence.toml copy.db    copy the database while it is in use
  ringfence audit verify --config ringfence.toml      was the record of what happened changed?
  ringfence tenant create acme --wait                 make a tenant at the service that runs
  ringfence status --watch                            how does the service do?
  ringfence acl lint 'on ~acme-* +@read'              what does this access string let through?
  ringfence help serve                                more about one command";

#[derive(Debug, Subcommand)]
enum Command {
    Dev(dev::DevArgs),
    Serve(serve::ServeArgs),
    CheckConfig(check_config::CheckConfigArgs),
    Backup(backup::BackupArgs),
    Restore(restore::RestoreArgs),
    Import(import::ImportArgs),
    Audit(audit::AuditArgs),
    Token(token::TokenArgs),
    Tenant(client::TenantArgs),
    Rotation(client::RotationArgs),
    Status(client::StatusArgs),
    Acl(acl::AclArgs),
    Simulate(simulate::SimulateArgs),
    Openapi(openapi::OpenapiArgs),
    Healthcheck(healthcheck::HealthcheckArgs),
    Completions(completions::CompletionsArgs),
}

impl Cli {
    /// Runs the command to its end. What goes wrong is told on standard error.
    pub async fn run(self) -> ExitCode {
        if let Err(error) = privacy::keep_to_itself() {
            return failed(&error);
        }
        let outcome = match self.command {
            Command::Dev(args) => done(args.run().await),
            Command::Serve(args) => done(args.run().await),
            Command::CheckConfig(args) => done(args.run()),
            Command::Backup(args) => done(args.run().await),
            Command::Restore(args) => done(args.run().await),
            Command::Import(args) => args.run().await,
            Command::Audit(args) => args.run().await,
            Command::Token(args) => done(args.run().await),
            Command::Tenant(args) => Ok(args.run().await),
            Command::Rotation(args) => Ok(args.run().await),
            Command::Status(args) => Ok(args.run().await),
            Command::Acl(args) => args.run(),
            Command::Simulate(args) => done(args.run().await),
            Command::Openapi(args) => done(openapi::run(args)),
            Command::Healthcheck(args) => done(args.run().await),
            Command::Completions(args) => done(args.run()),
        };
        match outcome {
            Ok(code) => code,
            Err(error) => failed(&error),
        }
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    // There is nowhere left to report a failure of standard error.
    let _ = writeln!(io::stderr(), "error: {error:#}");
    ExitCode::FAILURE
}

/// A command that has only one way to end well.
fn done(outcome: anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    outcome.map(|()| ExitCode::SUCCESS)
}

/// The variables of this process. What is not UTF-8 is made so, and then refused if it is a setting.
fn variables() -> impl Iterator<Item = (String, String)> {
    let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
    env::vars_os().map(move |(name, value)| (text(name), text(value)))
}
