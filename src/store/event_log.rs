//! The record of a file that others may be writing to, or of a backup.

use std::path::{Path, PathBuf};

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    EventPage, EventQuery, StoreError,
    event_chain::{EventRow, Link, anchor, genesis},
    event_pages::page,
    open::BUSY_TIMEOUT,
};
use crate::domain::{EventHash, InstallationId};

/// How many events are read at once.
const AT_ONCE: i64 = 1000;

/// The record of a database, opened for reading beside whoever writes it. Nothing is changed.
#[derive(Debug)]
pub struct EventLog {
    connection: SqliteConnection,
    path: PathBuf,
}

/// A chain in which every event follows the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoundChain {
    /// How many events there are.
    pub count: u64,
    /// How many older ones have been removed because of their age.
    pub removed: u64,
    /// The hash of the newest event.
    pub head: EventHash,
}

/// Why a record cannot be trusted, or not be read.
#[derive(Debug, thiserror::Error)]
pub enum EventLogError {
    /// There is no file.
    #[error("there is no database {path}")]
    NoDatabase {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: sqlx::Error,
    },
    /// No version that chains events has opened the file.
    #[error(
        "{path} was written by a ringfence that did not chain events: start this version on it"
    )]
    NoChain {
        /// The file.
        path: PathBuf,
    },
    /// There may be tokens, but no service has run on the file, and nothing is chained yet.
    #[error("no ringfence has been started on {path} yet: its record begins with the first start")]
    NotBegun {
        /// The file.
        path: PathBuf,
    },
    /// The place where the record begins is not the one of this installation.
    #[error("the beginning of the record was changed")]
    Beginning,
    /// An event does not follow the one before it.
    #[error("the record was changed at event {sequence}: {fault}")]
    Broken {
        /// The first event that is not as it was.
        sequence: u64,
        /// How that shows.
        fault: ChainFault,
    },
    /// No event has the hash that was noted.
    #[error(
        "no event has the hash {head}: the record was cut off or written anew since it was noted{}",
        if *.removed > 0 { ", or the event was removed because of its age" } else { "" }
    )]
    HeadMissing {
        /// The hash that was noted.
        head: EventHash,
        /// How many events have been removed because of their age.
        removed: u64,
    },
}

/// How it shows that an event was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// There is another one in its place.
    #[error("it is missing, or others have taken its place")]
    Missing,
    /// Its hash is not that of its columns and the event before it.
    #[error("it, or what it follows, is not what its hash was made of")]
    Altered,
}

impl EventLog {
    /// Opens the record of a database.
    pub async fn open(path: &Path) -> Result<Self, EventLogError> {
        if !path.exists() {
            return Err(EventLogError::NoDatabase { path: path.to_owned() });
        }
        let unreadable = |source| EventLogError::Unreadable { path: path.to_owned(), source };
        let options =
            SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT);
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(unreadable)?;
        let has_chain: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'event_anchor')",
        )
        .fetch_one(&mut connection)
        .await
        .map_err(unreadable)?;
        if !has_chain {
            return Err(EventLogError::NoChain { path: path.to_owned() });
        }
        let has_begun: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM installation) OR EXISTS (SELECT 1 FROM event_anchor)
               OR EXISTS (SELECT 1 FROM events WHERE hash IS NOT NULL)",
        )
        .fetch_one(&mut connection)
        .await
        .map_err(unreadable)?;
        if !has_begun {
            return Err(EventLogError::NotBegun { path: path.to_owned() });
        }
        Ok(Self { connection, path: path.to_owned() })
    }

    /// A page of events, as [`Store::events`](super::Store::events).
    pub async fn page(&mut self, query: &EventQuery) -> Result<EventPage, StoreError> {
        let mut snapshot = self.connection.begin().await?;
        page(&mut snapshot, query).await
    }

    /// Goes through the chain from its beginning, and looks for the event with the hash that was
    /// noted, if one is given. Tells `progress` now and then up to which event it has come.
    pub async fn verify(
        &mut self,
        noted: Option<EventHash>,
        mut progress: impl FnMut(u64),
    ) -> Result<SoundChain, EventLogError> {
        let path = self.path.clone();
        let unreadable = |source| EventLogError::Unreadable { path: path.clone(), source };
        // Of one moment, whatever is written or removed meanwhile.
        let mut snapshot = self.connection.begin().await.map_err(unreadable)?;
        let begin = beginning(&mut snapshot).await?;
        let (mut head, mut count) = (begin, 0);
        let mut is_found = noted.is_none_or(|noted| noted == begin.hash);
        loop {
            let rows: Vec<EventRow> = sqlx::query_as(
                "SELECT * FROM events WHERE sequence > $1 ORDER BY sequence LIMIT $2",
            )
            // What stands before the beginning was put there.
            .bind(if count == 0 { i64::MIN } else { head.sequence })
            .bind(AT_ONCE)
            .fetch_all(&mut *snapshot)
            .await
            .map_err(unreadable)?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                head = follow(head, row)?;
                is_found |= noted == Some(head.hash);
            }
            count += rows.len() as u64;
            progress(head.sequence.unsigned_abs());
        }
        let removed = begin.sequence.unsigned_abs();
        match noted {
            Some(noted) if !is_found => Err(EventLogError::HeadMissing { head: noted, removed }),
            _ => Ok(SoundChain { count, removed, head: head.hash }),
        }
    }
}

/// What the oldest event follows. As long as none was removed, that is known.
async fn beginning(connection: &mut SqliteConnection) -> Result<Link, EventLogError> {
    let anchor = anchor(connection).await.map_err(|_| EventLogError::Beginning)?;
    let installation: Option<String> = sqlx::query_scalar("SELECT id FROM installation")
        .fetch_optional(connection)
        .await
        .map_err(|_| EventLogError::Beginning)?;
    let genesis = genesis(&InstallationId::new(installation.unwrap_or_default()));
    match anchor.sequence {
        ..0 => Err(EventLogError::Beginning),
        0 if anchor != genesis => Err(EventLogError::Beginning),
        _ => Ok(anchor),
    }
}

fn follow(head: Link, row: &EventRow) -> Result<Link, EventLogError> {
    let expected = head.sequence + 1;
    let broken = |fault| EventLogError::Broken { sequence: expected.unsigned_abs(), fault };
    if row.sequence != expected {
        return Err(broken(ChainFault::Missing));
    }
    let hash = row.hash_after(head.hash);
    if row.hash.as_deref() != Some(hash.0.as_slice()) {
        return Err(broken(ChainFault::Altered));
    }
    Ok(Link { sequence: row.sequence, hash })
}
