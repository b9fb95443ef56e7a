//! The state that makes every request idempotent and every crash recoverable: one SQLite file.
//!
//! An answer is sent after the commit, and the commit is on the disk (`synchronous = FULL`).
//! There is one connection that writes, so that transactions queue fairly instead of failing with
//! `SQLITE_BUSY`, and a few that only read. No password is ever written here.
//!
//! A tenant has several users, and what is told of it is what they add up to: its status is written
//! in the transaction that changes one of them.
//!
//! A row carries a revision. The reconciler's writes name the revision that they read; when
//! somebody else was faster the write changes nothing and answers [`StoreError::Stale`].

mod activations;
mod attestation_row;
mod attestations;
mod changes;
mod columns;
mod error;
mod events;
mod evidence_column;
mod fleet_members;
mod fleet_progress;
mod fleet_rotations;
mod fleet_row;
mod fleet_selection;
mod idempotency;
mod load;
mod logins;
mod open;
mod profiles;
mod reads;
mod reserve;
mod rollout;
mod rotation_changes;
mod rotation_queue;
mod rotation_row;
mod rotations;
mod scheduled_starts;
mod schedules;
mod sessions;
mod steps;
mod tenant_row;
mod user_row;
mod write;

use std::{collections::BTreeMap, sync::Arc};

use sqlx::SqlitePool;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tracing::warn;

pub use changes::{ChangeEnd, Description, Target, TenantChange};
pub use error::StoreError;
pub use fleet_members::MemberQuery;
pub use fleet_progress::FleetStarts;
pub use fleet_rotations::FleetChange;
pub use idempotency::{IdempotencyKey, IdempotentRequest, StoredAnswer};
pub use open::OpenError;
pub use reads::TenantQuery;
pub use reserve::Reservation;
pub use rollout::Spread;
pub use rotation_changes::RotationChange;
pub use scheduled_starts::{Begun, StartPace};
pub use steps::Progress;

use crate::domain::InstallationId;

/// The open store. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    writer: SqlitePool,
    reader: SqlitePool,
    installation: InstallationId,
    changes: Arc<watch::Sender<u64>>,
    /// Transactions run in tasks of their own, so that a client that hangs up cannot stop one
    /// half-way.
    transactions: TaskTracker,
    /// Held for as long as the store is open: a second process would be a second writer.
    lock: Arc<std::fs::File>,
}

/// How many users a cache has in each phase.
pub type PhaseCounts = BTreeMap<crate::domain::Phase, u64>;

impl Store {
    /// Which Ringfence this is, for the tags on what it makes.
    #[must_use]
    pub fn installation(&self) -> &InstallationId {
        &self.installation
    }

    /// Tells of every change to a tenant, after its commit. The value has no meaning.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Waits for transactions under way, closes the file and gives up its lock, whoever may still
    /// hold a clone.
    pub async fn close(&self) {
        self.transactions.close();
        self.transactions.wait().await;
        self.reader.close().await;
        self.writer.close().await;
        if let Err(error) = self.lock.unlock() {
            warn!(%error, "the database's lock ends with the process only");
        }
    }

    fn tell(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Runs a transaction to its end even if the caller goes away.
    async fn in_own_task<T: Send + 'static>(
        &self,
        transaction: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.transactions.spawn(transaction).await.map_err(|_| StoreError::Closed)?
    }
}
