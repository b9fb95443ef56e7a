//! Reserving a tenant: every rule that makes it safe is checked in the transaction that writes it.

use jiff::Timestamp;
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::{
    IdempotentRequest, Store, StoreError,
    capacity::choose_cache,
    events::{Entry, TenantEvent, record},
    idempotency::keep,
    load::{by_id, living},
    write::{Birth, clear_problem, insert_tenant, insert_user, touch, write_user},
};
use crate::domain::{
    CacheName, KeyPattern, NewTenant, RequestId, Status, Tenant, TenantName, TierKind, Wanted,
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
    /// Reserves a name, a prefix, the ids and a place in a cache for a tenant, or finds that it was
    /// done before.
    ///
    /// Asked again for a blocked tenant, it clears the problem, so that the work is taken up
    /// again: that is how a person says that the cause is gone.
    pub async fn reserve_tenant(
        &self,
        new: NewTenant,
        idempotent: Option<IdempotentRequest<Tenant>>,
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
    if let Some(found) = living(transaction, &new.name).await? {
        return existing(transaction, found, &new, request).await;
    }
    let cache = choose_cache(transaction, &new).await?;
    if new.tier.kind() != TierKind::BreakGlass {
        refuse_overlap(transaction, &new, &cache).await?;
        if !new.inherit_keys {
            refuse_inheritance(transaction, &new, &cache).await?;
        }
    }
    insert_tenant(transaction, &new, &cache).await?;
    let cache = cache.as_str();
    let birth = Birth { tenant: new.id, cache, request, now: new.now };
    for user in &new.users {
        insert_user(transaction, user, &birth).await?;
    }
    let tenant = by_id(transaction, new.id).await?.ok_or(StoreError::NotFound)?;
    let entry = Entry::of_tenant(&tenant, TenantEvent::Requested).by(request);
    record(transaction, entry, new.now).await?;
    Ok(Reservation::Created(tenant))
}

async fn existing(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    new: &NewTenant,
    request: Option<&RequestId>,
) -> Result<Reservation, StoreError> {
    if tenant.wanted == Wanted::Absent {
        return Err(StoreError::BeingDeleted { name: tenant.name });
    }
    if !tenant.matches(new) {
        return Err(StoreError::NameTaken { name: tenant.name });
    }
    if tenant.status() != Status::Blocked {
        return Ok(Reservation::Existing(tenant));
    }
    for user in tenant.users().filter(|user| user.is_blocked()) {
        let mut user = user.clone();
        clear_problem(&mut user);
        user.requested_by = request.cloned();
        write_user(connection, &mut user, new.now).await?;
    }
    let entry = Entry::of_tenant(&tenant, TenantEvent::TakenUpAgain).by(request);
    record(connection, entry, new.now).await?;
    Ok(Reservation::Existing(touch(connection, tenant.id, new.now).await?))
}

/// No two tenants of one cache have patterns that share a key.
async fn refuse_overlap(
    connection: &mut SqliteConnection,
    new: &NewTenant,
    cache: &CacheName,
) -> Result<(), StoreError> {
    let others = patterns(
        connection,
        "SELECT name, key_pattern, updated_at FROM tenants
         WHERE cache = $1 AND status <> 'deleted' AND tier <> 'break-glass'",
        cache,
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
    cache: &CacheName,
) -> Result<(), StoreError> {
    let tombstones = patterns(
        connection,
        "SELECT name, key_pattern, MAX(updated_at) FROM tenants
         WHERE cache = $1 AND status = 'deleted' AND tier <> 'break-glass'
         GROUP BY name, key_pattern",
        cache,
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
    cache: &CacheName,
) -> Result<Vec<NamedPattern>, StoreError> {
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as(sql).bind(cache.as_str()).fetch_all(connection).await?;
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
