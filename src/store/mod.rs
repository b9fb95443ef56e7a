//! The state that makes every request idempotent and every crash recoverable: one SQLite file.
//!
//! An answer is sent after the commit, and the commit is on the disk (`synchronous = FULL`).
//! There is one connection that writes, which commits what waits together (`writer`), and a few that
//! only read. No password is ever written here.
//!
//! A tenant has several users, and what is told of it is what they add up to: its status is written
//! in the transaction that changes one of them.
//!
//! A row carries a revision. The reconciler's writes name the revision that they read; when
//! somebody else was faster the write changes nothing and answers [`StoreError::Stale`].

mod activations;
mod attestation_row;
mod attestations;
mod backup;
mod batch;
mod cache_counts;
mod capacity;
mod changes;
mod columns;
mod cost_needs;
mod counted;
mod deliveries;
mod drift_expected;
mod drift_items;
mod drift_repairs;
mod drift_row;
mod drift_sweeps;
mod error;
mod event_chain;
mod event_kinds;
mod event_log;
mod event_pages;
mod event_retention;
#[cfg(test)]
mod event_tests;
mod events;
mod evidence_column;
mod fleet_members;
mod fleet_progress;
mod fleet_rotations;
mod fleet_row;
mod fleet_selection;
mod idempotency;
mod import;
mod inspect;
mod kept_views;
mod load;
mod logins;
mod metrics;
mod neighbours;
mod news;
mod open;
mod outbox;
mod private_file;
mod profiles;
mod purges;
#[cfg(test)]
mod query_plans;
mod reads;
mod rehearsal;
mod request_traces;
mod reserve;
mod restore;
mod rollout;
mod rotation_changes;
mod rotation_queue;
mod rotation_row;
mod rotations;
mod rotations_at_hand;
mod scheduled_starts;
mod schedules;
mod sessions;
mod silence;
mod standing;
mod steps;
mod tenant_pages;
mod tenant_row;
mod token_desk;
mod token_row;
mod tokens;
mod trial_copy;
mod unit;
mod unsettled;
mod user_row;
mod webhook_row;
mod webhook_secrets;
mod webhooks;
mod write;
mod writer;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use prometheus_client::registry::Registry;
use sqlx::{SqliteConnection, SqlitePool};
use tokio::sync::watch;
use tracing::warn;

use self::{
    metrics::StoreMetrics,
    news::News,
    unit::{rehearsal, unit},
    writer::Writer,
};

pub use backup::{BackupError, backup};
pub use cache_counts::CacheCount;
pub use changes::{ChangeEnd, Description, Target, TenantChange};
pub use deliveries::{DeliveryQuery, DueDelivery};
pub use drift_expected::SweptUser;
pub use drift_items::DriftQuery;
pub use drift_repairs::{RepairBegin, Restart};
pub use drift_sweeps::SweepEnd;
pub use error::StoreError;
pub use event_log::{ChainFault, EventLog, EventLogError, SoundChain};
pub use event_pages::{EventPage, EventQuery};
pub use fleet_members::MemberQuery;
pub use fleet_progress::FleetStarts;
pub use fleet_rotations::FleetChange;
pub use idempotency::{IdempotencyKey, IdempotentRequest, StoredAnswer};
pub use import::ImportEnd;
pub use inspect::{Contents, InspectError};
pub use kept_views::KeptView;
pub use open::OpenError;
pub use reserve::Reservation;
pub use restore::{Existing, RestoreError, restore};
pub use rollout::Spread;
pub use rotation_changes::RotationChange;
pub use rotations_at_hand::RotationsAtHand;
pub use scheduled_starts::{Begun, StartPace};
pub use standing::Standing;
pub use steps::Progress;
pub use tenant_pages::TenantQuery;
pub use token_desk::TokenDesk;
pub use tokens::{NewSecret, NewToken, TokenError, TokenKey};
pub use trial_copy::TrialCopy;
pub use unsettled::Unsettled;
pub use webhook_secrets::NewWebhookSecret;

use crate::domain::{CacheName, InstallationId, TenantId};

/// The open store. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    writer: Arc<Writer>,
    reader: SqlitePool,
    installation: InstallationId,
    news: Arc<News>,
    metrics: StoreMetrics,
    /// Held for as long as the store is open: a second process would be a second writer.
    lock: Arc<std::fs::File>,
}

impl Store {
    /// Which Ringfence this is, for the tags on what it makes.
    #[must_use]
    pub fn installation(&self) -> &InstallationId {
        &self.installation
    }

    /// Lets be read from this registry what is counted, for the caches that are configured.
    pub fn register_metrics(&self, registry: &mut Registry, caches: &[&CacheName]) {
        self.metrics.register(registry, caches);
    }

    /// Tells of every change to this tenant, its rotations and its attestations, after the commit;
    /// at times of one to another tenant.
    #[must_use]
    pub fn changes(&self, tenant: TenantId) -> watch::Receiver<()> {
        self.news.of(tenant)
    }

    /// Tells of every commit, after it.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<()> {
        self.news.of_all()
    }

    /// Waits for the work that was handed over, closes the file and gives up its lock, whoever may
    /// still hold a clone.
    pub async fn close(&self) {
        self.writer.close().await;
        self.reader.close().await;
        if let Err(error) = self.lock.unlock() {
            warn!(%error, "the database's lock ends with the process only");
        }
    }

    /// Has work done in a transaction, answers as if it had been committed, and takes it back.
    async fn rehearse<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>>
            + Send
            + 'static,
    {
        self.writer.hand_over(rehearsal(work)).await
    }

    /// Has work done in a transaction, and answers after its commit. It is done to its end even if
    /// the caller goes away.
    async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>>
            + Send
            + 'static,
    {
        self.writer.hand_over(unit(work)).await
    }
}
