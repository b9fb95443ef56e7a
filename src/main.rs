//! The `ringfence` program.

use std::process::ExitCode;

use clap::Parser;
use ringfence::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    // The Redis client takes the process's default; without one it panics at its first connection.
    // It is refused only if there is one already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Cli::parse().run().await
}
