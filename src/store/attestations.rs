//! Records of attestations.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    attestation_row::AttestationRow,
    events::{Entry, UserEvent, record},
    evidence_column,
    write::write_user,
};
use crate::domain::{
    Attestation, AttestationId, AttestationVerdict, Attested, CacheName, CacheUser, CacheUserId,
    Cause, TenantId,
};

/// What a row of attestations is read with: the records and the names of their users.
macro_rules! select_attestations {
    ($condition:literal) => {
        concat!(
            "SELECT attestations.*, users.user_name FROM attestations CROSS JOIN users ",
            "ON users.id = attestations.user WHERE ",
            $condition
        )
    };
}

/// The attestations that wait for their turn. Few wait, of many that were made and many users at
/// rest: SQLite is told which to look at first.
pub(super) const WAITING: &str = "SELECT attestations.*, users.user_name
     FROM attestations INDEXED BY attestations_waiting
     CROSS JOIN users ON users.id = attestations.user
     WHERE found_at IS NULL AND cache = $1 AND phase = 'active' AND wanted = 'present'
     ORDER BY attestations.id";

impl Store {
    /// Writes down that an attestation is wanted. If one waits already, it is that one.
    pub async fn want_attestation(
        &self,
        user: &CacheUser,
        id: AttestationId,
        cause: Cause,
        now: Timestamp,
    ) -> Result<Attestation, StoreError> {
        let user = user.clone();
        self.write(move |connection| {
            Box::pin(async move {
                let waiting: Option<AttestationRow> = sqlx::query_as(select_attestations!(
                    "attestations.user = $1 AND found_at IS NULL"
                ))
                .bind(user.id.to_string())
                .fetch_optional(&mut *connection)
                .await?;
                if let Some(waiting) = waiting {
                    return Attestation::try_from(waiting);
                }
                let wanted = Attestation {
                    id,
                    tenant: user.tenant,
                    user: user.id,
                    user_name: user.user_name.clone(),
                    requested_at: now,
                    requested_by: cause.request.clone(),
                    finding: None,
                };
                insert(connection, &wanted).await?;
                let entry = Entry::of_user(&user, UserEvent::AttestationRequested);
                let entry = entry.about(&id).by(&cause);
                record(connection, entry, now).await?;
                Ok(wanted)
            })
        })
        .await
    }

    /// The attestations of a cache's active users that wait for their turn, oldest first.
    pub async fn waiting_attestations(
        &self,
        cache: &CacheName,
    ) -> Result<Vec<Attestation>, StoreError> {
        let rows: Vec<AttestationRow> =
            sqlx::query_as(WAITING).bind(cache.as_str()).fetch_all(&self.reader).await?;
        rows.into_iter().map(Attestation::try_from).collect()
    }

    /// Writes down what an attestation of a user at rest found.
    pub async fn save_attestation(
        &self,
        user: &CacheUser,
        attestation: Attestation,
        now: Timestamp,
    ) -> Result<CacheUser, StoreError> {
        self.save(user.clone(), None, Some(attestation), now).await
    }

    /// One attestation of a tenant.
    pub async fn attestation(
        &self,
        tenant: TenantId,
        id: AttestationId,
    ) -> Result<Option<Attestation>, StoreError> {
        let row: Option<AttestationRow> = sqlx::query_as(select_attestations!(
            "attestations.tenant_id = $1 AND attestations.id = $2"
        ))
        .bind(tenant.to_string())
        .bind(id.to_string())
        .fetch_optional(&self.reader)
        .await?;
        row.map(Attestation::try_from).transpose()
    }

    /// A page of a tenant's attestations, newest first.
    pub async fn attestations(
        &self,
        tenant: TenantId,
        before: Option<AttestationId>,
        limit: u32,
    ) -> Result<Vec<Attestation>, StoreError> {
        let rows: Vec<AttestationRow> = sqlx::query_as(select_attestations!(
            "attestations.tenant_id = $1 AND ($2 IS NULL OR attestations.id < $2)
             ORDER BY attestations.id DESC LIMIT $3"
        ))
        .bind(tenant.to_string())
        .bind(before.map(|id| id.to_string()))
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter().map(Attestation::try_from).collect()
    }
}

/// How many records of one user are kept; older ones are forgotten.
const KEPT: u32 = 100;

/// Writes the record in the transaction that changes the user, and shows its finding there. An
/// event is recorded when the verdict is another than before.
pub(super) async fn finish(
    connection: &mut SqliteConnection,
    user: &mut CacheUser,
    attestation: &Attestation,
    now: Timestamp,
) -> Result<(), StoreError> {
    insert(connection, attestation).await?;
    forget_old(connection, user.id).await?;
    let Some(finding) = &attestation.finding else { return Ok(()) };
    let verdict = finding.verdict.kind();
    let is_news = user.attested.is_none_or(|before| before.verdict != verdict);
    user.attested = Some(Attested { at: finding.at, verdict });
    write_user(connection, user, now).await?;
    if is_news {
        let entry = Entry::of_user(user, UserEvent::Attested { verdict }).about(&attestation.id);
        record(connection, entry, now).await?;
    }
    Ok(())
}

async fn forget_old(
    connection: &mut SqliteConnection,
    user: CacheUserId,
) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM attestations WHERE user = $1 AND id NOT IN
           (SELECT id FROM attestations WHERE user = $1 ORDER BY id DESC LIMIT $2)",
    )
    .bind(user.to_string())
    .bind(KEPT)
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert(
    connection: &mut SqliteConnection,
    attestation: &Attestation,
) -> Result<(), StoreError> {
    let finding = attestation.finding.as_ref();
    let why = finding.and_then(|finding| match &finding.verdict {
        AttestationVerdict::Inconclusive { why } => Some(why.as_str()),
        _ => None,
    });
    sqlx::query(
        "INSERT INTO attestations (id, tenant_id, user, requested_at, found_at, verdict, why,
           engine, access_string, probes, request_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE SET found_at = excluded.found_at, verdict = excluded.verdict,
           why = excluded.why, engine = excluded.engine, access_string = excluded.access_string,
           probes = excluded.probes",
    )
    .bind(attestation.id.to_string())
    .bind(attestation.tenant.to_string())
    .bind(attestation.user.to_string())
    .bind(attestation.requested_at.as_millisecond())
    .bind(finding.map(|finding| finding.at.as_millisecond()))
    .bind(finding.map(|finding| finding.verdict.kind().as_str()))
    .bind(why)
    .bind(finding.map(|finding| finding.engine.as_str()))
    .bind(finding.map(|finding| finding.access_string.as_str()))
    .bind(finding.map(|finding| evidence_column::write(&finding.evidence)))
    .bind(attestation.requested_by.as_ref().map(|request| request.0.as_str()))
    .execute(connection)
    .await?;
    Ok(())
}
