//! Single columns, read and written.

use std::str::FromStr;

use jiff::Timestamp;

use crate::domain::{Remedy, Revision, TenantProblem};

pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(
    column: &str,
    text: &str,
) -> Result<T, String> {
    text.parse().map_err(|error| format!("{column}: {text:?} {error}"))
}

pub(super) fn time(column: &str, milliseconds: i64) -> Result<Timestamp, String> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| format!("{column}: {error}"))
}

pub(super) fn revision(value: i64) -> Result<Revision, String> {
    u64::try_from(value).map(Revision).map_err(|error| format!("revision: {error}"))
}

/// The revision as SQLite keeps it.
pub(super) fn revision_to_sql(revision: Revision) -> i64 {
    i64::try_from(revision.0).unwrap_or(i64::MAX)
}

/// What stands in the way, from its three columns.
pub(super) fn problem(
    code: Option<String>,
    detail: Option<String>,
    retry_at: Option<i64>,
) -> Result<Option<TenantProblem>, String> {
    let (code, detail) = match (code, detail) {
        (None, None) => return Ok(None),
        (Some(code), Some(detail)) => (code, detail),
        (code, _) => return Err(format!("problem_code: {code:?} and problem_detail disagree")),
    };
    let remedy = match retry_at {
        Some(at) => Remedy::Retry { at: time("retry_at", at)? },
        None => Remedy::Person,
    };
    Ok(Some(TenantProblem { code: parsed("problem_code", &code)?, detail, remedy }))
}
