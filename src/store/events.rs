//! The record of what happened, written in the transaction that makes it happen.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{Store, StoreError};
use crate::domain::{Phase, RequestId, Tenant, TenantProblemCode, VerdictKind};

/// What happened to a tenant.
#[derive(Clone, Copy, Debug)]
pub(super) enum TenantEvent {
    Requested,
    TakenUpAgain,
    DeletionRequested,
    PhaseChanged { to: Phase },
    Hindered { by: TenantProblemCode },
    CredentialsRead,
    AttestationRequested,
    Attested { verdict: VerdictKind },
}

impl TenantEvent {
    fn kind(self) -> &'static str {
        match self {
            Self::Requested => "tenant.requested",
            Self::TakenUpAgain => "tenant.taken-up-again",
            Self::DeletionRequested => "tenant.deletion-requested",
            Self::PhaseChanged { .. } => "tenant.phase-changed",
            Self::Hindered { .. } => "tenant.hindered",
            Self::CredentialsRead => "credentials.read",
            Self::AttestationRequested => "attestation.requested",
            Self::Attested { verdict: VerdictKind::Leaky } => "isolation.leaky",
            Self::Attested { .. } => "attestation.made",
        }
    }

    fn detail(self) -> &'static str {
        match self {
            Self::Requested
            | Self::TakenUpAgain
            | Self::DeletionRequested
            | Self::CredentialsRead
            | Self::AttestationRequested => "",
            Self::Attested { verdict } => verdict.as_str(),
            Self::PhaseChanged { to } => to.as_str(),
            Self::Hindered { by } => by.as_str(),
        }
    }
}

impl Store {
    /// Records that somebody was handed a tenant's password. Done before the answer is sent.
    pub async fn record_credentials_read(
        &self,
        tenant: &Tenant,
        request: Option<RequestId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (writer, tenant) = (self.writer.clone(), tenant.clone());
        self.in_own_task(async move {
            let mut connection = writer.acquire().await?;
            let event = TenantEvent::CredentialsRead;
            record(&mut connection, &tenant, event, request.as_ref(), now).await
        })
        .await
    }
}

pub(super) async fn record(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    event: TenantEvent,
    request: Option<&RequestId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO events (at, kind, tenant_id, tenant_name, detail, request_id)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(now.as_millisecond())
    .bind(event.kind())
    .bind(tenant.id.to_string())
    .bind(tenant.name.as_str())
    .bind(event.detail())
    .bind(request.map(|request| request.0.as_str()))
    .execute(connection)
    .await?;
    Ok(())
}
