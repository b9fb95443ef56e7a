//! `ringfence rotation ack`

use clap::Args;
use reqwest::Method;
use serde_json::json;

use super::{Client, place::Place};
use crate::cli::client::{error::ClientError, service::Call};

/// Say that a consumer has logged in with the new password; said again, it changes nothing
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ringfence rotation ack acme/01a2001e-33c4-7e40-8f1a-e2ad052b5067 --consumer checkout"
)]
pub(super) struct AckArgs {
    /// The ID is also that of the secret's version which holds the new password
    #[arg(value_name = "TENANT/ID", value_parser = Place::of_tenant)]
    rotation: Place,

    /// Who uses the new password, by the name that the rotation was started with
    #[arg(long, value_name = "NAME")]
    consumer: String,
}

impl AckArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let path = format!("{}/acks", self.rotation.path());
        let call = Call::new(Method::POST, path).body(json!({ "consumer": self.consumer }));
        let body = client.service.ask(call).await?;
        client.tell(&self.rotation, &body)
    }
}
