//! `ringfence acl lint`

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Args;

use super::{EngineArgs, NO, excerpt::excerpt};
use crate::{
    api::{FindingView, LintReport, SeverityView},
    domain::{Ground, lint_context},
};

/// Look an access string over: leaks, surprises, and what the engine refuses.
///
/// The exit code is 0 if there is nothing at error severity, 1 if there is, 2 if the question makes
/// no sense.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct LintArgs {
    /// The access string, as `CreateUser` of ElastiCache takes it
    #[arg(value_name = "ACCESS STRING", allow_hyphen_values = true)]
    access_string: String,

    #[command(flatten)]
    engine: EngineArgs,

    /// Print what `POST /acl/lint` answers
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  ringfence acl lint 'on ~acme-* +@read +@write -@dangerous'
  ringfence acl lint --engine redis --engine-version 7.1 'on ~acme:* -@all +get'
  ringfence acl lint --json \"$(cat access-string.txt)\"";

impl LintArgs {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let ground = Ground::plain(self.engine.engine());
        let report = LintReport::of(&self.access_string, &lint_context(&ground));
        let text = if self.json {
            serde_json::to_string_pretty(&report)? + "\n"
        } else {
            told(&report, &self.access_string, &ground)?
        };
        io::stdout().write_all(text.as_bytes())?;
        Ok(if report.has_errors() { ExitCode::from(NO) } else { ExitCode::SUCCESS })
    }
}

/// Each finding with its place, then how many there are.
fn told(
    report: &LintReport,
    access_string: &str,
    ground: &Ground,
) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for FindingView { code, severity, position, rule, explanation, suggestion, .. } in
        &report.findings
    {
        write!(text, "{}: {code}", word(*severity))?;
        match (position, rule) {
            (Some(position), Some(rule)) => {
                writeln!(text, " at byte {position}")?;
                text += &excerpt(access_string, *position, rule);
            }
            _ => text.push('\n'),
        }
        writeln!(text, "  {explanation}")?;
        if let Some(suggestion) = suggestion {
            writeln!(text, "  try: {suggestion}")?;
        }
        text.push('\n');
    }
    let count = |severity| report.findings.iter().filter(|f| f.severity == severity).count();
    let (errors, warnings) = (count(SeverityView::Error), count(SeverityView::Warning));
    let (notes, engine) = (count(SeverityView::Note), ground.engine);
    writeln!(text, "{engine}: errors {errors}, warnings {warnings}, notes {notes}")?;
    Ok(text)
}

fn word(severity: SeverityView) -> &'static str {
    match severity {
        SeverityView::Error => "error",
        SeverityView::Warning => "warning",
        SeverityView::Note => "note",
    }
}
