//! `ringfence rotation retire`, `cancel`, `pause` and `resume`

use clap::Args;
use reqwest::Method;

use super::{Client, place::Place};
use crate::cli::client::{error::ClientError, service::Call};

#[derive(Debug, Args)]
pub(super) struct SteerArgs {
    /// TENANT/ID, or the ID of a fleet rotation
    rotation: Place,
}

#[derive(Debug, Args)]
pub(super) struct SteerFleetArgs {
    /// The ID of a fleet rotation
    #[arg(value_name = "ID", value_parser = Place::of_fleet)]
    rotation: Place,
}

impl SteerArgs {
    pub(super) async fn run(self, client: &Client, order: &str) -> Result<(), ClientError> {
        client.steer(&self.rotation, order).await
    }
}

impl SteerFleetArgs {
    pub(super) async fn run(self, client: &Client, order: &str) -> Result<(), ClientError> {
        client.steer(&self.rotation, order).await
    }
}

impl Client {
    /// `order` is the last word of the operation's path.
    async fn steer(&self, rotation: &Place, order: &str) -> Result<(), ClientError> {
        let path = format!("{}/{order}", rotation.path());
        let body = self.service.ask(Call::new(Method::POST, path)).await?;
        self.tell(rotation, &body)
    }
}
