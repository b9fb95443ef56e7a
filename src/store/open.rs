//! Opening the file: its lock, its connections, its schema.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::{FutureExt as _, TryFutureExt as _};
use sqlx::{
    Connection as _, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Store,
    news::{NOTE_TOUCHED, News},
    writer::Writer,
};
use crate::{
    clock::{Clock, Entropy},
    domain::InstallationId,
};

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Readers beside the one writer.
const READERS: u32 = 4;
/// Only another process could keep us waiting, and the lock keeps those out.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Older ones can corrupt a database in WAL mode (<https://sqlite.org/wal.html#walresetbug>).
const SQLITE_OLDEST: (u32, u32, u32) = (3, 51, 3);

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or its lock cannot be made or read.
    #[error("cannot open {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// Another process has it open.
    #[error("{path} is in use by another ringfence: stop that one, or name another database")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A newer Ringfence has changed its schema.
    #[error(
        "{path} was written by a newer ringfence (schema {found}, this one knows {known}): \
         run that version, or restore a backup"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema's number in the file.
        found: i64,
        /// The newest number that this program knows.
        known: i64,
    },
    /// The bundled SQLite is too old to be trusted with WAL.
    #[error("SQLite {found} can corrupt a WAL database: build with 3.51.3 or newer")]
    SqliteTooOld {
        /// Its version.
        found: String,
    },
    /// The configuration names another installation than the file.
    #[error(
        "the database belongs to installation {stored:?}, the configuration says {configured:?}: \
         remove the setting `installation`, or name the right database"
    )]
    OtherInstallation {
        /// What the file says.
        stored: String,
        /// What the configuration says.
        configured: String,
    },
    /// The schema cannot be brought up to date.
    #[error("cannot migrate {path}")]
    Migrate {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: MigrateError,
    },
    /// SQLite failed.
    #[error("cannot use {path} as a database")]
    Database {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: sqlx::Error,
    },
}

impl Store {
    /// Opens the file, or makes it with mode 0600, and brings its schema up to date.
    pub async fn open(
        path: &Path,
        configured: Option<InstallationId>,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<Self, OpenError> {
        let lock = lock(path)?;
        private_file(path).map_err(|source| OpenError::File { path: path.to_owned(), source })?;
        let options = options(path);
        let database = |source| OpenError::Database { path: path.to_owned(), source };
        let mut first = SqliteConnection::connect_with(&options).await.map_err(database)?;
        check_sqlite(&mut first, path).await?;
        migrate(&mut first, path).await?;
        let installation = installation(&mut first, path, configured, clock, entropy).await?;
        first.close().await.map_err(database)?;
        let (lock, news) = (Arc::new(lock), Arc::new(News::new()));
        let writer = writing(options.clone()).await.map_err(database)?;
        let writer = Arc::new(Writer::start(writer, Arc::clone(&lock), Arc::clone(&news)));
        let reader = reading(options).await.map_err(database)?;
        Ok(Self { writer, reader, installation, news, lock })
    }
}

/// One connection, so that writes queue instead of failing with `SQLITE_BUSY`. It is made anew if
/// it was lost.
async fn writing(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let pool = SqlitePoolOptions::new().max_connections(1).after_connect(|connection, _| {
        sqlx::raw_sql(NOTE_TOUCHED).execute(connection).map_ok(drop).boxed()
    });
    pool.connect_with(options).await
}

async fn reading(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    // A file does not hang up: asking before each use costs as much as the query.
    let pool = SqlitePoolOptions::new().max_connections(READERS).test_before_acquire(false);
    pool.connect_with(options.pragma("query_only", "ON")).await
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("temp_store", "MEMORY")
}

pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let failed = |source| OpenError::File { path: lock_path.clone(), source };
    let file = private_file(&lock_path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Opens a file for its owner alone. SQLite gives its journal the same mode.
fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

async fn check_sqlite(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    let found: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(connection)
        .await
        .map_err(|source| OpenError::Database { path: path.to_owned(), source })?;
    let mut parts = found.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < SQLITE_OLDEST {
        return Err(OpenError::SqliteTooOld { found });
    }
    Ok(())
}

async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    MIGRATOR.run(connection).await.map_err(|source| match source {
        MigrateError::VersionMissing(found) => {
            let known = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
            OpenError::Newer { path: path.to_owned(), found, known }
        }
        source => OpenError::Migrate { path: path.to_owned(), source },
    })
}

/// The id made with the store, or the configured one if the store is new.
async fn installation(
    connection: &mut SqliteConnection,
    path: &Path,
    configured: Option<InstallationId>,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<InstallationId, OpenError> {
    let now = clock.now();
    let fresh = configured
        .clone()
        .unwrap_or_else(|| InstallationId::new(entropy.uuid(now).hyphenated().to_string()));
    let stored: String = sqlx::query_scalar(
        "INSERT INTO installation (only_row, id, created_at) VALUES (1, $1, $2)
         ON CONFLICT (only_row) DO UPDATE SET id = id RETURNING id",
    )
    .bind(fresh.as_str())
    .bind(now.as_millisecond())
    .fetch_one(connection)
    .await
    .map_err(|source| OpenError::Database { path: path.to_owned(), source })?;
    match configured {
        Some(configured) if configured.as_str() != stored => {
            Err(OpenError::OtherInstallation { stored, configured: configured.as_str().to_owned() })
        }
        _ => Ok(InstallationId::new(stored)),
    }
}
