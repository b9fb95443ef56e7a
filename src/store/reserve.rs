//! Reserving a tenant: every rule that makes it safe is checked in the transaction that writes it.

use jiff::Timestamp;
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::{
    IdempotentRequest, Store, StoreError,
    events::{TenantEvent, record},
    idempotency::keep,
    row::{TenantRow, revision_to_sql},
    steps::write,
};
use crate::domain::{
    KeyPattern, NewTenant, Phase, RequestId, Revision, Status, Tenant, TenantName, Wanted,
};

/// What came of a request for a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// It was written down now.
    Created(Tenant),
    /// It was there already, asked for with the same spec.
    Existing(Tenant),
}

impl Reservation {
    /// The tenant either way.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        match self {
            Self::Created(tenant) | Self::Existing(tenant) => tenant,
        }
    }
}

impl Store {
    /// Reserves a name, a prefix and the ids for a tenant, or finds that it was done before.
    ///
    /// Asked again for a blocked tenant, it clears the problem, so that the work is taken up
    /// again: that is how a person says that the cause is gone.
    pub async fn reserve_tenant(
        &self,
        new: NewTenant,
        idempotent: Option<IdempotentRequest>,
        request: Option<RequestId>,
    ) -> Result<Reservation, StoreError> {
        let writer = self.writer.clone();
        let reservation = self
            .in_own_task(async move {
                let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
                let now = new.now;
                let reservation = reserve(&mut transaction, new, request.as_ref()).await?;
                if let Some(idempotent) = idempotent {
                    keep(&mut transaction, idempotent, reservation.tenant(), now).await?;
                }
                transaction.commit().await?;
                Ok(reservation)
            })
            .await?;
        self.tell();
        Ok(reservation)
    }
}

async fn reserve(
    transaction: &mut Transaction<'_, Sqlite>,
    new: NewTenant,
    request: Option<&RequestId>,
) -> Result<Reservation, StoreError> {
    if let Some(found) = living(transaction, &new.spec.name).await? {
        return existing(transaction, found, &new, request).await;
    }
    refuse_overlap(transaction, &new).await?;
    if !new.inherit_keys {
        refuse_inheritance(transaction, &new).await?;
    }
    let tenant = first_revision(new, request);
    insert(transaction, &tenant).await?;
    record(transaction, &tenant, TenantEvent::Requested, request, tenant.created_at).await?;
    Ok(Reservation::Created(tenant))
}

async fn living(
    connection: &mut SqliteConnection,
    name: &TenantName,
) -> Result<Option<Tenant>, StoreError> {
    let row: Option<TenantRow> =
        sqlx::query_as("SELECT * FROM tenants WHERE name = $1 AND phase <> 'deleted'")
            .bind(name.as_str())
            .fetch_optional(connection)
            .await?;
    row.map(Tenant::try_from).transpose()
}

async fn existing(
    connection: &mut SqliteConnection,
    mut tenant: Tenant,
    new: &NewTenant,
    request: Option<&RequestId>,
) -> Result<Reservation, StoreError> {
    if tenant.wanted == Wanted::Absent {
        return Err(StoreError::BeingDeleted { name: tenant.name });
    }
    if !tenant.matches(&new.spec) {
        return Err(StoreError::NameTaken { name: tenant.name });
    }
    if tenant.status() == Status::Blocked {
        tenant.problem = None;
        tenant.attempts = 0;
        tenant.requested_by = request.cloned();
        write(connection, &mut tenant, new.now).await?;
        record(connection, &tenant, TenantEvent::TakenUpAgain, request, new.now).await?;
    }
    Ok(Reservation::Existing(tenant))
}

/// No two tenants of one cache have patterns that share a key.
async fn refuse_overlap(
    connection: &mut SqliteConnection,
    new: &NewTenant,
) -> Result<(), StoreError> {
    let others = patterns(
        connection,
        "SELECT name, key_pattern, updated_at FROM tenants
         WHERE cache = $1 AND phase <> 'deleted'",
        new,
    )
    .await?;
    for other in others {
        if let Some(witness) = new.key_pattern.shared_key(&other.pattern) {
            return Err(StoreError::PatternOverlap { other: other.name, witness });
        }
    }
    Ok(())
}

/// Keys outlive their tenant. Until the prefix is proved empty, a new tenant whose pattern meets
/// the old one's would find them.
async fn refuse_inheritance(
    connection: &mut SqliteConnection,
    new: &NewTenant,
) -> Result<(), StoreError> {
    let tombstones = patterns(
        connection,
        "SELECT name, key_pattern, MAX(updated_at) FROM tenants
         WHERE cache = $1 AND phase = 'deleted' GROUP BY name, key_pattern",
        new,
    )
    .await?;
    for tombstone in tombstones {
        if new.key_pattern.shared_key(&tombstone.pattern).is_some() {
            let (name, deleted_at) = (tombstone.name, tombstone.updated_at);
            return Err(StoreError::KeysLeftBehind { name, deleted_at });
        }
    }
    Ok(())
}

struct NamedPattern {
    name: TenantName,
    pattern: KeyPattern,
    updated_at: Timestamp,
}

async fn patterns(
    connection: &mut SqliteConnection,
    sql: &'static str,
    new: &NewTenant,
) -> Result<Vec<NamedPattern>, StoreError> {
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as(sql).bind(new.cache.as_str()).fetch_all(connection).await?;
    rows.into_iter()
        .map(|(name, pattern, updated_at)| {
            let read = || {
                Some(NamedPattern {
                    name: TenantName::parse(&name).ok()?,
                    pattern: KeyPattern::from_stored(&pattern)?,
                    updated_at: Timestamp::from_millisecond(updated_at).ok()?,
                })
            };
            read().ok_or_else(|| StoreError::Inconsistent {
                table: "tenants",
                why: format!("key_pattern {pattern:?} or updated_at {updated_at}"),
                id: name.clone(),
            })
        })
        .collect()
}

fn first_revision(new: NewTenant, request: Option<&RequestId>) -> Tenant {
    Tenant {
        id: new.id,
        name: new.spec.name,
        cache: new.cache,
        profile: new.spec.profile,
        labels: new.spec.labels,
        key_pattern: new.key_pattern,
        user_id: new.user_id,
        user_name: new.user_name,
        secret_name: new.secret_name,
        requested_by: request.cloned(),
        wanted: Wanted::Present,
        phase: Phase::StoringSecret,
        phase_since: new.now,
        problem: None,
        attested: None,
        attempts: 0,
        revision: Revision(1),
        created_at: new.now,
        updated_at: new.now,
    }
}

async fn insert(connection: &mut SqliteConnection, tenant: &Tenant) -> Result<(), StoreError> {
    let labels = serde_json::Value::from_iter(tenant.labels.as_map().clone()).to_string();
    sqlx::query(
        "INSERT INTO tenants (id, name, cache, profile, labels, key_pattern, user_id, user_name,
           secret_name, request_id, wanted, phase, phase_since, attempts, revision, created_at,
           updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $13, $13)",
    )
    .bind(tenant.id.to_string())
    .bind(tenant.name.as_str())
    .bind(tenant.cache.as_str())
    .bind(tenant.profile.as_str())
    .bind(labels)
    .bind(tenant.key_pattern.to_string())
    .bind(tenant.user_id.as_str())
    .bind(tenant.user_name.as_str())
    .bind(tenant.secret_name.as_str())
    .bind(tenant.requested_by.as_ref().map(|request| request.0.as_str()))
    .bind(tenant.wanted.as_str())
    .bind(tenant.phase.as_str())
    .bind(tenant.created_at.as_millisecond())
    .bind(revision_to_sql(tenant.revision))
    .execute(connection)
    .await?;
    Ok(())
}
