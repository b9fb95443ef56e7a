//! Putting a backup where the database is.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{
    backup::{folder, sync_folder},
    inspect::{Contents, InspectError, inspect},
    open::{OpenError, lock},
};

/// What becomes of a database that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is restored.
    Keep,
    /// It is put aside under another name.
    PutAside,
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The database is in use, or its lock cannot be had.
    #[error("the database cannot be replaced")]
    Lock(#[source] OpenError),
    /// There is a database already.
    #[error(
        "{path} exists: restore with --force to put it aside as {aside}, or name another database"
    )]
    Exists {
        /// The database.
        path: PathBuf,
        /// Where it would be put.
        aside: PathBuf,
    },
    /// A database was put aside before, and is still there.
    #[error("{path} exists, which was put aside by an earlier restore: move it away")]
    AsideExists {
        /// What is in the way.
        path: PathBuf,
    },
    /// The backup is a database with a log beside it, in which a part of it may be.
    #[error(
        "{log} belongs to the backup and would be lost: make one file of both with `ringfence backup \
         --database {path} NEW`, and restore NEW"
    )]
    HasLog {
        /// The backup.
        path: PathBuf,
        /// What lies beside it.
        log: PathBuf,
    },
    /// The backup is not fit to be restored.
    #[error("the backup cannot be restored")]
    Backup(#[source] InspectError),
    /// A file cannot be read or written.
    #[error("cannot read or write {path}")]
    File {
        /// The database or the backup.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
}

/// Copies a backup to where the database is, with nobody at work on it. The backup stays as it is. It
/// is looked through before anything is changed.
pub async fn restore(
    backup: &Path,
    database: &Path,
    existing: Existing,
) -> Result<Contents, RestoreError> {
    let _lock = lock(database).map_err(RestoreError::Lock)?;
    let aside = beside(database, ".replaced");
    if database.exists() && existing == Existing::Keep {
        return Err(RestoreError::Exists { path: database.to_owned(), aside });
    }
    if let Some(path) = [aside.clone(), beside(&aside, "-wal")].into_iter().find(|it| it.exists()) {
        return Err(RestoreError::AsideExists { path });
    }
    let log = beside(backup, "-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(RestoreError::HasLog { path: backup.to_owned(), log });
    }
    let failed = |source| RestoreError::File { path: database.to_owned(), source };
    let folder = folder(database);
    let mut copy = NamedTempFile::with_prefix_in(".ringfence-restore-", folder).map_err(failed)?;
    let mut source = fs::File::open(backup)
        .map_err(|source| RestoreError::File { path: backup.to_owned(), source })?;
    io::copy(&mut source, copy.as_file_mut()).map_err(failed)?;
    let contents = inspect(copy.path()).await.map_err(RestoreError::Backup)?;
    copy.as_file().sync_all().map_err(failed)?;
    put_aside(database, &aside).map_err(failed)?;
    copy.persist_noclobber(database).map_err(|error| failed(error.error))?;
    sync_folder(folder).map_err(failed)?;
    Ok(contents)
}

/// Renames the database and its log, which SQLite would otherwise play into the restored one. The
/// database goes first: a log without a database is thrown away by whoever opens it.
fn put_aside(database: &Path, aside: &Path) -> io::Result<()> {
    for suffix in ["", "-wal"] {
        match fs::rename(beside(database, suffix), beside(aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    match fs::remove_file(beside(database, "-shm")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The name of a file with something added.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
