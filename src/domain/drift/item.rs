//! One thing that differs.

use std::fmt;

use jiff::Timestamp;

use super::{Difference, DriftKind, DriftPolicy, who_fights};
use crate::domain::{CacheName, CacheUser, CacheUserId, LocalUserName, TenantId, TenantName};

/// The id of an item: its kind, its cache and what differs. It is the same in every sweep.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DriftItemId(String);

impl DriftItemId {
    /// The id of what differs in a cache.
    #[must_use]
    pub fn of(kind: DriftKind, cache: &CacheName, subject: &str) -> Self {
        Self(format!("{kind}:{cache}:{subject}"))
    }

    /// Takes an id that a caller or the store gives.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DriftItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose user differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftOwner {
    /// The tenant.
    pub tenant: TenantId,
    /// Its name.
    pub tenant_name: TenantName,
    /// The user's row.
    pub user: CacheUserId,
    /// The user within the tenant.
    pub user_name: LocalUserName,
}

impl From<&CacheUser> for DriftOwner {
    fn from(user: &CacheUser) -> Self {
        Self {
            tenant: user.tenant,
            tenant_name: user.tenant_name.clone(),
            user: user.id,
            user_name: user.name.clone(),
        }
    }
}

/// What a sweep has found to differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDrift {
    /// Where.
    pub cache: CacheName,
    /// Whose it is; nobody's if it is an orphan or concerns the cache.
    pub owner: Option<DriftOwner>,
    /// What AWS calls the thing that differs: the user, the secret, the group or the cache.
    pub subject: String,
    /// How it differs.
    pub difference: Difference,
    /// What is done about it.
    pub policy: DriftPolicy,
}

impl FoundDrift {
    /// Whether it is told of; what is ignored is not.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.policy != DriftPolicy::Ignore
    }

    /// The id of the item that it becomes.
    #[must_use]
    pub fn id(&self) -> DriftItemId {
        DriftItemId::of(self.difference.kind, &self.cache, &self.subject)
    }
}

/// Something that differs, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftItem {
    /// Its id.
    pub id: DriftItemId,
    /// What the last sweep found.
    pub found: FoundDrift,
    /// Since when it is seen.
    pub since: Timestamp,
    /// When it was last seen.
    pub seen_at: Timestamp,
    /// Whether somebody has asked for its repair, and it has not begun yet.
    pub repair_is_asked: bool,
    /// How often it was repaired lately, in [`FIGHT_SPAN`](super::FIGHT_SPAN).
    pub repairs: u32,
    /// When its repair was last begun.
    pub repaired_at: Option<Timestamp>,
}

impl DriftItem {
    /// Who undoes its repairs, if somebody does.
    #[must_use]
    pub fn who_fights(&self) -> Option<String> {
        who_fights(self.found.difference.kind, self.repairs)
    }
}

/// Which items; all that is given must be met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriftFilter {
    /// Only these.
    pub ids: Option<Vec<DriftItemId>>,
    /// Only in this cache.
    pub cache: Option<CacheName>,
    /// Only of this tenant.
    pub tenant: Option<TenantName>,
    /// Only of these kinds; none: any.
    pub kinds: Vec<DriftKind>,
}
