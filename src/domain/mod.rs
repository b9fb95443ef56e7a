//! What Ringfence knows about tenants, and how it decides what to do next.
//!
//! Everything here is pure: no clock, no I/O, no `async`. The time, the random bytes and what AWS
//! says come in as values, so that every decision can be tested at any instant. The two functions
//! that matter most are [`plan()`], which chooses one step for one cache user, and [`Phase::on`],
//! the only place where a user's phase changes.

mod actor;
mod attestation;
mod auth;
mod backoff;
mod beginning;
mod bounds;
mod cache_nodes;
mod cache_target;
mod cache_user;
mod cause;
mod cost;
mod credentials;
mod default_user_activity;
mod drift;
mod event_filter;
mod evidence;
mod fleet_rotation;
mod forecast;
mod grant;
mod ground;
mod group_change;
mod ids;
mod import;
mod isolation;
mod key_pattern;
mod key_scope;
mod labels;
mod lint_context;
mod name;
mod password;
mod patch;
mod phase;
mod placement;
mod plan;
mod profiles;
mod purge;
mod recorded_event;
mod rotation;
mod scope;
mod suspension;
mod tenant;
mod tenant_problem;
mod tier;
mod token;
mod trace_context;
mod urgency;
mod vouched;
mod webhook;

pub use actor::{Actor, TokenId, UnknownActor};
pub use attestation::{
    Attestation, AttestationId, AttestationVerdict, Finding, UnknownVerdict, VerdictKind,
};
pub use auth::{Auth, Outgoing, UnknownAuth};
pub use backoff::Backoff;
pub use bounds::Bounds;
pub use cache_nodes::{AttestedNode, CacheNodes, NodeRole, UnknownRole};
pub use cache_target::CacheTarget;
pub use cache_user::{Attested, CacheUser};
pub use cause::Cause;
pub use cost::{
    Amount, Bill, CALLS_OF_A_ROTATION, CostReport, Currency, CurrencyError, MONTH_HOURS, Price,
    PriceError, Rates, TenantCost, TenantNeed, cost_report,
};
pub use credentials::{CredentialsError, Endpoint, TenantCredentials};
pub use default_user_activity::{
    ClientRefusal, ClientSource, DefaultUserActivity, Sighting, SourceActivity,
};
pub use drift::{
    Difference, DriftFilter, DriftItem, DriftItemId, DriftKind, DriftOwner, DriftPolicies,
    DriftPolicy, DriftRemedy, ExpectedUser, FIGHT_SPAN, FoundDrift, KnownSurroundings, Mend, Proof,
    SecretSeen, SeenSurroundings, SeenUser, ShownAccess, UnknownDriftKind, UnknownDriftPolicy,
    UserShown, differences, first_mend, is_fight, surroundings_changed, who_fights,
};
pub use event_filter::{EventFilter, EventKinds, NotAKind};
pub use evidence::{Evidence, Probe};
pub use fleet_rotation::{
    FleetCounts, FleetEvent, FleetMember, FleetReport, FleetRotation, FleetRotationId,
    FleetSelector, FleetState, IllegalFleetEvent, MaxInFlight, MaxInFlightError, MemberState,
    MemberStatus, SkipReason, UnknownFleetState, UnknownMemberStatus, UnknownSkipReason,
};
pub use forecast::{ForeseenAction, ForeseenStep, forecast};
pub use grant::{AccessRevision, Grant, NotConfigured};
pub use ground::{Ground, oldest_engine};
pub use group_change::{
    ChangeLimits, Gathered, GroupChange, GroupView, GroupWishes, Membership, Waiting,
};
pub use ids::{
    CacheUserId, CacheUserNames, InstallationId, NamingScheme, RequestId, Revision, SecretName,
    TenantId, UserId, UserName,
};
pub use import::{
    Claim, FoundUser, ImportObstacle, ImportRefusal, ImportRules, ImportedTenant, NameTemplate,
    NameTemplateError, rebuild,
};
pub use isolation::{
    Assessed, DefaultUserFinding, GroupMember, Isolation, Leak, Meeting, Owner, Place, Resident,
    Standing, Verdict, prove,
};
pub use key_pattern::{KeyPattern, KeyPatternTemplate, UnknownTemplate};
pub use key_scope::{KeyScope, KeyScopeError};
pub use labels::{Labels, LabelsError};
pub use lint_context::lint_context;
pub use name::{CacheName, LocalUserName, NameError, ProfileName, TenantName, TokenName};
pub use password::Password;
pub use patch::Patch;
pub use phase::{Event, IllegalTransition, Phase, UnknownPhase};
pub use placement::{
    Admission, CacheRuns, CacheWish, Candidate, Considered, GroupLimits, Growth, Needs, NoRoom,
    Obstacle, PlacementStrategy, Places, QuotaSource, UnknownStrategy, WhyNot,
};
pub use plan::{AccessSeen, Call, Looks, Observed, Step, UserSeen, UserState, needs, plan};
pub use profiles::{
    AcceptedCode, CommandRules, CommandRulesError, KeyRights, NameTaken, NotAcceptable, NotOptIn,
    Objection, OptIn, OwnProfile, Profile, ProfileOrigin, ProfilePart, Profiles, UnknownKeyRights,
    UnknownProfile, review,
};
pub use purge::{NewPurge, PrimaryLife, Purge, PurgeProgress, PurgeSlice, PurgedNode, Scanned};
pub use recorded_event::{EventHash, NotAHash, Outcome, RecordedEvent, UnknownOutcome};
pub use rotation::{
    Acknowledgement, AcknowledgementError, AskedMode, ConsumerName, ConsumerNameError, GateError,
    IllegalRotation, IntervalError, Milestones, PasswordLifetime, Prospect, RetireWhen,
    RetirementGate, Rotation, RotationCall, RotationEvent, RotationId, RotationInterval,
    RotationMode, RotationOrigin, RotationPhase, RotationSeen, RotationStatus, RotationStep,
    RotationWish, SecretVersion, UnknownRotationPhase, UnknownWishForRotation, plan_rotation,
    rotation_needs,
};
pub use scope::{Scope, Scopes, UnknownScope};
pub use suspension::Suspension;
pub use tenant::{
    NewLogin, NewTenant, NewUser, Status, Tenant, TenantSpec, UnknownStatus, UnknownWish, UserSpec,
    Wanted,
};
pub use tenant_problem::{Remedy, TenantProblem, TenantProblemCode};
pub use tier::{BreakGlassSession, Reason, ReasonError, Tier, TierKind, UnknownTier};
pub use token::{KnownSecret, SecretHash, Token, TokenStanding};
pub use trace_context::TraceContext;
pub use urgency::Urgency;
pub use vouched::{
    ClaimPath, ClaimPathError, ClaimRules, Issuer, IssuerError, Narrowing, SecureUrl,
    SigningAlgorithm, UnknownAlgorithm, Unusable, Vouched,
};
pub use webhook::{
    AddressRules, Attempt, AttemptError, Delivery, DeliveryState, DisabledBecause, MessageId,
    NextTry, NotAMessage, Notice, Notices, TargetError, TargetRules, UnknownDeliveryState,
    UnknownNotice, UnknownReason, Webhook, WebhookChange, WebhookId, WebhookSecret, WebhookUrl,
    cloud_event, next_try,
};
