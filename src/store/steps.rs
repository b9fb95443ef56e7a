//! Changes to a tenant that exists: the API writes what is wanted, the reconciler how far it is.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    attestations::finish,
    events::{TenantEvent, record},
    row::{TenantRow, revision_to_sql},
};
use crate::domain::{
    Attestation, Phase, Remedy, RequestId, Revision, Tenant, TenantName, TenantProblem, Wanted,
};

impl Store {
    /// Writes down that the tenant is to be removed. Asked again, it changes nothing.
    pub async fn want_absent(
        &self,
        name: &TenantName,
        expected: Option<Revision>,
        request: Option<RequestId>,
        now: Timestamp,
    ) -> Result<Tenant, StoreError> {
        let (writer, name) = (self.writer.clone(), name.clone());
        let tenant = self
            .in_own_task(async move {
                let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
                let row: TenantRow =
                    sqlx::query_as("SELECT * FROM tenants WHERE name = $1 AND phase <> 'deleted'")
                        .bind(name.as_str())
                        .fetch_optional(&mut *transaction)
                        .await?
                        .ok_or(StoreError::NotFound)?;
                let mut tenant = Tenant::try_from(row)?;
                if expected.is_some_and(|expected| expected != tenant.revision) {
                    return Err(StoreError::PreconditionFailed { current: tenant.revision });
                }
                if tenant.wanted == Wanted::Absent && tenant.problem.is_none() {
                    return Ok(tenant);
                }
                tenant.wanted = Wanted::Absent;
                tenant.requested_by.clone_from(&request);
                clear_problem(&mut tenant);
                write(&mut transaction, &mut tenant, now).await?;
                let event = TenantEvent::DeletionRequested;
                record(&mut transaction, &tenant, event, request.as_ref(), now).await?;
                transaction.commit().await?;
                Ok(tenant)
            })
            .await?;
        self.tell();
        Ok(tenant)
    }

    /// Writes down that the work has come to another phase, and the attestation that brought it
    /// there.
    pub async fn save_phase(
        &self,
        tenant: &Tenant,
        phase: Phase,
        attestation: Option<Attestation>,
        now: Timestamp,
    ) -> Result<Tenant, StoreError> {
        let mut changed = tenant.clone();
        changed.phase = phase;
        changed.phase_since = now;
        clear_problem(&mut changed);
        let event = TenantEvent::PhaseChanged { to: phase };
        self.save(changed, Some(event), attestation, now).await
    }

    /// Writes down what stands in the way of the work, that one more attempt has failed, and the
    /// attestation that showed it.
    pub async fn save_problem(
        &self,
        tenant: &Tenant,
        problem: TenantProblem,
        attestation: Option<Attestation>,
        now: Timestamp,
    ) -> Result<Tenant, StoreError> {
        let mut changed = tenant.clone();
        changed.attempts = changed.attempts.saturating_add(1);
        let is_news = tenant.problem.as_ref().is_none_or(|old| old.code != problem.code);
        let event = is_news.then_some(TenantEvent::Hindered { by: problem.code });
        changed.problem = Some(problem);
        self.save(changed, event, attestation, now).await
    }

    pub(super) async fn save(
        &self,
        mut tenant: Tenant,
        event: Option<TenantEvent>,
        attestation: Option<Attestation>,
        now: Timestamp,
    ) -> Result<Tenant, StoreError> {
        let writer = self.writer.clone();
        let tenant = self
            .in_own_task(async move {
                let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
                match &attestation {
                    Some(attestation) => {
                        finish(&mut transaction, &mut tenant, attestation, now).await?;
                    }
                    None => write(&mut transaction, &mut tenant, now).await?,
                }
                if let Some(event) = event {
                    record(&mut transaction, &tenant, event, None, now).await?;
                }
                transaction.commit().await?;
                Ok(tenant)
            })
            .await?;
        self.tell();
        Ok(tenant)
    }
}

fn clear_problem(tenant: &mut Tenant) {
    tenant.problem = None;
    tenant.attempts = 0;
}

/// Writes the row if it is still at the revision that `tenant` was read at, and moves both on.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    tenant: &mut Tenant,
    now: Timestamp,
) -> Result<(), StoreError> {
    let read_at = tenant.revision;
    tenant.revision = Revision(read_at.0 + 1);
    tenant.updated_at = now;
    let problem = tenant.problem.as_ref();
    let retry_at = problem.and_then(|problem| match problem.remedy {
        Remedy::Retry { at } => Some(at.as_millisecond()),
        Remedy::Person => None,
    });
    let written = sqlx::query(
        "UPDATE tenants SET wanted = $1, phase = $2, phase_since = $3, problem_code = $4,
           problem_detail = $5, retry_at = $6, attempts = $7, revision = $8, updated_at = $9,
           attested_at = $10, attested_verdict = $11, request_id = $12
         WHERE id = $13 AND revision = $14",
    )
    .bind(tenant.wanted.as_str())
    .bind(tenant.phase.as_str())
    .bind(tenant.phase_since.as_millisecond())
    .bind(problem.map(|problem| problem.code.as_str()))
    .bind(problem.map(|problem| problem.detail.as_str()))
    .bind(retry_at)
    .bind(tenant.attempts)
    .bind(revision_to_sql(tenant.revision))
    .bind(now.as_millisecond())
    .bind(tenant.attested.map(|attested| attested.at.as_millisecond()))
    .bind(tenant.attested.map(|attested| attested.verdict.as_str()))
    .bind(tenant.requested_by.as_ref().map(|request| request.0.as_str()))
    .bind(tenant.id.to_string())
    .bind(revision_to_sql(read_at))
    .execute(connection)
    .await?;
    if written.rows_affected() == 0 {
        return Err(StoreError::Stale);
    }
    Ok(())
}
