//! Looking a file through before it is trusted.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::open::MIGRATOR;

/// What is in a file that can be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The number of its schema.
    pub schema: i64,
    /// When the last thing happened that it knows of; nothing if nothing ever has.
    pub until: Option<Timestamp>,
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until {
            Some(until) => write!(f, "schema {}, last event at {until}", self.schema),
            None => write!(f, "schema {}, no event", self.schema),
        }
    }
}

/// Why a file cannot be restored.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// It cannot be read, or is no database of Ringfence's.
    #[error("{path} is damaged or no database of ringfence")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: sqlx::Error,
    },
    /// SQLite's own check has found faults.
    #[error("{path} is damaged: {fault}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first fault.
        fault: String,
    },
    /// A newer Ringfence has written it.
    #[error(
        "{path} was written by a newer ringfence (schema {found}, this one knows {known}): use that \
         version"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema's number in the file.
        found: i64,
        /// The newest number that this program knows.
        known: i64,
    },
}

/// Reads the whole of a file that nobody else has open.
pub(super) async fn inspect(path: &Path) -> Result<Contents, InspectError> {
    let (contents, fault) = read(path)
        .await
        .map_err(|source| InspectError::Unreadable { path: path.to_owned(), source })?;
    let known = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
    if let Some(fault) = fault {
        return Err(InspectError::Damaged { path: path.to_owned(), fault });
    }
    if contents.schema > known {
        return Err(InspectError::Newer { path: path.to_owned(), found: contents.schema, known });
    }
    Ok(contents)
}

async fn read(path: &Path) -> Result<(Contents, Option<String>), sqlx::Error> {
    // Nobody else changes it, so it needs no lock, and no files beside it.
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let found: String =
        sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut connection).await?;
    let fault = (found != "ok").then_some(found);
    let schema = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut connection)
        .await?;
    let until: Option<i64> =
        sqlx::query_scalar("SELECT max(at) FROM events").fetch_one(&mut connection).await?;
    connection.close().await?;
    let until = until.and_then(|at| Timestamp::from_millisecond(at).ok());
    Ok((Contents { schema, until }, fault))
}
