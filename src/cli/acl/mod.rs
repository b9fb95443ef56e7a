//! `ringfence acl`: access strings, without a configuration, AWS or network.

mod excerpt;
mod explain;
mod lint;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use ringfence_acl::{Engine, EngineKind, EngineVersion};

use crate::api::choose_engine;

/// Look at an access string: what it lets through, and why.
///
/// Nothing is read and nobody is called.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct AclArgs {
    #[command(subcommand)]
    command: AclCommand,
}

const EXAMPLES: &str = "\
Examples:
  ringfence acl lint 'on ~acme-* +@read +@write -@dangerous'
  ringfence acl explain 'on ~acme:* +@read' -- GET globex:plan";

#[derive(Debug, Subcommand)]
enum AclCommand {
    Lint(lint::LintArgs),
    Explain(explain::ExplainArgs),
}

/// What the string is meant for.
#[derive(Debug, Args)]
struct EngineArgs {
    /// The engine of the cache: valkey or redis
    #[arg(long, value_name = "ENGINE", default_value = "valkey")]
    engine: EngineKind,

    /// The engine's version, such as 8.1 [default: the newest that ElastiCache has]
    #[arg(long, value_name = "VERSION")]
    engine_version: Option<EngineVersion>,
}

impl EngineArgs {
    fn engine(&self) -> Engine {
        choose_engine(Some(self.engine), self.engine_version, None)
    }
}

/// The answer is no: an error was found, or the call is denied.
const NO: u8 = 1;

/// The question makes no sense; the code that the parser of the command line uses as well.
const USAGE: u8 = 2;

impl AclArgs {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            AclCommand::Lint(args) => args.run(),
            AclCommand::Explain(args) => args.run(),
        }
    }
}
