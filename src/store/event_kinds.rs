//! What can happen, as the record names it.

use crate::domain::{
    DisabledBecause, Notice, Outcome, Phase, RotationPhase, RotationWish, SkipReason,
    TenantProblemCode, TierKind, VerdictKind,
};

/// What happened to a tenant as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) enum TenantEvent {
    Requested,
    Imported,
    TakenUpAgain,
    Changed,
    Activated,
    Blocked,
    Suspended,
    SuspensionRequested,
    ResumptionRequested,
    DeletionRequested,
    PurgeRequested,
    KeysPurged,
    Expired,
    Deleted,
}

/// What happened to a bearer token.
#[derive(Clone, Copy, Debug)]
pub(super) enum TokenEvent {
    Created,
    Rotated,
    Revoked,
}

impl TokenEvent {
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Created => "token.created",
            Self::Rotated => "token.rotated",
            Self::Revoked => "token.revoked",
        }
    }
}

/// What happened to one of its users.
#[derive(Clone, Copy, Debug)]
pub(super) enum UserEvent {
    Requested,
    Changed,
    DeletionRequested,
    PhaseChanged { to: Phase },
    Hindered { by: TenantProblemCode },
    CredentialsRead,
    AttestationRequested,
    Attested { verdict: VerdictKind },
    Rotation { phase: RotationPhase, wish: RotationWish },
    RotationSkipped { why: SkipReason },
    RightsOutdated,
}

/// What happened to something that differs, a user's or not.
#[derive(Clone, Copy, Debug)]
pub(super) enum DriftEvent {
    Found,
    Over,
    RepairRequested,
    RepairBegun,
}

/// What happened to a fleet rotation as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) enum FleetRotationEvent {
    Requested,
    Paused,
    Resumed,
    Cancelled,
    GracesEnded,
    Completed,
}

/// What happened to a webhook.
#[derive(Clone, Copy, Debug)]
pub(super) enum WebhookEvent<'a> {
    Created,
    Changed,
    SecretRotated,
    Tested,
    Redelivered { message: &'a str },
    Disabled { because: DisabledBecause },
    Deleted,
}

impl TenantEvent {
    pub(super) fn outcome(self) -> Outcome {
        if matches!(self, Self::Blocked) { Outcome::Failure } else { Outcome::Success }
    }

    /// Of what webhooks are told.
    pub(super) fn notice(self, kind: TierKind) -> Option<Notice> {
        match (self, kind) {
            (Self::Activated, TierKind::Tenant) => Some(Notice::TenantProvisioned),
            (Self::Blocked, TierKind::Tenant) => Some(Notice::TenantBlocked),
            (Self::Suspended, TierKind::Tenant) => Some(Notice::TenantSuspended),
            (Self::Deleted, TierKind::Tenant) => Some(Notice::TenantDeleted),
            (Self::Activated, TierKind::BreakGlass) => Some(Notice::BreakGlassOpened),
            (Self::Deleted, TierKind::BreakGlass) => Some(Notice::BreakGlassClosed),
            _ => None,
        }
    }

    pub(super) fn verb(self, kind: TierKind) -> &'static str {
        match (self, kind) {
            (Self::Requested, _) => "requested",
            (Self::Imported, _) => "imported",
            (Self::TakenUpAgain, _) => "taken-up-again",
            (Self::Changed, _) => "changed",
            (Self::Activated, TierKind::BreakGlass) => "opened",
            (Self::Activated, _) => "activated",
            (Self::Blocked, _) => "blocked",
            (Self::Suspended, _) => "suspended",
            (Self::SuspensionRequested, _) => "suspension-requested",
            (Self::ResumptionRequested, _) => "resumption-requested",
            (Self::DeletionRequested, _) => "deletion-requested",
            (Self::PurgeRequested, _) => "purge-requested",
            (Self::KeysPurged, _) => "keys-purged",
            (Self::Expired, _) => "expired",
            (Self::Deleted, TierKind::BreakGlass) => "closed",
            (Self::Deleted, _) => "deleted",
        }
    }
}

impl UserEvent {
    /// Of what webhooks are told. Of a rotation only when it has come further, which is not all that is
    /// recorded of it.
    pub(super) fn notice(self) -> Option<Notice> {
        match self {
            Self::Attested { verdict: VerdictKind::Leaky } => Some(Notice::IsolationLeaky),
            _ => None,
        }
    }

    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::Attested { verdict: VerdictKind::Isolated } => Outcome::Success,
            Self::Hindered { .. }
            | Self::Attested { .. }
            | Self::RotationSkipped { .. }
            | Self::Rotation { phase: RotationPhase::Failed, .. } => Outcome::Failure,
            _ => Outcome::Success,
        }
    }

    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Requested => "user.requested",
            Self::Changed => "user.changed",
            Self::DeletionRequested => "user.deletion-requested",
            Self::PhaseChanged { .. } => "user.phase-changed",
            Self::Hindered { .. } => "user.hindered",
            Self::CredentialsRead => "credentials.read",
            Self::AttestationRequested => "attestation.requested",
            Self::Attested { verdict: VerdictKind::Leaky } => "isolation.leaky",
            Self::Attested { .. } => "attestation.made",
            Self::Rotation { .. } => "rotation.changed",
            Self::RotationSkipped { .. } => "rotation.skipped",
            Self::RightsOutdated => "user.rights-outdated",
        }
    }

    pub(super) fn detail(self) -> &'static str {
        match self {
            Self::Requested
            | Self::Changed
            | Self::DeletionRequested
            | Self::CredentialsRead
            | Self::AttestationRequested
            | Self::RightsOutdated => "",
            Self::Attested { verdict } => verdict.as_str(),
            Self::Rotation { phase, wish: RotationWish::Complete } => phase.as_str(),
            Self::Rotation { wish, .. } => wish.as_str(),
            Self::RotationSkipped { why } => why.as_str(),
            Self::PhaseChanged { to } => to.as_str(),
            Self::Hindered { by } => by.as_str(),
        }
    }
}

/// Of what webhooks are told when a rotation has come to a phase.
pub(super) fn rotation_notice(phase: RotationPhase) -> Option<Notice> {
    match phase {
        RotationPhase::Grace => Some(Notice::CredentialRotated),
        RotationPhase::Retiring => Some(Notice::CredentialRetiring),
        _ => None,
    }
}

impl DriftEvent {
    /// Of what webhooks are told.
    pub(super) fn notice(self) -> Option<Notice> {
        match self {
            Self::Found => Some(Notice::DriftFound),
            Self::Over => Some(Notice::DriftRepaired),
            Self::RepairRequested | Self::RepairBegun => None,
        }
    }

    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::Found => Outcome::Failure,
            Self::Over | Self::RepairRequested | Self::RepairBegun => Outcome::Success,
        }
    }

    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Found => "drift.found",
            Self::Over => "drift.over",
            Self::RepairRequested => "drift.repair-requested",
            Self::RepairBegun => "drift.repair-begun",
        }
    }
}

impl FleetRotationEvent {
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Requested => "fleet-rotation.requested",
            Self::Paused => "fleet-rotation.paused",
            Self::Resumed => "fleet-rotation.resumed",
            Self::Cancelled => "fleet-rotation.cancelled",
            Self::GracesEnded => "fleet-rotation.graces-ended",
            Self::Completed => "fleet-rotation.completed",
        }
    }
}

impl WebhookEvent<'_> {
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Created => "webhook.created",
            Self::Changed => "webhook.changed",
            Self::SecretRotated => "webhook.secret-rotated",
            Self::Tested => "webhook.tested",
            Self::Redelivered { .. } => "webhook.redelivered",
            Self::Disabled { .. } => "webhook.disabled",
            Self::Deleted => "webhook.deleted",
        }
    }

    pub(super) fn outcome(self) -> Outcome {
        if matches!(self, Self::Disabled { .. }) { Outcome::Failure } else { Outcome::Success }
    }

    pub(super) fn notice(self) -> Option<Notice> {
        matches!(self, Self::Tested).then_some(Notice::Test)
    }
}

impl<'a> WebhookEvent<'a> {
    pub(super) fn detail(self) -> &'a str {
        match self {
            Self::Redelivered { message } => message,
            Self::Disabled { because } => because.as_str(),
            _ => "",
        }
    }
}
