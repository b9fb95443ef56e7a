//! How many of each thing there may be.

use serde::{Deserialize, Serialize};

/// How many of each thing there may be.
///
/// The defaults are those of the [ElastiCache quotas page][quotas].
///
/// [quotas]: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quotas {
    /// Users, not counting the stock `default` user.
    pub users: usize,
    /// User groups.
    pub user_groups: usize,
    /// Users in one user group.
    pub users_per_group: usize,
    /// Tags on one resource.
    pub tags_per_resource: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { users: 2_000, user_groups: 200, users_per_group: 100, tags_per_resource: 50 }
    }
}
