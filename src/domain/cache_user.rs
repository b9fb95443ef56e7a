//! One user in a cache, as the store keeps it: what the reconciler works on.

use jiff::Timestamp;

use super::{
    AccessRevision, Auth, CacheName, CacheUserId, Grant, KeyPattern, LocalUserName, Outgoing,
    Phase, RequestId, Revision, SecretName, Status, TenantId, TenantName, TenantProblem, TierKind,
    Urgency, UserId, UserName, VerdictKind, Wanted,
};

/// A tenant's user: with its own `UserId`, login, rights and place in the user group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheUser {
    /// The id of this life of the user.
    pub id: CacheUserId,
    /// The tenant whose it is.
    pub tenant: TenantId,
    /// The tenant's name.
    pub tenant_name: TenantName,
    /// Whose users its tenant's are.
    pub tier: TierKind,
    /// The cache it lives in.
    pub cache: CacheName,
    /// Its name within its tenant.
    pub name: LocalUserName,
    /// What it may do.
    pub grant: Grant,
    /// Its keys and channels.
    pub key_pattern: KeyPattern,
    /// Its `UserId`.
    pub user_id: UserId,
    /// Its `UserName`.
    pub user_name: UserName,
    /// How it proves who it is.
    pub auth: Auth,
    /// The name of its secret; [`SecretName::none`] if it needs none.
    pub secret_name: SecretName,
    /// Set if it is to give way to another main user.
    pub outgoing: Option<Outgoing>,
    /// The request that last said what is wanted.
    pub requested_by: Option<RequestId>,
    /// Whether it is to be there.
    pub wanted: Wanted,
    /// How far the work has come.
    pub phase: Phase,
    /// Since when it is in this phase.
    pub phase_since: Timestamp,
    /// When it could log in for the first time.
    pub activated_at: Option<Timestamp>,
    /// The revision of the rights that AWS was last given for it. `None` if they are to be given
    /// to it, or were never.
    pub access: Option<AccessRevision>,
    /// When the schedule replaces its password, if there is a schedule. In the past if it could
    /// not be replaced yet.
    pub rotation_due_at: Option<Timestamp>,
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

impl CacheUser {
    /// Whether a person has to do something before the work goes on.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.problem.as_ref().is_some_and(TenantProblem::needs_a_person)
    }

    /// The state that callers see.
    #[must_use]
    pub fn status(&self) -> Status {
        match (self.wanted, self.phase) {
            (_, Phase::Deleted) => Status::Deleted,
            _ if self.is_blocked() => Status::Blocked,
            (Wanted::Absent, _) => Status::Deleting,
            (Wanted::Present, _) if self.is_settled() => Status::Active,
            (Wanted::Suspended, _) if self.is_settled() => Status::Suspended,
            (Wanted::Present | Wanted::Suspended, _) if self.activated_at.is_some() => {
                Status::Updating
            }
            (Wanted::Present | Wanted::Suspended, _) => Status::Provisioning,
        }
    }

    /// How soon the work on it has to be done: at once for who signs up, and for who may do
    /// everything and is to be let in or cut off. Who is suspended goes with the others, of whom a
    /// quarter goes with every change: a thousand that are suspended at once keep no sign-up waiting.
    #[must_use]
    pub fn urgency(&self) -> Urgency {
        let signs_up = self.wanted == Wanted::Present && self.activated_at.is_none();
        match self.grant {
            Grant::Everything => Urgency::Urgent,
            Grant::Profile(_) if signs_up => Urgency::Urgent,
            Grant::Profile(_) | Grant::Purge => Urgency::Routine,
        }
    }

    /// Its secret, if it needs one.
    #[must_use]
    pub fn secret(&self) -> Option<&SecretName> {
        match self.auth {
            Auth::Password => Some(&self.secret_name),
            Auth::Iam => None,
        }
    }

    /// Whether its login is known to work behind a fence that held when it was last tried. While
    /// it is being changed, the last finding counts.
    #[must_use]
    pub fn can_log_in(&self) -> bool {
        let is_doubtful = |attested: Attested| {
            matches!(attested.verdict, VerdictKind::Leaky | VerdictKind::LoginRefused)
        };
        match self.status() {
            Status::Active => true,
            // On its way out of the group.
            Status::Updating if self.wanted == Wanted::Suspended => false,
            Status::Updating => !self.attested.is_some_and(is_doubtful),
            Status::Provisioning
            | Status::Suspended
            | Status::Deleting
            | Status::Blocked
            | Status::Deleted => false,
        }
    }

    /// Whether nothing is left to be done for it.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self.wanted {
            Wanted::Present => self.phase == Phase::Active && self.access.is_some(),
            Wanted::Suspended => self.phase == Phase::Suspended,
            Wanted::Absent => self.phase == Phase::Deleted,
        }
    }
}
