//! Who may go where.

use serde::{Deserialize, Serialize};

/// A role that any caller may assume.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// What a caller has to say as `ExternalId`, if anything.
    #[serde(default)]
    pub external_id: Option<String>,
}
