//! Operations on tenants, one file each, and what they share.

pub(super) mod create;
pub(super) mod credentials;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;

mod answer;
mod create_body;
mod idempotency;
mod path;
mod placement;
mod view;
mod wait;

pub(super) use self::path::TenantAtPath;
pub use self::{idempotency::KeysInFlight, placement::Placement};
