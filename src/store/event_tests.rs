//! Tests of the chain of events, on a file that somebody else changes.

use std::path::PathBuf;

use jiff::Timestamp;
use proptest::prelude::*;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{
    ChainFault, EventLog, EventLogError, EventQuery, Store, StoreError,
    events::{Entry, record},
    query_plans::empty_store,
};
use crate::domain::EventHash;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// Records an event `n` times in one unit, which is refused afterwards if so wanted.
async fn note(store: &Store, n: usize, end: Result<(), StoreError>) -> Result<(), StoreError> {
    let work = store.write(move |connection| {
        Box::pin(async move {
            for number in 0..n {
                let detail = format!("{number}");
                record(connection, Entry::of_removed_events(&detail).about(&n), NOW).await?;
            }
            end
        })
    });
    work.await
}

fn file(directory: &TempDir) -> PathBuf {
    directory.path().join("r.db")
}

async fn verify(directory: &TempDir, noted: Option<EventHash>) -> Result<EventHash, EventLogError> {
    let mut log = EventLog::open(&file(directory)).await?;
    log.verify(noted, |_| {}).await.map(|sound| sound.head)
}

/// Does what only somebody with the file can do.
async fn tamper(directory: &TempDir, sql: &str) {
    let options = SqliteConnectOptions::new().filename(file(directory)).foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_unit_that_is_taken_back_leaves_no_gap_in_the_chain() {
    let (directory, store) = empty_store().await;
    let (one, two, three) = tokio::join!(
        note(&store, 2, Ok(())),
        note(&store, 3, Err(StoreError::Stale)),
        note(&store, 2, Ok(())),
    );
    assert!(one.is_ok() && two.is_err() && three.is_ok());
    let page = store.events(&EventQuery { limit: 10, ..EventQuery::default() }).await.unwrap();
    let sequences: Vec<u64> = page.events.iter().map(|event| event.sequence).collect();
    assert_eq!((sequences, page.seen_to), (vec![1, 2, 3, 4], 4));
    assert_eq!(verify(&directory, None).await.unwrap(), page.events[3].hash);
}

#[tokio::test]
async fn a_record_that_was_cut_off_is_found_by_a_head_that_was_noted() {
    let (directory, store) = empty_store().await;
    note(&store, 5, Ok(())).await.unwrap();
    let noted = verify(&directory, None).await.unwrap();
    note(&store, 1, Ok(())).await.unwrap();
    assert!(verify(&directory, Some(noted)).await.is_ok());
    store.close().await;
    tamper(&directory, "DELETE FROM events WHERE sequence > 4").await;
    assert!(verify(&directory, None).await.is_ok());
    let cut_off = verify(&directory, Some(noted)).await;
    assert!(matches!(cut_off, Err(EventLogError::HeadMissing { .. })), "{cut_off:?}");
}

#[tokio::test]
async fn events_that_were_inserted_removed_or_exchanged_are_found() {
    let end = "UPDATE events SET sequence = -sequence WHERE sequence < 0";
    for (sql, first_bad, fault) in [
        ("DELETE FROM events WHERE sequence = 3", 3, ChainFault::Missing),
        ("DELETE FROM events WHERE sequence = 1", 1, ChainFault::Missing),
        (
            "INSERT INTO events SELECT 6, at, kind, outcome, actor, request_id, tenant_id, tenant_name,
               user, fleet, cache, subject, detail, hash FROM events WHERE sequence = 5",
            6,
            ChainFault::Altered,
        ),
        (
            "INSERT INTO events SELECT -1, at, kind, outcome, actor, request_id, tenant_id, tenant_name,
               user, fleet, cache, subject, detail, hash FROM events WHERE sequence = 5",
            1,
            ChainFault::Missing,
        ),
        (
            "UPDATE events SET sequence = -(5 - sequence) WHERE sequence IN (2, 3)",
            2,
            ChainFault::Altered,
        ),
    ] {
        let (directory, store) = empty_store().await;
        note(&store, 5, Ok(())).await.unwrap();
        store.close().await;
        let sql = if sql.starts_with("UPDATE") { format!("{sql}; {end}") } else { sql.to_owned() };
        tamper(&directory, &sql).await;
        match verify(&directory, None).await {
            Err(EventLogError::Broken { sequence, fault: found }) => {
                assert_eq!((sequence, found), (first_bad, fault), "{sql}");
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_is_left_is_sound_when_old_events_are_removed() {
    let (directory, store) = empty_store().await;
    note(&store, 1200, Ok(())).await.unwrap();
    let noted = verify(&directory, None).await.unwrap();
    let limit = Timestamp::from_second(1).unwrap();
    let later = Timestamp::from_second(2).unwrap();
    let mut n_batches = 1;
    while store.remove_old_events(limit, later).await.unwrap() {
        n_batches += 1;
        assert!(verify(&directory, Some(noted)).await.is_ok());
    }
    assert_eq!(n_batches, 3);
    assert!(!store.remove_old_events(limit, later).await.unwrap());
    // The last that was removed is what the oldest follows.
    assert!(verify(&directory, Some(noted)).await.is_ok());
    let query = EventQuery { limit: 10, ..EventQuery::default() };
    let page = store.events(&query).await.unwrap();
    let told: Vec<&str> = page.events.iter().map(|event| event.detail.as_str()).collect();
    assert_eq!(told, ["1-500", "501-1000", "1001-1200"]);
    let gone = store.events(&EventQuery { after: 7, ..query }).await;
    assert!(matches!(gone, Err(StoreError::EventsGone { to: 1200 })), "{gone:?}");
    store.close().await;
    tamper(&directory, "UPDATE event_anchor SET hash = zeroblob(32)").await;
    assert!(verify(&directory, None).await.is_err());
}

/// The columns of an event, and what to make of each.
const EDITS: [(&str, &str); 14] = [
    ("sequence", "sequence + 1000"),
    ("at", "at + 1"),
    ("kind", "kind || 'x'"),
    ("outcome", "iif(outcome = 'success', 'failure', 'success')"),
    ("actor", "'anonymous'"),
    ("request_id", "''"),
    ("tenant_id", "'7', tenant_name = 'acme'"),
    ("tenant_name", "'acme', tenant_id = ''"),
    ("user", "'x', tenant_id = '', tenant_name = ''"),
    ("fleet", "''"),
    ("cache", "'main'"),
    ("subject", "NULL"),
    ("detail", "''"),
    ("hash", "zeroblob(32)"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Text that only moves from one column to the next is found too, because each has its length.
    #[test]
    fn any_change_of_any_column_of_any_event_is_found(
        (column, value) in prop::sample::select(EDITS.to_vec()),
        row in 1..=9_u64,
    ) {
        Runtime::new().unwrap().block_on(async {
            let (directory, store) = empty_store().await;
            note(&store, 9, Ok(())).await.unwrap();
            store.close().await;
            tamper(
                &directory,
                &format!("UPDATE events SET {column} = {value} WHERE sequence = {row}"),
            )
            .await;
            match verify(&directory, None).await {
                Err(EventLogError::Broken { sequence, .. }) => assert_eq!(sequence, row),
                other => panic!("{column} of {row}: {other:?}"),
            }
        });
    }
}

#[tokio::test]
async fn a_change_of_where_the_record_begins_is_found() {
    for sql in [
        "UPDATE event_anchor SET hash = zeroblob(32)",
        "UPDATE event_anchor SET sequence = 1",
        "DELETE FROM event_anchor",
        "UPDATE installation SET id = 'other'",
        "DELETE FROM event_anchor; DELETE FROM installation",
    ] {
        let (directory, store) = empty_store().await;
        note(&store, 2, Ok(())).await.unwrap();
        store.close().await;
        tamper(&directory, sql).await;
        let found = verify(&directory, None).await;
        let is_told = matches!(found, Err(EventLogError::Beginning | EventLogError::Broken { .. }));
        assert!(is_told, "{sql}: {found:?}");
    }
}
