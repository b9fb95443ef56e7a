//! Single columns, read and written.

use std::str::FromStr;

use jiff::Timestamp;

use crate::domain::Revision;

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
