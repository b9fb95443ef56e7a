//! How results are written: as tables for people, as the service's own JSON for programs.

use std::{
    fmt::{self, Write as _},
    io::{self, Write as _},
};

use clap::ValueEnum;
use serde_json::Value;

use super::error::ClientError;

/// How to tell the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people
    Table,
    /// What the API answered
    Json,
}

impl Output {
    /// Writes a result: as it is told to people, or what that was made from.
    pub(super) fn write(self, body: &Value, told: &impl fmt::Display) -> Result<(), ClientError> {
        match self {
            Self::Table => put(&told.to_string()),
            Self::Json => put(&format!("{body:#}\n")),
        }
    }
}

/// Writes to standard output.
pub(super) fn put(text: &str) -> Result<(), ClientError> {
    let mut out = io::stdout().lock();
    Ok(out.write_all(text.as_bytes()).and_then(|()| out.flush())?)
}

/// A table with a heading for each column; an empty one is only its headings.
#[derive(Debug)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self { rows: vec![headings.map(str::to_owned).to_vec()] }
    }

    /// A table of one thing: its members below each other, without those that are empty.
    pub(super) fn of_one<const N: usize>(members: [(&str, String); N]) -> Self {
        let told = members.into_iter().filter(|(_, value)| !value.is_empty());
        Self { rows: told.map(|(name, value)| vec![name.to_owned(), printable(&value)]).collect() }
    }

    /// Adds a row. What is empty is shown as `-`, so that columns can be counted by programs.
    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        let shown = |cell: String| if cell.is_empty() { "-".to_owned() } else { printable(&cell) };
        self.rows.push(cells.map(shown).to_vec());
    }

    /// Whether nothing is below the headings.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.len() <= 1
    }

    fn widths(&self) -> Vec<usize> {
        let n_columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        (0..n_columns).map(width).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                write!(line, "{cell:<width$}  ")?;
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// The text without what would steer a terminal: a detail may quote what somebody else has written.
pub(super) fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let mut table = Table::new(["NAME", "STATUS"]);
        table.row(["acme".to_owned(), "active".to_owned()]);
        table.row(["a-longer-name".to_owned(), String::new()]);
        assert_eq!(
            table.to_string(),
            "NAME           STATUS\nacme           active\na-longer-name  -\n"
        );
    }

    #[test]
    fn a_table_of_one_thing_leaves_out_what_there_is_not() {
        let table = Table::of_one([("name", "acme".to_owned()), ("problem", String::new())]);
        assert_eq!(table.to_string(), "name  acme\n");
    }
}
