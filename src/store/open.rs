//! Opening the file: its lock, its connections, its schema.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt as _;
use sqlx::{
    Connection as _, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Store,
    counted::NOTE_COUNTED,
    event_chain::begin_chain,
    metrics::StoreMetrics,
    news::{NOTE_TOUCHED, News},
    private_file::{private_file, shut_journal},
    writer::Writer,
};
use crate::{
    clock::{Clock, Entropy},
    domain::InstallationId,
};

pub(super) static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Readers beside the one writer.
const READERS: u32 = 4;
/// Only another process could keep us waiting, and the lock keeps those out.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
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
    /// An older Ringfence runs on it.
    #[error(
        "{path} is in use by an older ringfence (schema {found}, this one knows {known}): use the \
         program that runs, or run this one"
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// The schema's number in the file.
        found: i64,
        /// The newest number that this program knows.
        known: i64,
    },
    /// The file is damaged, or is no database.
    #[error(
        "{path} is damaged or no database: keep a copy of it, and restore a backup \
         (ringfence restore)"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: sqlx::Error,
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
    /// Opens the file, or makes it, with mode 0600, and brings its schema up to date.
    pub async fn open(
        path: &Path,
        configured: Option<InstallationId>,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<Self, OpenError> {
        let lock = lock(path)?;
        let options = options(path);
        let database = |source| unusable(path, source);
        let mut first = first_connection(path).await?;
        let installation = installation(&mut first, path, configured, clock, entropy).await?;
        begin_chain(&mut first, &installation).await.map_err(database)?;
        first.close().await.map_err(database)?;
        let (lock, news) = (Arc::new(lock), Arc::new(News::new()));
        let metrics = StoreMetrics::default();
        let writer = writing(options.clone()).await.map_err(database)?;
        let writer = Arc::new(Writer::start(
            writer,
            Arc::clone(&lock),
            (Arc::clone(&news), metrics.clone()),
        ));
        let reader = reading(options).await.map_err(database)?;
        Ok(Self { writer, reader, installation, news, metrics, lock })
    }
}

/// Opens the file, or makes it, for whoever holds its lock, and brings its schema up to date.
pub(super) async fn first_connection(path: &Path) -> Result<SqliteConnection, OpenError> {
    private_file(path)
        .and_then(|_| shut_journal(path))
        .map_err(|source| OpenError::File { path: path.to_owned(), source })?;
    let mut first = SqliteConnection::connect_with(&options(path))
        .await
        .map_err(|source| unusable(path, source))?;
    check_sqlite(&mut first, path).await?;
    migrate(&mut first, path).await?;
    Ok(first)
}

/// One connection, so that writes queue instead of failing with `SQLITE_BUSY`. It is made anew if
/// it was lost.
async fn writing(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let pool = SqlitePoolOptions::new().max_connections(1).after_connect(|connection, _| {
        async {
            sqlx::raw_sql(NOTE_TOUCHED).execute(&mut *connection).await?;
            sqlx::raw_sql(NOTE_COUNTED).execute(connection).await.map(drop)
        }
        .boxed()
    });
    pool.connect_with(options).await
}

async fn reading(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    // A file does not hang up: asking before each use costs as much as the query.
    let pool = SqlitePoolOptions::new().max_connections(READERS).test_before_acquire(false);
    pool.connect_with(options.pragma("query_only", "ON")).await
}

pub(super) fn options(path: &Path) -> SqliteConnectOptions {
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

fn unusable(path: &Path, source: sqlx::Error) -> OpenError {
    let path = path.to_owned();
    if is_damage(&source) {
        OpenError::Damaged { path, source }
    } else {
        OpenError::Database { path, source }
    }
}

/// Whether SQLite says that the file itself is at fault: `SQLITE_CORRUPT` or `SQLITE_NOTADB`, which are
/// the lower bytes of what it answers (<https://sqlite.org/rescode.html>).
fn is_damage(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    let code: Option<u32> = code.and_then(|code| code.parse().ok());
    matches!(code.map(|code| code & 0xff), Some(11 | 26))
}

async fn check_sqlite(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    let found: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(connection)
        .await
        .map_err(|source| unusable(path, source))?;
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
        MigrateError::Execute(source) if is_damage(&source) => unusable(path, source),
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
    .map_err(|source| unusable(path, source))?;
    match configured {
        Some(configured) if configured.as_str() != stored => {
            Err(OpenError::OtherInstallation { stored, configured: configured.as_str().to_owned() })
        }
        _ => Ok(InstallationId::new(stored)),
    }
}
