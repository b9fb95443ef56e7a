//! A copy of the file, made while others write to it.
//!
//! SQLite's `VACUUM INTO` writes what one read transaction sees into a new file: everything that was
//! acknowledged before it began, and nothing by halves. It reads through a connection of its own that
//! cannot write, so a service that runs on the file is not asked and does not wait.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::NamedTempFile;

use super::{
    inspect::{Contents, InspectError, inspect},
    open::BUSY_TIMEOUT,
};

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something at the place of the backup already.
    #[error("{path} exists: a backup overwrites nothing, name another file")]
    Exists {
        /// Where the backup was to be.
        path: PathBuf,
    },
    /// There is no database to back up.
    #[error("there is no database {path}")]
    NoDatabase {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The backup cannot be written.
    #[error("cannot write the backup {path}")]
    File {
        /// Where the backup was to be.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The database cannot be read, or the backup not written.
    #[error("cannot copy {path}")]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: sqlx::Error,
    },
    /// The copy is not fit to be restored, and was removed.
    #[error("the copy cannot be trusted")]
    Copy(#[source] InspectError),
}

/// Copies a database into a new file with mode 0600, beside a service that may be running on it. When
/// this is over the copy is whole, was looked through, and is on the disk; else there is none.
pub async fn backup(database: &Path, target: &Path) -> Result<Contents, BackupError> {
    if !database.exists() {
        return Err(BackupError::NoDatabase { path: database.to_owned() });
    }
    if target.symlink_metadata().is_ok() {
        return Err(BackupError::Exists { path: target.to_owned() });
    }
    let file = |source| BackupError::File { path: target.to_owned(), source };
    let folder = folder(target);
    // Under a name of its own until it is whole, and removed if it never is.
    let copy = NamedTempFile::with_prefix_in(".ringfence-backup-", folder).map_err(file)?;
    copy_into(database, copy.path())
        .await
        .map_err(|source| BackupError::Database { path: database.to_owned(), source })?;
    let contents = inspect(copy.path()).await.map_err(BackupError::Copy)?;
    copy.as_file().sync_all().map_err(file)?;
    copy.persist_noclobber(target).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists { path: target.to_owned() },
        _ => file(error.error),
    })?;
    sync_folder(folder).map_err(file)?;
    Ok(contents)
}

async fn copy_into(database: &Path, target: &Path) -> Result<(), sqlx::Error> {
    let options =
        SqliteConnectOptions::new().filename(database).read_only(true).busy_timeout(BUSY_TIMEOUT);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::query("VACUUM INTO $1")
        .bind(target.to_string_lossy().into_owned())
        .execute(&mut connection)
        .await?;
    connection.close().await
}

/// Where a file is.
pub(super) fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Makes names that were given in a folder outlast a power failure.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
