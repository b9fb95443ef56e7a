//! Asking what a command would do, before it does it.

use clap::Args;
use serde_json::Value;

use super::{Client, plan::Plan};
use crate::cli::client::error::ClientError;

/// Whether to do it. It goes with `--wait`, which then has nothing to wait for: one adds it to the very
/// command that is to be run.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct DryRunArgs {
    /// Do nothing: print what would be done, with the calls to AWS; nothing is waited for
    #[arg(long)]
    dry_run: bool,
}

impl DryRunArgs {
    pub(super) fn is_wanted(self) -> bool {
        self.dry_run
    }

    /// What to ask for in a query.
    pub(super) fn parameter(self) -> Option<bool> {
        self.dry_run.then_some(true)
    }
}

impl Client {
    pub(super) fn tell_plan(&self, body: &Value) -> Result<(), ClientError> {
        let plan: Plan = self.service.parse(body)?;
        self.output.write(body, &plan)
    }
}
