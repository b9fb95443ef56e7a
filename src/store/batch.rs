//! Units that are committed together.
//!
//! Each has a savepoint of its own in one transaction, so that one that fails takes back what it
//! wrote and nothing else. Nobody is answered before the commit, not even those that failed: what
//! they were refused for may be the work of another unit of the same batch.

use std::{sync::Arc, time::Duration};

use sqlx::{Connection as _, Sqlite, SqliteConnection, Transaction};
use tokio::time::Instant;

use super::{
    StoreError,
    counted::take_counted,
    metrics::StoreMetrics,
    news::{News, take_touched},
    unit::{Committed, Done, Unit},
};

/// The most units in one commit.
const UNITS_MAX: usize = 256;
/// The time after which a batch takes no more units: the first one has waited long enough. Unit tests claim
/// what is in one batch, and a machine that stalls is no reason for another one.
const TIME_MAX: Duration = Duration::from_millis(if cfg!(test) { 60_000 } else { 25 });

/// A transaction with the units that have run in it.
pub(super) struct Batch<'c> {
    transaction: Transaction<'c, Sqlite>,
    done: Vec<Done>,
    /// Whether something was written, to be kept, since the savepoint was set.
    is_past_savepoint: bool,
    began: Instant,
}

/// The transaction is lost, with all that ran in it. The connection is not to be used again: the
/// driver may count a transaction on it that SQLite has ended.
#[derive(Debug)]
pub(super) struct Lost;

impl<'c> Batch<'c> {
    pub(super) async fn begin(connection: &'c mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql("SAVEPOINT unit").execute(&mut *transaction).await?;
        Ok(Self { transaction, done: Vec::new(), is_past_savepoint: false, began: Instant::now() })
    }

    pub(super) fn has_room(&self) -> bool {
        self.done.len() < UNITS_MAX && self.began.elapsed() < TIME_MAX
    }

    /// Runs a unit. After an error only [`fail`](Self::fail) is left to do.
    pub(super) async fn run(&mut self, unit: Box<dyn Unit>) -> Committed {
        if self.is_past_savepoint
            && let Err(error) = self.execute("RELEASE unit; SAVEPOINT unit").await
        {
            unit.refuse(StoreError::Commit(Arc::clone(&error)));
            return Err(error);
        }
        let done = unit.run(&mut self.transaction).await;
        let is_kept = done.is_kept;
        self.is_past_savepoint = is_kept;
        self.done.push(done);
        if !is_kept {
            // Fails if SQLite has rolled all of it back by itself, as it does when a disk is full.
            self.execute("ROLLBACK TO unit").await?;
        }
        Ok(())
    }

    /// Commits, lets everybody know of it, and then answers.
    pub(super) async fn commit(mut self, news: &News, metrics: &StoreMetrics) -> Result<(), Lost> {
        let taken = async {
            let touched = take_touched(&mut self.transaction).await?;
            Ok((touched, take_counted(&mut self.transaction).await?))
        };
        let (touched, counted) = match taken.await {
            Ok(taken) => taken,
            Err(error) => return Err(self.fail(Arc::new(error))),
        };
        let announcement = news.announce(touched);
        let began = Instant::now();
        let committed = self.transaction.commit().await.map_err(Arc::new);
        announcement.end(&committed);
        if committed.is_ok() {
            let writes = u32::try_from(self.done.len()).unwrap_or(u32::MAX);
            metrics.committed(began.elapsed(), writes, counted);
        }
        answer(self.done, &committed);
        committed.map_err(|_answered| Lost)
    }

    /// Gives up what has not been committed.
    pub(super) fn fail(self, error: Arc<sqlx::Error>) -> Lost {
        drop(self.transaction);
        answer(self.done, &Err(error));
        Lost
    }

    async fn execute(&mut self, sql: &'static str) -> Committed {
        let executed = sqlx::raw_sql(sql).execute(&mut *self.transaction).await;
        executed.map_err(Arc::new).map(|_| ())
    }
}

fn answer(done: Vec<Done>, committed: &Committed) {
    for done in done {
        done.answer(committed.clone());
    }
}
