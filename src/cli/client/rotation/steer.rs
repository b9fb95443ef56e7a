//! `ringfence rotation retire` and `ringfence rotation cancel`

use clap::Args;
use reqwest::Method;

use super::{Client, place::Place};
use crate::cli::client::{error::ClientError, service::Call};

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ringfence rotation retire acme/01a2001e-33c4-7e40-8f1a-e2ad052b5067"
)]
pub(super) struct SteerArgs {
    /// TENANT/ID, or the ID of a fleet rotation
    rotation: Place,
}

impl SteerArgs {
    /// `order` is the last word of the operation's path.
    pub(super) async fn run(self, client: &Client, order: &str) -> Result<(), ClientError> {
        let path = format!("{}/{order}", self.rotation.path());
        let body = client.service.ask(Call::new(Method::POST, path)).await?;
        client.tell(&self.rotation, &body)
    }
}
