//! Operations on access strings, one file each, and what they share. They read what is sent and,
//! if a cache is named, what is known of it; nothing is changed anywhere.
//!
//! The reports are made without the service, so that the command line gives the same ones.

pub(super) mod explain;
pub(super) mod lint;

mod engine_choice;
mod explain_report;
mod lint_report;
mod sent;
mod surroundings;

pub(crate) use self::{
    engine_choice::choose_engine,
    explain_report::{ExplainReport, NotExplained},
    lint_report::{FindingView, LintReport, SeverityView},
};
