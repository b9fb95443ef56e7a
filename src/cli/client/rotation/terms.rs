//! On which terms old passwords are retired.

use clap::Args;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::config::parse_duration;

#[derive(Debug, Args)]
pub(super) struct TermsArgs {
    /// The password has leaked: retire it at once and cut open connections
    #[arg(long, conflicts_with_all = ["grace", "retire_when", "consumer"])]
    emergency: bool,

    /// How long the old password goes on working: 2h
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    grace: Option<SignedDuration>,

    /// What has to be so beside the time: time, acks or manual
    #[arg(long)]
    retire_when: Option<String>,

    /// Who has to acknowledge the new password; can be given several times
    #[arg(long, value_name = "NAME")]
    consumer: Vec<String>,
}

impl TermsArgs {
    /// Adds them to the body of a request. What is not given is left to the service.
    pub(super) fn add_to(&self, body: &mut Value) {
        if self.emergency {
            body["mode"] = json!("emergency");
        }
        if let Some(grace) = self.grace {
            body["grace_seconds"] = json!(grace.as_secs());
        }
        if let Some(gate) = &self.retire_when {
            body["retire_when"] = json!(gate);
        }
        if !self.consumer.is_empty() {
            body["expected_consumers"] = json!(self.consumer);
        }
    }
}
