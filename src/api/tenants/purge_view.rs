//! The removal of a tenant's keys, as callers see it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Purge, PurgedNode};

/// The removal of a tenant's keys, which begins when its users are gone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Purge)]
pub(super) struct PurgeView {
    /// The step of the work on the user by which Ringfence removes the keys, for people; `attesting`
    /// while it removes them. Absent as long as the tenant's own users are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "attesting")]
    phase: Option<&'static str>,
    /// About how many keys were looked at, whoever's they are. All are looked at again until none is
    /// found to be the tenant's.
    #[schema(example = 1_200_000)]
    scanned: u64,
    /// How many keys were removed.
    #[schema(example = 48_112)]
    removed: u64,
    /// The primaries that are gone over; empty before the first is.
    nodes: Vec<PurgedNodeView>,
    /// When no key was left, so that a new tenant of this name inherits none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    proved_at: Option<Timestamp>,
}

/// A primary that is gone over.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PurgedNode)]
pub(super) struct PurgedNodeView {
    /// Its host and port.
    #[schema(example = "10.0.3.7:6379")]
    node: String,
    /// How many keys were removed from it.
    #[schema(example = 16_037)]
    removed: u64,
    /// Whether the pass under way is over it.
    done: bool,
}

impl From<&Purge> for PurgeView {
    fn from(purge: &Purge) -> Self {
        Self {
            phase: purge.user.as_ref().map(|user| user.phase.as_str()),
            scanned: purge.progress.scanned,
            removed: purge.progress.removed,
            nodes: purge.progress.nodes.iter().map(PurgedNodeView::from).collect(),
            proved_at: purge.proved_at,
        }
    }
}

impl From<&PurgedNode> for PurgedNodeView {
    fn from(node: &PurgedNode) -> Self {
        Self { node: node.primary.node.clone(), removed: node.removed, done: node.cursor.is_none() }
    }
}
