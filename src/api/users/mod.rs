//! Operations on the users of a tenant, one file each.

pub(super) mod credentials;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
pub(super) mod put;

mod answer;
