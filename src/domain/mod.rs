//! What Ringfence knows about tenants, and how it decides what to do next.
//!
//! Everything here is pure: no clock, no I/O, no `async`. The time, the random bytes and what AWS
//! says come in as values, so that every decision can be tested at any instant. The two functions
//! that matter most are [`plan()`], which chooses one step for one tenant, and [`Phase::on`], the
//! only place where a tenant's phase changes.

mod attestation;
mod backoff;
mod cache_target;
mod credentials;
mod ground;
mod group_change;
mod ids;
mod isolation;
mod key_pattern;
mod labels;
mod lint_context;
mod name;
mod password;
mod phase;
mod plan;
mod profiles;
mod tenant;
mod tenant_problem;

pub use attestation::{
    Attestation, AttestationId, AttestationVerdict, Finding, Probe, UnknownVerdict, VerdictKind,
};
pub use backoff::Backoff;
pub use cache_target::CacheTarget;
pub use credentials::{CredentialsError, Endpoint, TenantCredentials};
pub use ground::{Ground, oldest_engine};
pub use group_change::{GroupChange, GroupView, Membership};
pub use ids::{
    InstallationId, NamingScheme, RequestId, Revision, SecretName, TenantId, UserId, UserName,
};
pub use isolation::{
    Assessed, CacheUser, DefaultUserFinding, Isolation, Leak, Meeting, Owner, Place, Resident,
    Standing, Verdict, prove,
};
pub use key_pattern::{KeyPattern, KeyPatternTemplate, UnknownTemplate};
pub use labels::{Labels, LabelsError};
pub use lint_context::lint_context;
pub use name::{CacheName, NameError, ProfileName, TenantName};
pub use password::Password;
pub use phase::{Event, IllegalTransition, Phase, UnknownPhase};
pub use plan::{Call, Observed, Step, UserSeen, UserState, needs_a_fresh_look, plan};
pub use profiles::{
    AcceptedCode, CommandRules, CommandRulesError, KeyRights, NameTaken, NotAcceptable, NotOptIn,
    Objection, OptIn, OwnProfile, Profile, ProfileOrigin, ProfilePart, Profiles, UnknownKeyRights,
    UnknownProfile, review,
};
pub use tenant::{Attested, NewTenant, Status, Tenant, TenantSpec, UnknownStatus, Wanted};
pub use tenant_problem::{Remedy, TenantProblem, TenantProblemCode};
