//! What can go wrong with the store, sorted by what the caller can do about it.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::{
    AcknowledgementError, Auth, CacheName, FleetState, LabelsError, LocalUserName, NoRoom,
    Revision, RotationId, RotationPhase, TenantName, UserName,
};

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A tenant of this name exists and was asked for differently.
    #[error("a tenant named {name} exists with another specification")]
    NameTaken {
        /// The name.
        name: TenantName,
    },
    /// A tenant of this name exists and is being deleted.
    #[error("the tenant {name} is being deleted")]
    BeingDeleted {
        /// The name.
        name: TenantName,
    },
    /// No cache takes the tenant or user.
    #[error("no cache takes it")]
    NoRoom(NoRoom),
    /// A member of the cache's user group that is not ours has the name of a new user.
    #[error("{name} is the name of a foreign member of the user group of {cache}")]
    NameReserved {
        /// The cache.
        cache: CacheName,
        /// The name.
        name: UserName,
    },
    /// The user exists and is being deleted.
    #[error("the user {name} is being deleted")]
    UserBeingDeleted {
        /// The name within the tenant.
        name: LocalUserName,
    },
    /// The tenant's login of this kind is asked for again and is being removed.
    #[error("the login by {auth} is being removed")]
    LoginBeingRemoved {
        /// How its user proves who it is.
        auth: Auth,
    },
    /// The user has no password that could be replaced.
    #[error("{user} has no password")]
    NoPassword {
        /// What goes first in its `AUTH`.
        user: UserName,
    },
    /// The user has other keys than were asked for, which its secret names.
    #[error("the user {name} has other keys")]
    UserKeysFixed {
        /// The name within the tenant.
        name: LocalUserName,
    },
    /// The tenant has as many users as it can have.
    #[error("the tenant has too many users")]
    TooManyUsers,
    /// The tenant has no such user.
    #[error("there is no such user")]
    UserNotFound,
    /// A password of the user is being replaced already.
    #[error("the rotation {id} of the user is running")]
    RotationRunning {
        /// The rotation.
        id: RotationId,
    },
    /// A consumer's word cannot be taken.
    #[error("the acknowledgement cannot be taken")]
    Acknowledgement(#[source] AcknowledgementError),
    /// The rotation has come too far for what is asked.
    #[error("the rotation is {phase}")]
    RotationTooFar {
        /// How far it has come.
        phase: RotationPhase,
    },
    /// The fleet rotation is over.
    #[error("the fleet rotation is {state}")]
    FleetRotationOver {
        /// How it ended.
        state: FleetState,
    },
    /// The labels would not be labels any more.
    #[error("the labels cannot be changed so")]
    Labels(#[source] LabelsError),
    /// The new tenant's keys and another tenant's would overlap.
    #[error("the keys of the new tenant and of {other} overlap: both match {witness:?}")]
    PatternOverlap {
        /// The other tenant.
        other: TenantName,
        /// A key that both patterns match.
        witness: String,
    },
    /// Keys of a deleted tenant may lie under the new tenant's prefix.
    #[error("keys of {name}, deleted at {deleted_at}, may lie under the prefix")]
    KeysLeftBehind {
        /// The deleted tenant.
        name: TenantName,
        /// When its tombstone was written.
        deleted_at: Timestamp,
    },
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// There is no such tenant.
    #[error("there is no such tenant")]
    NotFound,
    /// There is no such webhook.
    #[error("there is no such webhook")]
    WebhookNotFound,
    /// No such message was ever on its way to the webhook, or it is forgotten.
    #[error("there is no such delivery")]
    DeliveryNotFound,
    /// There are as many webhooks as there can be.
    #[error("there are too many webhooks")]
    TooManyWebhooks,
    /// The webhook has as many secrets as can be valid at once.
    #[error("too many secrets of the webhook are valid")]
    TooManyWebhookSecrets,
    /// Events have been removed because of their age that were asked for.
    #[error("the events up to {to} are gone")]
    EventsGone {
        /// The last of them.
        to: u64,
    },
    /// Somebody has seen events that are not there: another database stands here, or an older copy.
    #[error("the newest event is {newest}")]
    EventsUnknown {
        /// The newest event.
        newest: u64,
    },
    /// The caller's precondition names another revision.
    #[error("the tenant is at revision {current}")]
    PreconditionFailed {
        /// The revision it is at.
        current: Revision,
    },
    /// Somebody else changed the row since it was read: look again.
    #[error("the row was changed by somebody else")]
    Stale,
    /// A row is no valid state.
    #[error("{table} row {id} is inconsistent: {why}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
        /// What is wrong.
        why: String,
    },
    /// The commit that the write took part in failed, and nothing was written.
    #[error("the commit failed")]
    Commit(#[source] Arc<sqlx::Error>),
    /// The work panicked, and nothing was written.
    #[error("the work panicked")]
    Panicked,
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
    /// SQLite failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}
