//! Work that is to be committed, and whoever waits for it.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc};

use futures_util::{FutureExt as _, future::BoxFuture};
use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use super::StoreError;

/// Work that is done whole or not at all.
pub(super) trait Unit: Send {
    /// Does the work in the transaction that is open on the connection.
    fn run(self: Box<Self>, connection: &mut SqliteConnection) -> BoxFuture<'_, Done>;

    /// Tells the caller that the work is not begun.
    fn refuse(self: Box<Self>, error: StoreError);
}

/// How a commit ended: its error is told to all who took part in it.
pub(super) type Committed = Result<(), Arc<sqlx::Error>>;

/// Work that has been done and not committed.
pub(super) struct Done {
    /// Whether what it wrote is to be committed.
    pub(super) is_kept: bool,
    answer: Box<dyn FnOnce(Committed) + Send>,
}

impl Done {
    /// Tells the caller how the work ended, now that its commit has.
    pub(super) fn answer(self, committed: Committed) {
        (self.answer)(committed);
    }
}

impl fmt::Debug for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Done").field("is_kept", &self.is_kept).finish_non_exhaustive()
    }
}

/// Where the outcome arrives. Nobody need wait for it.
pub(super) type Outcome<T> = oneshot::Receiver<Result<T, StoreError>>;

/// Makes a unit of some work.
pub(super) fn unit<T, W>(work: W) -> (Box<dyn Unit>, Outcome<T>)
where
    T: Send + 'static,
    W: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>>
        + Send
        + 'static,
{
    let (caller, outcome) = oneshot::channel();
    (Box::new(Ordered { work, end: End::Kept, caller }), outcome)
}

/// Makes a unit of some work that is taken back when it is done.
pub(super) fn rehearsal<T, W>(work: W) -> (Box<dyn Unit>, Outcome<T>)
where
    T: Send + 'static,
    W: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>>
        + Send
        + 'static,
{
    let (caller, outcome) = oneshot::channel();
    (Box::new(Ordered { work, end: End::TakenBack, caller }), outcome)
}

struct Ordered<T, W> {
    work: W,
    end: End,
    caller: oneshot::Sender<Result<T, StoreError>>,
}

/// What becomes of work that succeeds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Kept,
    TakenBack,
}

impl<T, W> Unit for Ordered<T, W>
where
    T: Send + 'static,
    W: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>>
        + Send
        + 'static,
{
    fn run(self: Box<Self>, connection: &mut SqliteConnection) -> BoxFuture<'_, Done> {
        let Self { work, end, caller } = *self;
        async move {
            let guarded = AssertUnwindSafe(async move { work(connection).await });
            let outcome = guarded.catch_unwind().await.unwrap_or(Err(StoreError::Panicked));
            let is_kept = outcome.is_ok() && end == End::Kept;
            let answer = Box::new(move |committed: Committed| {
                let outcome = committed.map_err(StoreError::Commit).and(outcome);
                // The caller may have gone away; the work is done all the same.
                let _nobody_waits = caller.send(outcome);
            });
            Done { is_kept, answer }
        }
        .boxed()
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        let _nobody_waits = self.caller.send(Err(error));
    }
}
