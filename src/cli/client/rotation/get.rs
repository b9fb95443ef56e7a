//! `ringfence rotation get`

use clap::Args;
use serde_json::Value;

use super::{Client, place::Place, seen::Rotation};
use crate::cli::client::{error::ClientError, fleet::Fleet, service::Call};

/// Show a rotation
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ringfence rotation get acme/01a2001e-33c4-7e40-8f1a-e2ad052b5067"
)]
pub(super) struct GetArgs {
    /// TENANT/ID, or the ID of a fleet rotation
    rotation: Place,
}

impl GetArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let body = client.service.ask(Call::get(self.rotation.path())).await?;
        client.tell(&self.rotation, &body)
    }
}

impl Client {
    pub(super) fn tell(&self, rotation: &Place, body: &Value) -> Result<(), ClientError> {
        let table = match rotation {
            Place::OfTenant(tenant, _) => self.service.parse::<Rotation>(body)?.table(tenant),
            Place::OfFleet(_) => self.service.parse::<Fleet>(body)?.table(),
        };
        self.output.write(body, &table)
    }
}
