//! The one that writes.
//!
//! Whoever has something to write hands it over as a [unit](mod@super::unit) and waits. What has come
//! together while the disk was busy with one commit goes into the next: nobody waits for company,
//! and many pay for one `fsync`. This is the only place that begins and commits.

use std::{
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::{SqliteConnection, SqlitePool};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    StoreError,
    batch::{Batch, Lost},
    metrics::StoreMetrics,
    news::News,
    unit::{Outcome, Unit},
};

/// How many units may wait. Whoever comes then waits for a place, as long as the caller's time
/// limit lets it.
const QUEUE_MAX: usize = 1024;

/// Takes work to the task that does it.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Unit>>,
    closing: CancellationToken,
    task: TaskTracker,
    has_failed: Arc<AtomicBool>,
}

impl Writer {
    /// Starts the task. It ends when it is closed, or when nobody is left who could give it work.
    pub(super) fn start(
        connections: SqlitePool,
        lock: Arc<File>,
        (news, metrics): (Arc<News>, StoreMetrics),
    ) -> Self {
        let (queue, units) = mpsc::channel(QUEUE_MAX);
        let (closing, task) = (CancellationToken::new(), TaskTracker::new());
        let has_failed = Arc::default();
        let failed = Arc::clone(&has_failed);
        let desk = Desk { connections, units, news, metrics, has_failed: failed, lock };
        task.spawn(desk.serve(closing.clone()));
        task.close();
        Self { queue, closing, task, has_failed }
    }

    /// Has work done and committed, or taken back. It is done even if the caller does not wait for the
    /// answer.
    pub(super) async fn hand_over<T>(
        &self,
        (unit, outcome): (Box<dyn Unit>, Outcome<T>),
    ) -> Result<T, StoreError> {
        self.queue.send(unit).await.map_err(|_| StoreError::Closed)?;
        outcome.await.map_err(|_| StoreError::Closed)?
    }

    /// Has work done and committed that nobody waits for, unless too much waits already.
    pub(super) fn hand_over_if_there_is_room(&self, unit: Box<dyn Unit>) {
        let _no_room = self.queue.try_send(unit);
    }

    /// Whether a commit has failed, as it does on a full disk, and none has been tried out since.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }

    /// Something was written that was sure to need the disk.
    pub(super) fn has_recovered(&self) {
        self.has_failed.store(false, Ordering::Relaxed);
    }

    /// Takes no more work, and waits until all that was taken is committed.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        self.task.wait().await;
    }
}

/// Where the work is done.
struct Desk {
    connections: SqlitePool,
    units: mpsc::Receiver<Box<dyn Unit>>,
    news: Arc<News>,
    metrics: StoreMetrics,
    has_failed: Arc<AtomicBool>,
    /// Nobody else may open the file while there is work left.
    lock: Arc<File>,
}

impl Desk {
    async fn serve(mut self, closing: CancellationToken) {
        loop {
            let first = tokio::select! {
                unit = self.units.recv() => unit,
                () = closing.cancelled(), if !self.units.is_closed() => {
                    self.units.close();
                    continue;
                }
            };
            let Some(first) = first else { break };
            self.commit_with_those_that_wait(first).await;
        }
        self.connections.close().await;
        drop(self.lock);
    }

    async fn commit_with_those_that_wait(&mut self, first: Box<dyn Unit>) {
        let mut connection = match self.connections.acquire().await {
            Ok(connection) => connection,
            Err(error) => {
                self.fails();
                return first.refuse(error.into());
            }
        };
        let committed = self.commit_on(&mut connection, first).await;
        // One that ends well may have had nothing to write.
        if committed.is_err() {
            self.fails();
        }
        if let Err(Lost) = committed {
            // A connection that cannot be closed well is dropped all the same.
            let _also_failed = connection.close().await;
        }
    }

    async fn commit_on(
        &mut self,
        connection: &mut SqliteConnection,
        first: Box<dyn Unit>,
    ) -> Result<(), Lost> {
        let mut batch = match Batch::begin(connection).await {
            Ok(batch) => batch,
            Err(error) => {
                first.refuse(error.into());
                return Err(Lost);
            }
        };
        let mut next = Some(first);
        while let Some(unit) = next {
            if let Err(error) = batch.run(unit).await {
                return Err(batch.fail(error));
            }
            next = if batch.has_room() { self.units.try_recv().ok() } else { None };
        }
        batch.commit(&self.news, &self.metrics).await
    }

    fn fails(&self) {
        self.has_failed.store(true, Ordering::Relaxed);
        self.metrics.failed();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::{
        clock::{SystemClock, SystemEntropy},
        store::{Store, query_plans::empty_store},
    };

    /// Writes a line, and ends as it is told to.
    async fn note(store: &Store, line: &'static str, end: End) -> Result<(), StoreError> {
        store
            .write(move |connection| {
                Box::pin(async move {
                    let insert = "INSERT INTO notes VALUES ($1)";
                    sqlx::query(insert).bind(line).execute(&mut *connection).await?;
                    match end {
                        End::Well => Ok(()),
                        End::Badly => Err(StoreError::Stale),
                        End::Panics => panic!("the work is not well made"),
                        End::Dangling => {
                            let sql = "PRAGMA defer_foreign_keys = ON;
                                       INSERT INTO events (at, kind, outcome, actor, tenant_id,
                                         tenant_name, detail)
                                       VALUES (0, 'x', 'success', 'x', 'nobody', 'nobody', '')";
                            sqlx::raw_sql(sql).execute(&mut *connection).await?;
                            Ok(())
                        }
                        End::WithoutRoom => {
                            let sql = "PRAGMA max_page_count = 1;
                                       INSERT INTO notes VALUES (hex(zeroblob(1000000)))";
                            sqlx::raw_sql(sql).execute(&mut *connection).await?;
                            Ok(())
                        }
                        End::WithTheTransaction => {
                            sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await?;
                            Err(StoreError::Stale)
                        }
                    }
                })
            })
            .await
    }

    #[derive(Clone, Copy)]
    enum End {
        Well,
        Badly,
        Panics,
        /// Violates a constraint that is checked by the commit.
        Dangling,
        /// Needs more pages than the file may have.
        WithoutRoom,
        /// As SQLite does when the disk is full.
        WithTheTransaction,
    }

    async fn with_notes() -> (tempfile::TempDir, Store) {
        let (directory, store) = empty_store().await;
        let made = store.write(|connection| {
            Box::pin(async move {
                sqlx::raw_sql("CREATE TABLE notes (line TEXT)").execute(connection).await?;
                Ok(())
            })
        });
        made.await.unwrap();
        (directory, store)
    }

    async fn notes(store: &Store) -> Vec<String> {
        let lines = sqlx::query_scalar("SELECT line FROM notes ORDER BY rowid");
        lines.fetch_all(&store.reader).await.unwrap()
    }

    #[tokio::test]
    async fn what_waits_is_committed_together() {
        let (_directory, store) = with_notes().await;
        let looks = store.write(|connection| {
            Box::pin(async move {
                let seen = sqlx::query_scalar("SELECT line FROM notes").fetch_one(connection);
                Ok::<String, _>(seen.await?)
            })
        });
        let reader = store.reader.clone();
        let looks_from_outside = store.write(move |_| {
            Box::pin(async move {
                let lines = sqlx::query_scalar("SELECT line FROM notes").fetch_all(&reader);
                Ok::<Vec<String>, _>(lines.await?)
            })
        });
        let (written, seen, seen_from_outside) =
            tokio::join!(note(&store, "one", End::Well), looks, looks_from_outside);
        written.unwrap();
        assert_eq!(seen.unwrap(), "one");
        assert_eq!(seen_from_outside.unwrap(), Vec::<String>::new(), "it was not committed yet");
        assert_eq!(notes(&store).await, ["one"]);
    }

    #[tokio::test]
    async fn a_unit_that_fails_takes_back_its_own_work_only() {
        let (_directory, store) = with_notes().await;
        let (one, two, three, four) = tokio::join!(
            note(&store, "one", End::Well),
            note(&store, "two", End::Badly),
            note(&store, "three", End::Panics),
            note(&store, "four", End::Well),
        );
        assert!(matches!(
            (one, two, three, four),
            (Ok(()), Err(StoreError::Stale), Err(StoreError::Panicked), Ok(()))
        ));
        assert_eq!(notes(&store).await, ["one", "four"]);
    }

    #[tokio::test]
    async fn a_commit_that_fails_acknowledges_nobody() {
        let (_directory, store) = with_notes().await;
        let (one, two, three) = tokio::join!(
            note(&store, "one", End::Well),
            note(&store, "two", End::Dangling),
            note(&store, "three", End::Badly),
        );
        for told in [one, two, three] {
            assert!(matches!(told, Err(StoreError::Commit(_))), "{told:?}");
        }
        assert_eq!(notes(&store).await, Vec::<String>::new());
        note(&store, "four", End::Well).await.unwrap();
        assert_eq!(notes(&store).await, ["four"]);
    }

    #[tokio::test]
    async fn a_transaction_that_sqlite_ends_by_itself_acknowledges_nobody() {
        let (_directory, store) = with_notes().await;
        let (one, two) = tokio::join!(
            note(&store, "one", End::Well),
            note(&store, "two", End::WithTheTransaction)
        );
        for told in [one, two] {
            assert!(matches!(told, Err(StoreError::Commit(_))), "{told:?}");
        }
        note(&store, "three", End::Well).await.unwrap();
        assert_eq!(notes(&store).await, ["three"]);
    }

    #[tokio::test]
    async fn what_is_acknowledged_without_room_is_there_and_nothing_else() {
        let (_directory, store) = with_notes().await;
        let (one, two, three) = tokio::join!(
            note(&store, "one", End::Well),
            note(&store, "two", End::WithoutRoom),
            note(&store, "three", End::Well),
        );
        assert!(two.is_err(), "{two:?}");
        let told = [("one", one), ("three", three)];
        let acknowledged = told.into_iter().filter(|(_, told)| told.is_ok());
        let acknowledged: Vec<&str> = acknowledged.map(|(line, _)| line).collect();
        assert_eq!(notes(&store).await, acknowledged);
    }

    #[tokio::test]
    async fn work_is_done_though_the_caller_has_gone_away() {
        let (_directory, store) = with_notes().await;
        assert!(note(&store, "one", End::Well).now_or_never().is_none());
        note(&store, "two", End::Well).await.unwrap();
        assert_eq!(notes(&store).await, ["one", "two"]);
    }

    #[tokio::test]
    async fn closing_commits_what_was_handed_over_and_takes_no_more() {
        let (directory, store) = with_notes().await;
        assert!(note(&store, "one", End::Well).now_or_never().is_none());
        store.close().await;
        let late = note(&store, "two", End::Well).await;
        assert!(matches!(late, Err(StoreError::Closed)), "{late:?}");

        let path = directory.path().join("r.db");
        let entropy = SystemEntropy::default();
        let again = Store::open(&path, None, &SystemClock, &entropy).await.unwrap();
        assert_eq!(notes(&again).await, ["one"]);
    }
}
