//! A user as it is found.

use std::sync::Arc;

use crate::domain::{
    Auth, CacheUserId, LocalUserName, NamingScheme, TenantName, TierKind, UserId, UserName,
    UserState,
};

/// A user in AWS that is a tenant's, or may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundUser {
    /// Its id.
    pub user_id: UserId,
    /// What a client sends in `AUTH`.
    pub user_name: UserName,
    /// Its access string, as AWS shows it.
    pub access_string: Arc<str>,
    /// How it proves who it is; nothing if it takes anyone.
    pub auth: Option<Auth>,
    /// Whether it can be changed now.
    pub state: UserState,
    /// Whether it is in the user group of its cache.
    pub is_member: bool,
    /// What says whose it is.
    pub claim: Claim,
}

/// What says whose a user is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Tags that Ringfence put on it.
    Tags {
        /// The tenant.
        tenant: TenantName,
        /// The id of this life of the user. Older versions did not write it.
        life: Option<CacheUserId>,
        /// Whose users they are. Older versions did not write it.
        tier: Option<TierKind>,
    },
    /// The name that another tool gave it.
    Name {
        /// What stands in the place of the tenant's name.
        tenant: String,
    },
}

impl Claim {
    /// The tenant's name, which need not be one that we accept.
    #[must_use]
    pub fn tenant(&self) -> &str {
        match self {
            Self::Tags { tenant, .. } => tenant.as_str(),
            Self::Name { tenant } => tenant,
        }
    }
}

impl FoundUser {
    /// Its name within its tenant. Users that other tools made are their tenants' main ones.
    pub(super) fn local_name(&self, tenant: &TenantName, naming: &NamingScheme) -> LocalUserName {
        let name = self.user_name.as_str();
        let further = name.strip_prefix(tenant.as_str()).and_then(|rest| rest.strip_prefix("--"));
        let further = further.and_then(|name| LocalUserName::parse(name).ok());
        let is_as_named = |local: &LocalUserName| {
            naming.names(tenant, local, Auth::Password).user_id == self.user_id
        };
        further.filter(is_as_named).unwrap_or_else(LocalUserName::main)
    }

    pub(super) fn life(&self) -> Option<CacheUserId> {
        match &self.claim {
            Claim::Tags { life, .. } => *life,
            Claim::Name { .. } => None,
        }
    }

    pub(super) fn tier(&self) -> Option<TierKind> {
        match &self.claim {
            Claim::Tags { tier, .. } => *tier,
            Claim::Name { .. } => None,
        }
    }
}
