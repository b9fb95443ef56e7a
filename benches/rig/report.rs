//! What a benchmark has found.

use serde::Serialize;
use serde_json::Value;

use super::Plot;

/// What a benchmark has found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Its name on the command line, and of its place in `BENCHMARKS.md`.
    pub(crate) benchmark: &'static str,
    pub(crate) took_seconds: f64,
    /// What there is a goal for.
    pub(crate) rows: Vec<Row>,
    /// What else one wants to see.
    #[serde(skip)]
    pub(crate) tables: Vec<Table>,
    #[serde(skip)]
    pub(crate) plots: Vec<Plot>,
    /// Everything that was measured.
    pub(crate) data: Value,
}

impl Report {
    pub(crate) fn new(benchmark: &'static str, rows: Vec<Row>, data: Value) -> Self {
        let (tables, plots) = (Vec::new(), Vec::new());
        Self { benchmark, took_seconds: 0.0, rows, tables, plots, data }
    }

    pub(crate) fn with_table(
        mut self,
        headings: Vec<&'static str>,
        rows: Vec<Vec<String>>,
    ) -> Self {
        self.tables.push(Table { headings, rows });
        self
    }

    pub(crate) fn with_plot(mut self, plot: Plot) -> Self {
        self.plots.push(plot);
        self
    }
}

/// One result beside what it is to be compared with.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) result: String,
    pub(crate) compared_with: String,
    pub(crate) ratio: f64,
    pub(crate) goal: Option<Goal>,
    /// Whether the goal was reached.
    pub(crate) hit: Option<bool>,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, ratio: f64, goal: Option<Goal>) -> Self {
        let hit = goal.map(|goal| goal.is_reached(ratio));
        let (result, compared_with) = (String::new(), String::new());
        Self { what: what.into(), result, compared_with, ratio, goal, hit }
    }

    /// With the two that the ratio is of, in words.
    pub(crate) fn of(mut self, result: String, compared_with: String) -> Self {
        (self.result, self.compared_with) = (result, compared_with);
        self
    }
}

/// What the ratio is to be.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    fn is_reached(self, ratio: f64) -> bool {
        match self {
            Self::AtMost(most) => ratio <= most,
            Self::AtLeast(least) => ratio >= least,
        }
    }
}

/// Rows of text under headings.
#[derive(Debug)]
pub(crate) struct Table {
    pub(super) headings: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}
