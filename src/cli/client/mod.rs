//! The commands that ask a running service over HTTP, as any other caller does: they know its address
//! and a token, and nothing of its database.
//!
//! What a command prints on standard output is its result and nothing else; progress, warnings and
//! errors go to standard error, and progress only to a terminal.

mod rotation;
mod status;
mod tenant;

mod connection;
mod error;
mod fleet;
mod output;
mod problem;
mod progress;
mod retries;
mod service;
mod trust;
mod waiting;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use error::ClientError;

pub(super) use self::{rotation::RotationArgs, status::StatusArgs, tenant::TenantArgs};

/// What the codes mean; each command's help ends with it.
const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  refused by the service
  2  the command line cannot be understood
  3  the service cannot be reached, or cannot answer now
  4  there is no such thing
  5  not done in time; the work goes on
  6  it ended otherwise: blocked, failed, cancelled, or not isolated";

/// Tells how a command ended, to people and to scripts.
fn ended(outcome: Result<(), ClientError>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has read enough, as `head` does.
        Err(ClientError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            // There is nowhere left to report a failure of standard error.
            let _ = writeln!(io::stderr(), "error: {}", error.told());
            ExitCode::from(error.exit_code())
        }
    }
}
