//! Uses a tenant's cache at a steady rate until its standard input ends, through every rotation.
//!
//! It writes one line for each version of the secret that it has come to use, and one at the end:
//!
//! ```text
//! {"version":"01a2001e-33c4-7e40-8f1a-e2ad052b5067"}
//! {"failures":0,"logins":2,"requests":1200,"versions":["…","…"]}
//! ```

mod secret;
mod tenant;
mod work;

use std::{
    io::{self, Write as _},
    thread,
    time::Duration,
};

use aws_config::BehaviorVersion;
use clap::Parser;
use tokio::sync::oneshot;

use crate::{
    secret::Secret,
    tenant::Tenant,
    work::{Task, work},
};

/// Region, credentials and endpoint come from AWS's variables and files.
#[derive(Parser)]
struct Options {
    /// Such as `ringfence/acme`.
    #[arg(long)]
    secret: String,
    /// What to write, such as `acme:progress`.
    #[arg(long)]
    key: String,
    /// Requests in a second.
    #[arg(long, default_value_t = 10.0)]
    rate: f64,
    /// For how long the secret is kept, in seconds.
    #[arg(long, default_value_t = 300.0)]
    max_age: f64,
    /// For how long a command is tried, in seconds.
    #[arg(long, default_value_t = 600.0)]
    patience: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    // redis-rs takes the process's default for TLS.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let aws = aws_config::load_defaults(BehaviorVersion::v2026_01_12()).await;
    let secrets_manager = aws_sdk_secretsmanager::Client::new(&aws);

    let max_age = Duration::try_from_secs_f64(options.max_age)?;
    let secret = Secret::new(secrets_manager, options.secret, max_age);
    let tenant = Tenant::new(secret, Duration::try_from_secs_f64(options.patience)?);
    let pace = Duration::try_from_secs_f64(1.0 / options.rate)?;
    let task = Task { key: options.key, pace };
    // A failure to write is seen by whoever reads.
    work(&tenant, &task, end_of_input(), |line| drop(writeln!(io::stdout(), "{line}"))).await?;
    Ok(())
}

/// A thread of its own: a runtime would wait for it at the end.
async fn end_of_input() {
    let (sender, ended) = oneshot::channel();
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        let _ = sender.send(());
    });
    let _ = ended.await;
}
