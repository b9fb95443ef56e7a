//! A tenant, as it is asked for and as it is kept.

use std::{fmt, str::FromStr, time::Duration};

use jiff::Timestamp;
use ringfence_acl::EngineKind;

use super::{
    Auth, CacheName, CacheUser, CacheUserId, CacheUserNames, CacheWish, Grant, KeyPattern,
    KeyScope, Labels, LocalUserName, Phase, ProfileName, Purge, Revision, RotationInterval,
    TenantId, TenantName, TenantProblem, Tier, TierKind,
};

/// What a caller asks for. Two requests with equal specs are the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSpec {
    /// The name.
    pub name: TenantName,
    /// The cache, if the caller chose one.
    pub cache: Option<CacheName>,
    /// What the cache is to run, if the caller said so.
    pub engine: Option<EngineKind>,
    /// What the tenant's main user may do with the tenant's keys.
    pub profile: ProfileName,
    /// How the main user proves who it is.
    pub auth: Auth,
    /// The caller's own words.
    pub labels: Labels,
    /// How old its passwords become, if the caller said so.
    pub rotate_every: Option<RotationInterval>,
    /// Further users, if the caller said which.
    pub users: Option<Vec<UserSpec>>,
}

/// What a caller asks for in a user of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSpec {
    /// Its name within the tenant.
    pub name: LocalUserName,
    /// What it may do.
    pub profile: ProfileName,
    /// On which of the tenant's keys.
    pub keys: KeyScope,
    /// How it proves who it is.
    pub auth: Auth,
}

/// Everything that was decided for a tenant, ready to be reserved.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// The id of this life of the tenant.
    pub id: TenantId,
    /// Whose users they are.
    pub tier: Tier,
    /// The name.
    pub name: TenantName,
    /// Where it may be put.
    pub cache: CacheWish,
    /// The caller's own words.
    pub labels: Labels,
    /// How old its passwords become, if the caller said so.
    pub rotate_every: Option<RotationInterval>,
    /// All its keys and channels.
    pub key_pattern: KeyPattern,
    /// Its users, the main one first.
    pub users: Vec<NewUser>,
    /// Whether the caller named the further users.
    pub names_users: bool,
    /// Whether the caller knows that keys of a deleted tenant may be under the prefix.
    pub inherit_keys: bool,
    /// When it was asked for.
    pub now: Timestamp,
}

/// Everything that was decided for a user, ready to be written down.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The id of this life of the user.
    pub id: CacheUserId,
    /// Its name within the tenant.
    pub name: LocalUserName,
    /// What it may do.
    pub grant: Grant,
    /// Its keys and channels.
    pub key_pattern: KeyPattern,
    /// How it proves who it is.
    pub auth: Auth,
    /// What AWS is to know it by.
    pub names: CacheUserNames,
}

/// Everything that was decided for a main user that is to take another's place.
#[derive(Clone, Debug)]
pub struct NewLogin {
    /// The id of this life of the user.
    pub id: CacheUserId,
    /// How it proves who it is.
    pub auth: Auth,
    /// What AWS is to know it by.
    pub names: CacheUserNames,
    /// How long the other goes on once this one can log in.
    pub grace: Duration,
}

/// Whether something is to be there. Written by the API, never by the reconciler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It is to be there, and to work.
    Present,
    /// It is to be there, and nobody is to log in as it.
    Suspended,
    /// It is to be removed.
    Absent,
}

impl Wanted {
    /// As it stands in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Suspended => "suspended",
            Self::Absent => "absent",
        }
    }
}

impl FromStr for Wanted {
    type Err = UnknownWish;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Present, Self::Suspended, Self::Absent]
            .into_iter()
            .find(|wanted| wanted.as_str() == text)
            .ok_or(UnknownWish)
    }
}

/// The text does not say whether something is to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be present, suspended or absent")]
pub struct UnknownWish;

/// A tenant as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The id of this life of the tenant.
    pub id: TenantId,
    /// Whose users they are.
    pub tier: Tier,
    /// The name.
    pub name: TenantName,
    /// The cache it lives in.
    pub cache: CacheName,
    /// The caller's own words.
    pub labels: Labels,
    /// How old its passwords become; `None`: as configured.
    pub rotate_every: Option<RotationInterval>,
    /// All its keys and channels.
    pub key_pattern: KeyPattern,
    /// Whether it is to be there.
    pub wanted: Wanted,
    /// When all its users could work for the first time.
    pub activated_at: Option<Timestamp>,
    /// How often it or one of its users has changed.
    pub revision: Revision,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it or one of its users last changed.
    pub updated_at: Timestamp,
    /// The user that every tenant has.
    pub main: CacheUser,
    /// The one that was its main user before, while clients move from one to the other.
    pub outgoing: Option<CacheUser>,
    /// Its further users that are not deleted, in the order of their names.
    pub further: Vec<CacheUser>,
    /// The removal of its keys, if that was asked for with its own.
    pub purge: Option<Purge>,
}

impl Tenant {
    /// The most further users of a tenant: each takes one of the places in the cache's user group.
    pub const FURTHER_USERS_MAX: usize = 16;

    /// All users, the main one first, and behind it the one that it replaces.
    pub fn users(&self) -> impl Iterator<Item = &CacheUser> {
        std::iter::once(&self.main).chain(&self.outgoing).chain(&self.further)
    }

    /// All of them, and the one by which Ringfence removes its keys.
    pub fn users_and_purger(&self) -> impl Iterator<Item = &CacheUser> {
        self.users().chain(self.purge.as_ref().and_then(|purge| purge.user.as_ref()))
    }

    /// One user; of two main ones the one that stays.
    #[must_use]
    pub fn user(&self, name: &LocalUserName) -> Option<&CacheUser> {
        self.users().find(|user| user.name == *name)
    }

    /// The main user that proves who it is in this way, if there is one.
    #[must_use]
    pub fn main_by(&self, auth: Auth) -> Option<&CacheUser> {
        std::iter::once(&self.main).chain(&self.outgoing).find(|user| user.auth == auth)
    }

    /// The main user that clients are to log in as: the one that stays, as soon as it can.
    #[must_use]
    pub fn login(&self) -> &CacheUser {
        match &self.outgoing {
            Some(outgoing) if !self.main.can_log_in() && outgoing.can_log_in() => outgoing,
            _ => &self.main,
        }
    }

    /// When the grace of the outgoing main user ends; not known before the other one could log in.
    #[must_use]
    pub fn outgoing_ends_at(&self) -> Option<Timestamp> {
        let outgoing = self.outgoing.as_ref()?.outgoing?;
        let from = self.main.activated_at?.max(outgoing.since);
        Some(from.saturating_add(outgoing.grace).unwrap_or(Timestamp::MAX))
    }

    /// Whether nobody needs the outgoing main user any more: the other one works, and its grace is
    /// over.
    #[must_use]
    pub fn is_done_with_outgoing(&self, now: Timestamp) -> bool {
        self.main.status() == Status::Active
            && self.outgoing_ends_at().is_some_and(|ends_at| ends_at <= now)
    }

    /// The state that callers see.
    #[must_use]
    pub fn status(&self) -> Status {
        let all = |holds: fn(&CacheUser) -> bool| self.users_and_purger().all(holds);
        if all(|user| user.phase == Phase::Deleted) {
            return Status::Deleted;
        }
        if self.users_and_purger().any(CacheUser::is_blocked) {
            return Status::Blocked;
        }
        match (self.wanted, self.activated_at) {
            (Wanted::Absent, _) => Status::Deleting,
            (Wanted::Present, _) if all(CacheUser::is_settled) => Status::Active,
            (Wanted::Suspended, _) if all(CacheUser::is_settled) => Status::Suspended,
            (Wanted::Present | Wanted::Suspended, None) => Status::Provisioning,
            (Wanted::Present | Wanted::Suspended, Some(_)) => Status::Updating,
        }
    }

    /// What stands in the way of the work, and for which user: first what needs a person.
    #[must_use]
    pub fn problem(&self) -> Option<(&CacheUser, &TenantProblem)> {
        let problem = |user| -> Option<(&CacheUser, _)> { Some((user, user.problem.as_ref()?)) };
        let problems = || self.users_and_purger().filter_map(problem);
        problems().find(|(user, _)| user.is_blocked()).or_else(|| problems().next())
    }

    /// Whether a request for `new` is a request for this very tenant. A request that names no
    /// cache agrees with any placement, and one that names no users with any further users. An
    /// engine that is asked for is compared with what the tenant's cache runs.
    #[must_use]
    pub fn matches(&self, new: &NewTenant) -> bool {
        let staying = || {
            let all = self.users().filter(|user| user.outgoing.is_none());
            all.filter(|user| user.wanted != Wanted::Absent)
        };
        let same_user = |wanted: &NewUser| {
            staying().any(|user| {
                user.name == wanted.name
                    && user.grant == wanted.grant
                    && user.key_pattern == wanted.key_pattern
                    && user.auth == wanted.auth
            })
        };
        self.tier.kind() == new.tier.kind()
            && self.name == new.name
            && self.labels == new.labels
            && self.rotate_every == new.rotate_every
            && new.cache.agrees_with(&self.cache)
            && new.users.iter().all(same_user)
            && (!new.names_users || new.users.len() == staying().count())
    }

    /// Of which of the three kinds it is.
    #[must_use]
    pub fn kind(&self) -> TierKind {
        self.tier.kind()
    }
}

/// The state of a tenant, as callers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// On its way to being active for the first time.
    Provisioning,
    /// The credentials of all its users work.
    Active,
    /// It was active, and a change to one of its users is under way. The others work.
    Updating,
    /// Its users are kept out of the cache until somebody wants them back.
    Suspended,
    /// On its way out.
    Deleting,
    /// An error that needs a person; the problem says which and what to do.
    Blocked,
    /// Gone. Only its tombstone is kept, so that its keys are not inherited unawares.
    Deleted,
}

impl Status {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Provisioning,
        Self::Active,
        Self::Updating,
        Self::Suspended,
        Self::Deleting,
        Self::Blocked,
        Self::Deleted,
    ];

    /// The state as it stands in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Updating => "updating",
            Self::Suspended => "suspended",
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
#[error("must be one of provisioning, active, updating, suspended, deleting, blocked")]
pub struct UnknownStatus;
