//! The service's limits.

use serde::{Deserialize, Serialize};

/// The limits of one account in one region.
///
/// The defaults are AWS's, none of which AWS will raise. A test lowers them to reach them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretsQuotas {
    /// Secrets in a region, those scheduled for deletion included.
    pub secrets: usize,
    /// Versions of a secret, those without a staging label included.
    pub versions_per_secret: usize,
    /// Staging labels over all versions of a secret.
    pub labels_per_secret: usize,
    /// Tags on a secret.
    pub tags_per_secret: usize,
    /// Bytes in a value.
    pub value_bytes: usize,
    /// Seconds for which a name stays taken after a deletion without recovery.
    ///
    /// AWS deletes in the background and gives no figure, only the advice to retry a
    /// `CreateSecret` that comes too early.
    pub forced_deletion_seconds: u32,
}

impl Default for SecretsQuotas {
    fn default() -> Self {
        Self {
            secrets: 500_000,
            versions_per_secret: 100,
            labels_per_secret: 20,
            tags_per_secret: 50,
            value_bytes: 65_536,
            forced_deletion_seconds: 0,
        }
    }
}
