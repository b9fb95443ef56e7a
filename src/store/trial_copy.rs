//! A copy of the store to try things on.

use std::{fs, io, path::Path};

use tempfile::TempDir;

use super::{OpenError, Store, open::lock};
use crate::{
    clock::{Clock, Entropy},
    domain::InstallationId,
};

/// A copy of the store, which is gone when this is dropped. Nobody can change the original meanwhile.
#[derive(Debug)]
pub struct TrialCopy {
    /// The copy.
    pub store: Store,
    /// Of the original, if there is one.
    _lock: Option<fs::File>,
    _folder: TempDir,
}

impl Store {
    /// Copies the file, or begins an empty one if there is none, and opens the copy.
    pub async fn open_trial_copy(
        path: &Path,
        configured: Option<InstallationId>,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<TrialCopy, OpenError> {
        let failed = |source: io::Error| OpenError::File { path: path.to_owned(), source };
        // Only its owner can look into it.
        let folder = TempDir::new().map_err(failed)?;
        let copy = folder.path().join("ringfence.db");
        let lock = if path.exists() { Some(lock(path)?) } else { None };
        // What is left beside a file that is gone is of no use.
        if lock.is_some() {
            for suffix in ["", "-wal"] {
                copy_if_there(path, &copy, suffix).map_err(failed)?;
            }
        }
        let store = Self::open(&copy, configured, clock, entropy).await?;
        Ok(TrialCopy { store, _lock: lock, _folder: folder })
    }
}

/// Copies a file of the database. What is not in the database itself yet is in the one that ends with
/// `-wal` (<https://sqlite.org/walformat.html>).
fn copy_if_there(from: &Path, to: &Path, suffix: &str) -> io::Result<()> {
    let with_suffix = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        name
    };
    match fs::copy(with_suffix(from), with_suffix(to)) {
        Ok(_size) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
