//! Where everything runs: a file for scripts that start us, and lines for people.

use std::{fmt, fs, path::Path};

use anyhow::Context;
use serde::Serialize;

/// Where everything runs.
#[derive(Debug, Serialize)]
pub(super) struct Addresses {
    /// The service's URL; none if the simulator runs alone.
    pub(super) api: Option<String>,
    pub(super) simulator: String,
    pub(super) cache: CacheAddress,
    /// What callers of the API must present; nothing as long as it does not ask who they are.
    pub(super) token: Option<String>,
}

/// Where the engine runs, and what it is.
#[derive(Debug, Serialize)]
pub(super) struct CacheAddress {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) engine: String,
    pub(super) version: String,
}

impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CacheAddress { host, port, engine, version } = &self.cache;
        let cache = format!("{host}:{port}");
        writeln!(f, "  simulator  {:<24} ElastiCache and Secrets Manager", self.simulator)?;
        writeln!(f, "  cache      {cache:<24} {engine} {version}")
    }
}

/// Removes what an earlier run has left, so that nobody takes it for the answer of this one.
pub(super) fn remove(path: &Path) -> anyhow::Result<()> {
    match fs::exists(path) {
        Ok(false) => Ok(()),
        _ => fs::remove_file(path),
    }
    .with_context(|| format!("cannot remove the ready file {} of an earlier run", path.display()))
}

/// Writes the file beside its place and moves it there: whoever sees it sees all of it.
pub(super) fn write(path: &Path, addresses: &Addresses) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let text = serde_json::to_string_pretty(addresses)?;
    fs::write(&beside, text + "\n")
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| format!("cannot write the ready file {}", path.display()))
}
