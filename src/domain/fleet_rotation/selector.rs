//! Whose passwords a fleet rotation replaces.

use jiff::Timestamp;

use crate::domain::{CacheName, Labels, ProfileName, TenantName};

/// Which users of tenants and services; all conditions must be met, and without one it is all users.
///
/// Of these, it takes the users that have a password in use: they have been active, and are not being
/// removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FleetSelector {
    /// Only users in this cache.
    pub cache: Option<CacheName>,
    /// Only users with this profile.
    pub profile: Option<ProfileName>,
    /// Only users whose tenant carries all of these labels.
    pub labels: Labels,
    /// Only users of these tenants and services. `None`: of any.
    pub tenants: Option<Vec<TenantName>>,
    /// Only users whose password was made before this.
    pub rotated_before: Option<Timestamp>,
}

impl FleetSelector {
    /// The most tenants that can be named.
    pub const TENANTS_MAX: usize = 1000;
}
