//! Operations on a tenant's attestations, one file each, and what they share.

pub(super) mod create;
pub(super) mod get;
pub(super) mod list;

mod view;
