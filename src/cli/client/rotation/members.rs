//! `ringfence rotation members`

use clap::Args;
use serde::Deserialize;

use super::{Client, place::Place};
use crate::cli::client::{error::ClientError, output::Table, service::Call, tenant::Problem};

/// List the members of a fleet rotation: whose passwords it replaces, and what became of each
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ringfence rotation members 01a2001e-33c4-7e40-8f1a-e2ad052b5067 --status failed"
)]
pub(super) struct MembersArgs {
    /// The ID of a fleet rotation
    #[arg(value_name = "ID", value_parser = Place::of_fleet)]
    rotation: Place,

    /// Only those of this status: waiting, running, grace, completed, failed, cancelled or skipped
    #[arg(long)]
    status: Option<String>,
}

/// What is read of a member. A service that is newer than this program may tell more.
#[derive(Debug, Deserialize)]
struct Member {
    tenant: String,
    user: String,
    cache: String,
    status: String,
    rotation: Option<String>,
    /// A service's rotation has none.
    rotation_path: Option<String>,
    waits_for: Option<String>,
    skipped_because: Option<String>,
    problem: Option<Problem>,
}

impl MembersArgs {
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let path = format!("{}/members", self.rotation.path());
        let call = || Call::get(path.as_str()).query("status", self.status.as_ref());
        let body = client.service.list(call).await?;
        let members: Vec<Member> = client.service.parse(&body["items"])?;
        let mut table = Table::new(["TENANT", "USER", "CACHE", "STATUS", "ROTATION", "REMARK"]);
        for member in &members {
            member.add_to(&mut table);
        }
        client.output.write(&body, &table)
    }
}

impl Member {
    fn add_to(&self, table: &mut Table) {
        table.row([
            self.tenant.clone(),
            self.user.clone(),
            self.cache.clone(),
            self.status.clone(),
            self.place().unwrap_or_default(),
            self.remark(),
        ]);
    }

    /// The rotation as other commands take it, if they do.
    fn place(&self) -> Option<String> {
        let (id, _) = self.rotation.as_ref().zip(self.rotation_path.as_ref())?;
        Some(format!("{}/{id}", self.tenant))
    }

    /// What is not as usual.
    fn remark(&self) -> String {
        match (&self.problem, &self.waits_for, &self.skipped_because) {
            (Some(problem), _, _) => problem.told(),
            (_, Some(other), _) => format!("waits for the end of {}/{other}", self.tenant),
            (_, _, Some(why)) => format!("is {why}"),
            (None, None, None) => String::new(),
        }
    }
}
