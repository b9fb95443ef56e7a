//! What the benchmarks share: AWS and a service to measure, a way to put load on it, and a way to
//! tell what was found.

pub(crate) mod aws;
pub(crate) mod constant;
mod http;
pub(crate) mod load;
mod machine;
pub(crate) mod paced;
pub(crate) mod page;
mod plot;
mod report;
mod service;
pub(crate) mod stored;
pub(crate) mod times;
pub(crate) mod waiting;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;
use tempfile::TempDir;

pub(crate) use plot::{Plot, Series};
pub(crate) use report::{Goal, Report, Row};
pub(crate) use service::Service;

/// Where everything is measured.
#[derive(Debug)]
pub(crate) struct Rig {
    /// Small sizes and short times.
    pub(crate) quick: bool,
    repository: PathBuf,
    /// On the disk that the build is on: `/tmp` may be in memory, where a commit costs nothing.
    scratch: PathBuf,
}

impl Rig {
    pub(crate) fn new(quick: bool) -> anyhow::Result<Self> {
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
        std::fs::create_dir_all(&scratch)?;
        Ok(Self { quick, repository: PathBuf::from(env!("CARGO_MANIFEST_DIR")), scratch })
    }

    /// One thing for a full run and another for a quick one.
    pub(crate) fn size<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    /// An empty directory, removed when it is dropped.
    pub(crate) fn directory(&self) -> anyhow::Result<TempDir> {
        Ok(tempfile::tempdir_in(&self.scratch)?)
    }

    /// A file of the repository.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.repository.join(path)
    }

    /// Leaves the results where nothing else is touched.
    pub(crate) fn keep(&self, reports: &[Report]) -> anyhow::Result<()> {
        write_results(&self.scratch, &self.document(reports), reports)
    }

    /// Puts the results where they are committed.
    pub(crate) fn publish(&self, reports: &[Report]) -> anyhow::Result<()> {
        write_results(&self.file("benches/results"), &self.document(reports), reports)?;
        let path = self.file("BENCHMARKS.md");
        let before = std::fs::read_to_string(&path).context("BENCHMARKS.md")?;
        let after = page::fill(&before, reports, &machine::describe())?;
        Ok(std::fs::write(path, after)?)
    }

    fn document(&self, reports: &[Report]) -> serde_json::Value {
        json!({ "quick": self.quick, "machine": machine::describe(), "benchmarks": reports })
    }
}

fn write_results(
    directory: &Path,
    document: &serde_json::Value,
    reports: &[Report],
) -> anyhow::Result<()> {
    std::fs::create_dir_all(directory)?;
    std::fs::write(directory.join("results.json"), format!("{document:#}\n"))?;
    for plot in reports.iter().flat_map(|report| &report.plots) {
        plot.draw(&directory.join(plot.file))?;
    }
    Ok(())
}
