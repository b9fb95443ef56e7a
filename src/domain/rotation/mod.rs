//! Replacing a password while the old one still works, then retiring the old one.
//!
//! Like a user, a rotation is a row with a phase that names the work under way, and
//! [`plan_rotation`] chooses its next step. While it lasts two passwords can log in, both are in
//! Secrets Manager, and `AWSCURRENT` moves only after a login with the new one has succeeded.

mod asked_mode;
mod gate;
mod lifetime;
mod phase;
mod plan;
mod schedule;

use std::{fmt, str::FromStr, time::Duration};

use jiff::Timestamp;
use uuid::Uuid;

pub use self::{
    asked_mode::AskedMode,
    gate::{
        Acknowledgement, AcknowledgementError, ConsumerName, ConsumerNameError, GateError,
        RetireWhen, RetirementGate,
    },
    lifetime::{PasswordLifetime, Prospect},
    phase::{IllegalRotation, RotationEvent, RotationPhase, RotationStatus, UnknownRotationPhase},
    plan::{RotationCall, RotationSeen, RotationStep, plan_rotation, rotation_needs},
    schedule::{IntervalError, RotationInterval},
};
use super::{
    CacheName, CacheUser, CacheUserId, FleetRotationId, Reason, RequestId, Revision, TenantId,
    TenantProblem,
};

/// The id of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RotationId(pub Uuid);

impl RotationId {
    /// The version of the secret that this rotation makes. Derived, so that a call repeated after a
    /// crash names the same version.
    #[must_use]
    pub fn secret_version(self) -> SecretVersion {
        SecretVersion::new(self.0.hyphenated().to_string())
    }
}

impl fmt::Display for RotationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The id of a version of a secret: the `ClientRequestToken` it was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVersion(String);

impl SecretVersion {
    /// Takes an id that AWS or the store gives.
    #[must_use]
    pub fn new(id: String) -> Self {
        Self(id)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How much the old password is still to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RotationMode {
    /// It goes on working until consumers had time to change over.
    Overlap {
        /// How long, counted from the promotion of the new one.
        grace: Duration,
        /// What has to be so beside the time.
        gate: RetirementGate,
    },
    /// It has leaked: it is retired as soon as the new one is promoted, and open connections are cut.
    Emergency,
}

/// Who began a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationOrigin {
    /// Somebody asked for it.
    Request,
    /// The password had become as old as the schedule lets it.
    Schedule,
}

impl RotationOrigin {
    /// The origin as it stands in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Schedule => "schedule",
        }
    }
}

/// What callers want of a rotation that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationWish {
    /// To end with the new password, and the old one retired when its time has come.
    Complete,
    /// The same, and not to wait with retiring the old one.
    RetireNow,
    /// To end with the old password.
    Cancel,
}

impl RotationWish {
    const ALL: [Self; 3] = [Self::Complete, Self::RetireNow, Self::Cancel];

    /// The wish as it stands in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::RetireNow => "retire-now",
            Self::Cancel => "cancel",
        }
    }
}

impl FromStr for RotationWish {
    type Err = UnknownWishForRotation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|wish| wish.as_str() == text).ok_or(UnknownWishForRotation)
    }
}

/// The text names no wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be complete, retire-now or cancel")]
pub struct UnknownWishForRotation;

/// A rotation as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Its id.
    pub id: RotationId,
    /// The tenant whose user's password it replaces.
    pub tenant: TenantId,
    /// The user.
    pub user: CacheUserId,
    /// The cache that it lives in.
    pub cache: CacheName,
    /// The fleet rotation that started it, if one did.
    pub fleet: Option<FleetRotationId>,
    /// How.
    pub mode: RotationMode,
    /// Who began it.
    pub origin: RotationOrigin,
    /// Why it was asked for. An emergency has a reason always.
    pub reason: Option<Reason>,
    /// What callers want.
    pub wish: RotationWish,
    /// How far it has come.
    pub phase: RotationPhase,
    /// Since when it is in this phase.
    pub phase_since: Timestamp,
    /// The version that was `AWSCURRENT` when it began; known when the new one is stored.
    pub from: Option<SecretVersion>,
    /// When each step was done.
    pub done: Milestones,
    /// Consumers that have said that they use the new password.
    pub acknowledged: Vec<Acknowledgement>,
    /// What stands in the way, if anything does.
    pub problem: Option<TenantProblem>,
    /// How many steps in a row have failed.
    pub attempts: u32,
    /// The request that last said what is wanted.
    pub requested_by: Option<RequestId>,
    /// How often the row has changed.
    pub revision: Revision,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Timestamp,
}

/// When each step of a rotation was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Milestones {
    /// The new password is in Secrets Manager.
    pub created_at: Option<Timestamp>,
    /// ElastiCache has accepted both passwords.
    pub set_at: Option<Timestamp>,
    /// A login with the new one has succeeded.
    pub tested_at: Option<Timestamp>,
    /// The new one is `AWSCURRENT`.
    pub finished_at: Option<Timestamp>,
    /// The old one cannot log in any more.
    pub retired_at: Option<Timestamp>,
}

impl RotationMode {
    /// The longest grace: a week.
    pub const GRACE_MAX: Duration = Duration::from_hours(7 * 24);
}

impl Rotation {
    /// A rotation that has been asked for.
    #[must_use]
    pub fn begin(
        id: RotationId,
        user: &CacheUser,
        (mode, reason): (RotationMode, Option<Reason>),
        requested_by: Option<RequestId>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            tenant: user.tenant,
            user: user.id,
            cache: user.cache.clone(),
            fleet: None,
            mode,
            origin: RotationOrigin::Request,
            reason,
            wish: RotationWish::Complete,
            phase: RotationPhase::Creating,
            phase_since: now,
            from: None,
            done: Milestones::default(),
            acknowledged: Vec::new(),
            problem: None,
            attempts: 0,
            requested_by,
            revision: Revision(1),
            created_at: now,
            updated_at: now,
        }
    }

    /// The same rotation, begun by the schedule.
    #[must_use]
    pub fn on_schedule(self) -> Self {
        Self { origin: RotationOrigin::Schedule, ..self }
    }

    /// The version of the secret that holds the new password.
    #[must_use]
    pub fn to(&self) -> SecretVersion {
        self.id.secret_version()
    }

    /// Notes that a consumer uses the new password. Answers whether that is news.
    pub fn acknowledge(
        &mut self,
        consumer: ConsumerName,
        now: Timestamp,
    ) -> Result<bool, AcknowledgementError> {
        if self.done.finished_at.is_none() {
            return Err(AcknowledgementError::NotPromoted);
        }
        if self.acknowledged.iter().any(|ack| ack.consumer == consumer) {
            return Ok(false);
        }
        let expected = match &self.mode {
            RotationMode::Overlap { gate, .. } => gate.expected(),
            RotationMode::Emergency => &[],
        };
        let others = self.acknowledged.iter().filter(|ack| !expected.contains(&ack.consumer));
        if !expected.contains(&consumer) && others.count() >= RetirementGate::CONSUMERS_MAX {
            return Err(AcknowledgementError::TooMany);
        }
        self.acknowledged.push(Acknowledgement { consumer, at: now });
        Ok(true)
    }

    /// When the grace of the old password ends by time alone.
    #[must_use]
    pub fn grace_ends_at(&self) -> Option<Timestamp> {
        match &self.mode {
            RotationMode::Overlap { grace, .. } => {
                Some(self.done.finished_at?.saturating_add(*grace).unwrap_or(Timestamp::MAX))
            }
            RotationMode::Emergency => self.done.finished_at,
        }
    }

    /// Whether the old password may be retired now.
    #[must_use]
    pub fn may_retire(&self, now: Timestamp) -> bool {
        if self.wish == RotationWish::RetireNow {
            return true;
        }
        let RotationMode::Overlap { gate, .. } = &self.mode else { return true };
        let is_over = self.grace_ends_at().is_some_and(|end| end <= now);
        is_over && gate.is_open(&self.acknowledged)
    }

    /// Notes the step that `event` completes.
    #[must_use]
    pub fn with_milestone(mut self, event: RotationEvent, now: Timestamp) -> Self {
        let milestone = match event {
            RotationEvent::PendingStored => &mut self.done.created_at,
            RotationEvent::BothSet => &mut self.done.set_at,
            RotationEvent::NewProved => &mut self.done.tested_at,
            RotationEvent::Promoted => &mut self.done.finished_at,
            RotationEvent::OldRefused | RotationEvent::CutWanted => &mut self.done.retired_at,
            _ => return self,
        };
        *milestone = Some(now);
        self
    }
}
