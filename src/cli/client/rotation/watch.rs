//! `ringfence rotation watch`

use clap::Args;
use serde_json::Value;

use super::{
    Client,
    place::Place,
    seen::{Goal, Rotation},
};
use crate::cli::client::{
    error::ClientError,
    fleet::Fleet,
    service::Call,
    waiting::{Sight, WaitArgs},
};

/// Follow a rotation to its end, and show it then
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ringfence rotation watch 01a2001e-33c4-7e40-8f1a-e2ad052b5067")]
pub(super) struct WatchArgs {
    /// TENANT/ID, or the ID of a fleet rotation
    rotation: Place,
}

impl WatchArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let path = self.rotation.path();
        let body = match &self.rotation {
            Place::OfTenant(..) => {
                client.reached(&path, Goal::Completed, WaitArgs::without_end()).await?
            }
            Place::OfFleet(_) => return client.fleet_is_over(&self.rotation).await,
        };
        client.tell(&self.rotation, &body)
    }
}

impl Client {
    /// The rotation at this path, when it has come where it should.
    pub(super) async fn reached(
        &self,
        path: &str,
        goal: Goal,
        wait: WaitArgs,
    ) -> Result<Value, ClientError> {
        let look = async || {
            let body = self.service.ask(Call::get(path)).await?;
            let sight = self.service.parse::<Rotation>(&body)?.sight(&body, goal);
            Ok::<Sight, ClientError>(sight)
        };
        wait.until("the rotation", look).await
    }

    /// Shows a fleet rotation when it is over. One that has failed members, or was cancelled, has not
    /// ended well.
    async fn fleet_is_over(&self, rotation: &Place) -> Result<(), ClientError> {
        let path = rotation.path();
        let look = async || {
            let body = self.service.ask(Call::get(&path)).await?;
            let sight = self.service.parse::<Fleet>(&body)?.sight(&body);
            Ok::<Sight, ClientError>(sight)
        };
        let body = WaitArgs::without_end().until("the fleet rotation", look).await?;
        self.tell(rotation, &body)?;
        let fleet: Fleet = self.service.parse(&body)?;
        match (fleet.state.as_str(), fleet.n_failed()) {
            ("completed", 0) => Ok(()),
            (state, n_failed) => Err(ClientError::EndedOtherwise {
                what: "the fleet rotation".to_owned(),
                how: format!("is {state}, {n_failed} of its members have failed"),
            }),
        }
    }
}
