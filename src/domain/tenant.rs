//! A tenant, as it is asked for and as it is kept.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

use super::{
    CacheName, KeyPattern, Labels, Phase, ProfileName, RequestId, Revision, SecretName, TenantId,
    TenantName, TenantProblem, UserId, UserName, VerdictKind,
};

/// What a caller asks for. Two requests with equal specs are the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSpec {
    /// The name.
    pub name: TenantName,
    /// The cache, if the caller chose one.
    pub cache: Option<CacheName>,
    /// What the tenant may do with its keys.
    pub profile: ProfileName,
    /// The caller's own words.
    pub labels: Labels,
}

/// A spec with everything that was decided for it, ready to be reserved.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// The id of this life of the tenant.
    pub id: TenantId,
    /// What was asked for.
    pub spec: TenantSpec,
    /// The cache it is placed in.
    pub cache: CacheName,
    /// Its keys and channels.
    pub key_pattern: KeyPattern,
    /// Its `UserId`.
    pub user_id: UserId,
    /// Its `UserName`.
    pub user_name: UserName,
    /// The name of its secret.
    pub secret_name: SecretName,
    /// Whether the caller knows that keys of a deleted tenant may be under the prefix.
    pub inherit_keys: bool,
    /// When it was asked for.
    pub now: Timestamp,
}

/// Whether a tenant is to be there. Written by the API, never by the reconciler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It is to be there.
    Present,
    /// It is to be removed.
    Absent,
}

impl Wanted {
    /// As it stands in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
        }
    }
}

/// A tenant as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The id of this life of the tenant.
    pub id: TenantId,
    /// The name.
    pub name: TenantName,
    /// The cache it lives in.
    pub cache: CacheName,
    /// What it may do with its keys.
    pub profile: ProfileName,
    /// The caller's own words.
    pub labels: Labels,
    /// Its keys and channels.
    pub key_pattern: KeyPattern,
    /// Its `UserId`.
    pub user_id: UserId,
    /// Its `UserName`.
    pub user_name: UserName,
    /// The name of its secret.
    pub secret_name: SecretName,
    /// The request that last said what is wanted.
    pub requested_by: Option<RequestId>,
    /// Whether it is to be there.
    pub wanted: Wanted,
    /// How far the work has come.
    pub phase: Phase,
    /// Since when it is in this phase.
    pub phase_since: Timestamp,
    /// What stands in the way of the work, if anything does.
    pub problem: Option<TenantProblem>,
    /// The newest finding of an attestation.
    pub attested: Option<Attested>,
    /// How many steps in a row have failed.
    pub attempts: u32,
    /// How often the row has changed.
    pub revision: Revision,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Timestamp,
}

/// The newest finding of an attestation, without its evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attested {
    /// When it was made.
    pub at: Timestamp,
    /// What was found.
    pub verdict: VerdictKind,
}

impl Tenant {
    /// The state that callers see.
    #[must_use]
    pub fn status(&self) -> Status {
        let blocked = self.problem.as_ref().is_some_and(TenantProblem::needs_a_person);
        match (self.wanted, self.phase) {
            (_, Phase::Deleted) => Status::Deleted,
            _ if blocked => Status::Blocked,
            (Wanted::Present, Phase::Active) => Status::Active,
            (Wanted::Present, _) => Status::Provisioning,
            (Wanted::Absent, _) => Status::Deleting,
        }
    }

    /// Whether a request for `spec` is a request for this very tenant. A request that names no
    /// cache agrees with any placement.
    #[must_use]
    pub fn matches(&self, spec: &TenantSpec) -> bool {
        self.name == spec.name
            && self.profile == spec.profile
            && self.labels == spec.labels
            && spec.cache.as_ref().is_none_or(|cache| *cache == self.cache)
    }
}

/// The state of a tenant, as callers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// On its way to being active.
    Provisioning,
    /// Its credentials work.
    Active,
    /// On its way out.
    Deleting,
    /// An error that needs a person; the problem says which and what to do.
    Blocked,
    /// Gone. Only its tombstone is kept, so that its keys are not inherited unawares.
    Deleted,
}

impl Status {
    /// All states.
    pub const ALL: [Self; 5] =
        [Self::Provisioning, Self::Active, Self::Deleting, Self::Blocked, Self::Deleted];

    /// The state as it stands in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Deleting => "deleting",
            Self::Blocked => "blocked",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownStatus)
    }
}

/// The text names no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of provisioning, active, deleting, blocked")]
pub struct UnknownStatus;
