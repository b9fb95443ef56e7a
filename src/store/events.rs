//! The record of what happened, written in the transaction that makes it happen.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{Store, StoreError};
use crate::domain::{
    CacheUser, DriftKind, FleetRotation, FleetRotationId, LocalUserName, Phase, RequestId,
    RotationPhase, RotationWish, SkipReason, Tenant, TenantId, TenantName, TenantProblemCode, Tier,
    TierKind, VerdictKind,
};

/// What happened to a tenant as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) enum TenantEvent {
    Requested,
    Imported,
    TakenUpAgain,
    Changed,
    Activated,
    SuspensionRequested,
    ResumptionRequested,
    DeletionRequested,
    PurgeRequested,
    KeysPurged,
    Expired,
    Deleted,
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
    DriftRepairRequested { of: DriftKind },
    DriftRepairBegun { of: DriftKind },
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

/// One line of the record.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    tenant: Option<(TenantId, &'a TenantName)>,
    user: Option<&'a LocalUserName>,
    fleet: Option<FleetRotationId>,
    kind: String,
    detail: &'a str,
    request: Option<&'a RequestId>,
}

impl<'a> Entry<'a> {
    pub(super) fn of_tenant(tenant: &'a Tenant, event: TenantEvent) -> Self {
        Self {
            tenant: Some((tenant.id, &tenant.name)),
            user: None,
            fleet: None,
            kind: format!("{}.{}", tenant.kind(), event.verb(tenant.kind())),
            detail: reason(tenant),
            request: None,
        }
    }

    pub(super) fn of_user(user: &'a CacheUser, event: UserEvent) -> Self {
        Self {
            tenant: Some((user.tenant, &user.tenant_name)),
            user: Some(&user.name),
            fleet: None,
            kind: event.kind().to_owned(),
            detail: event.detail(),
            request: None,
        }
    }

    pub(super) fn of_fleet(fleet: &'a FleetRotation, event: FleetRotationEvent) -> Self {
        Self {
            tenant: None,
            user: None,
            fleet: Some(fleet.id),
            kind: event.kind().to_owned(),
            detail: match event {
                FleetRotationEvent::Requested => fleet.reason.as_str(),
                _ => "",
            },
            request: None,
        }
    }

    /// The same, because of this fleet rotation.
    pub(super) fn within(self, fleet: Option<FleetRotationId>) -> Self {
        Self { fleet, ..self }
    }

    /// The same, caused by this request.
    pub(super) fn by(self, request: Option<&'a RequestId>) -> Self {
        Self { request, ..self }
    }
}

/// Why a break-glass session was opened; of others there is nothing to say.
fn reason(tenant: &Tenant) -> &str {
    match &tenant.tier {
        Tier::BreakGlass(session) => session.reason.as_str(),
        Tier::Tenant | Tier::Service => "",
    }
}

impl TenantEvent {
    fn verb(self, kind: TierKind) -> &'static str {
        match (self, kind) {
            (Self::Requested, _) => "requested",
            (Self::Imported, _) => "imported",
            (Self::TakenUpAgain, _) => "taken-up-again",
            (Self::Changed, _) => "changed",
            (Self::Activated, TierKind::BreakGlass) => "opened",
            (Self::Activated, _) => "activated",
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
    fn kind(self) -> &'static str {
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
            Self::DriftRepairRequested { .. } => "drift.repair-requested",
            Self::DriftRepairBegun { .. } => "drift.repair-begun",
        }
    }

    fn detail(self) -> &'static str {
        match self {
            Self::Requested
            | Self::Changed
            | Self::DeletionRequested
            | Self::CredentialsRead
            | Self::AttestationRequested => "",
            Self::Attested { verdict } => verdict.as_str(),
            Self::Rotation { phase, wish: RotationWish::Complete } => phase.as_str(),
            Self::Rotation { wish, .. } => wish.as_str(),
            Self::RotationSkipped { why } => why.as_str(),
            Self::DriftRepairRequested { of } | Self::DriftRepairBegun { of } => of.as_str(),
            Self::PhaseChanged { to } => to.as_str(),
            Self::Hindered { by } => by.as_str(),
        }
    }
}

impl FleetRotationEvent {
    fn kind(self) -> &'static str {
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

impl Store {
    /// Records that somebody was handed a user's password. Done before the answer is sent.
    pub async fn record_credentials_read(
        &self,
        tenant: &Tenant,
        user: &CacheUser,
        request: Option<RequestId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (tenant, user) = (tenant.clone(), user.clone());
        self.write(move |connection| {
            Box::pin(async move {
                let entry = Entry::of_user(&user, UserEvent::CredentialsRead).by(request.as_ref());
                // Of a break-glass session each line of the record says why it was opened.
                let entry = Entry { detail: reason(&tenant), ..entry };
                record(connection, entry, now).await
            })
        })
        .await
    }
}

pub(super) async fn record(
    connection: &mut SqliteConnection,
    entry: Entry<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO events (at, kind, tenant_id, tenant_name, user, fleet, detail, request_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(now.as_millisecond())
    .bind(entry.kind)
    .bind(entry.tenant.map(|(id, _)| id.to_string()))
    .bind(entry.tenant.map(|(_, name)| name.as_str()))
    .bind(entry.user.map(LocalUserName::as_str))
    .bind(entry.fleet.map(|fleet| fleet.to_string()))
    .bind(entry.detail)
    .bind(entry.request.map(|request| request.0.as_str()))
    .execute(connection)
    .await?;
    Ok(())
}
