//! Operations on services: parts of the product that share the cache with its tenants.
//!
//! A service is provisioned, attested and deleted like a tenant and has a prefix of its own; its
//! name is taken from the same names. It has one user.

pub(super) mod create;
pub(super) mod credentials;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;

mod create_body;
