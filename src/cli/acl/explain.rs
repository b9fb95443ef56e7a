//! `ringfence acl explain`

use std::{
    ffi::OsString,
    fmt::Write as _,
    io::{self, Write as _},
    os::unix::ffi::OsStrExt as _,
    process::ExitCode,
};

use clap::Args;

use super::{EngineArgs, NO, USAGE, excerpt::excerpt};
use crate::api::ExplainReport;

/// Say whether an access string allows a call, and which rule decides.
///
/// The exit code is 0 if the call is allowed, 1 if it is denied, 2 if the question makes no sense.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExplainArgs {
    /// The access string, as `CreateUser` of ElastiCache takes it
    #[arg(value_name = "ACCESS STRING", allow_hyphen_values = true)]
    access_string: String,

    #[command(flatten)]
    engine: EngineArgs,

    /// Print what `POST /acl/explain` answers
    #[arg(long)]
    json: bool,

    /// The call: a command and its arguments
    #[arg(last = true, required = true, value_name = "WORD")]
    call: Vec<OsString>,
}

const EXAMPLES: &str = "\
Examples:
  ringfence acl explain 'on ~acme:* -@all +@read' -- GET globex:plan
  ringfence acl explain '~acme:* +@geo' --engine redis --engine-version 7.1 -- GEOADD acme:a 1 2 x";

impl ExplainArgs {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let call: Vec<&[u8]> = self.call.iter().map(|word| word.as_bytes()).collect();
        let report = match ExplainReport::of(&self.access_string, self.engine.engine(), &call) {
            Ok(report) => report,
            Err(why) => {
                writeln!(io::stderr(), "error: {why}")?;
                return Ok(ExitCode::from(USAGE));
            }
        };
        let text = if self.json {
            serde_json::to_string_pretty(&report)? + "\n"
        } else {
            told(&report, &self.access_string)?
        };
        io::stdout().write_all(text.as_bytes())?;
        Ok(if report.allowed { ExitCode::SUCCESS } else { ExitCode::from(NO) })
    }
}

/// The decision, and each rule that had a part in it.
fn told(report: &ExplainReport, access_string: &str) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(text, "{}", report.explanation)?;
    for reason in &report.reasons {
        if let (Some(position), Some(rule)) = (reason.position, &reason.rule) {
            writeln!(text, "\nat byte {position}")?;
            text += &excerpt(access_string, position, rule);
        }
    }
    Ok(text)
}
