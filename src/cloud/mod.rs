//! AWS, as far as Ringfence needs it: users and user groups of `ElastiCache`, and secrets.
//!
//! Each method is one call, or one listing in pages, and answers in the domain's words. Users and user
//! groups are [listed](UserListing) once for all who want to know at the time. The SDK
//! does not retry here: a lost answer to `CreateUser` must be resolved by looking, not by sending
//! it again, so every failure goes back to the reconciler, whose next pass is the retry. What a
//! failure means is decided in one place, [`CloudError`].
//!
//! All calls pass one gate, the only place with the SDK's clients: it holds calls back to the pace that
//! AWS bears, the urgent ones less than the others, and counts what becomes of each.
//!
//! Inputs of the SDK print passwords in their `Debug`, and its logs below INFO print request
//! bodies. Neither is ever formatted here, and the logging setup caps the SDK's targets.

mod access;
mod caches;
mod call_metrics;
mod call_span;
mod calls;
mod client_sets;
mod connect_token;
mod error;
mod gate;
mod groups;
mod listings;
mod ownership;
mod pacing;
mod pages;
mod role;
mod secrets;
mod single_flight;
mod users;

pub use access::{AwsAccess, Cloud, CloudSettings, ConnectError};
pub use caches::CacheReport;
pub use call_metrics::CallMetrics;
pub use client_sets::Clouds;
pub use error::{CloudError, CloudErrorKind};
pub use groups::GroupReport;
pub use listings::{GroupListing, UserListing};
pub use ownership::OwnershipTags;
pub use role::Role;
pub use secrets::{NewSecretValue, SecretPage, SecretReport};
pub use users::{Authentication, NewUser, UserReport};
