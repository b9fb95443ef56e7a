//! Where `dev` and `simulate` keep their state.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

/// A directory that belongs to this process as long as this value lives.
#[derive(Debug)]
pub(super) struct DataDir {
    path: PathBuf,
    /// Unlocked by the system when the process ends, however it ends.
    _lock: File,
}

impl DataDir {
    /// Makes the directory if it is not there, readable for its owner only: the simulator keeps
    /// secrets in it.
    pub(super) fn lock(path: &Path) -> anyhow::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| format!("cannot make the data directory {}", path.display()))?;
        let lock = File::create(path.join("lock"))
            .with_context(|| format!("cannot write to the data directory {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!(
                "the data directory {} is in use by another ringfence: stop that one, or choose \
                 another directory with --data-dir",
                path.display()
            ),
            Err(TryLockError::Error(error)) => Err(error)
                .with_context(|| format!("cannot lock the data directory {}", path.display())),
        }
    }

    /// Removes what earlier runs have left, and nothing else that may lie here.
    pub(super) fn empty(&self) -> anyhow::Result<()> {
        let database = self.database();
        // SQLite's log and its index lie beside the database, and so does the service's own lock.
        for suffix in ["", "-wal", "-shm", ".lock"] {
            let mut file = database.clone().into_os_string();
            file.push(suffix);
            gone(file.as_ref(), fs::remove_file(&file))?;
        }
        let simulator = self.simulator();
        gone(&simulator, fs::remove_dir_all(&simulator))
    }

    /// The service's database.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join("ringfence.db")
    }

    /// The simulator's directory.
    pub(super) fn simulator(&self) -> PathBuf {
        self.path.join("simulator")
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// What was not there is as good as removed.
fn gone(path: &Path, removal: io::Result<()>) -> anyhow::Result<()> {
    match removal {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}
