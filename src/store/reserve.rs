//! Reserving a tenant: every rule that makes it safe is checked in the transaction that writes it.

use sqlx::SqliteConnection;

use super::{
    IdempotentRequest, Store, StoreError,
    capacity::choose_cache,
    events::{Entry, TenantEvent, record},
    idempotency::keep,
    load::living,
    neighbours::refuse_shared_keys,
    write::{Birth, clear_problem, insert_tenant, insert_user, touch, write_user},
};
use crate::domain::{Cause, NewTenant, Status, Tenant, TierKind, Wanted};

/// What came of a request for a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// It was written down now.
    Created(Tenant),
    /// It was there already, asked for with the same spec.
    Existing(Tenant),
    /// The same, and the work on it is taken up again, which had waited for a person.
    TakenUpAgain(Tenant),
}

impl Reservation {
    /// The tenant either way.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        match self {
            Self::Created(tenant) | Self::Existing(tenant) | Self::TakenUpAgain(tenant) => tenant,
        }
    }
}

impl Store {
    /// Reserves a name, a prefix, the ids and a place in a cache for a tenant, or finds that it was
    /// done before.
    ///
    /// Asked again for a blocked tenant, it clears the problem, so that the work is taken up
    /// again: that is how a person says that the cause is gone. A suspended one stays suspended.
    pub async fn reserve_tenant(
        &self,
        new: NewTenant,
        idempotent: Option<IdempotentRequest<Tenant>>,
        cause: Cause,
    ) -> Result<Reservation, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let now = new.now;
                let reservation = reserve(connection, new, &cause).await?;
                if let Some(idempotent) = idempotent {
                    keep(connection, idempotent, reservation.tenant(), now).await?;
                }
                Ok(reservation)
            })
        })
        .await
    }
}

pub(super) async fn reserve(
    connection: &mut SqliteConnection,
    new: NewTenant,
    cause: &Cause,
) -> Result<Reservation, StoreError> {
    if let Some(found) = living(connection, &new.name).await? {
        return existing(connection, found, &new, cause).await;
    }
    let cache = choose_cache(connection, &new).await?;
    if new.tier.kind() != TierKind::BreakGlass {
        refuse_shared_keys(connection, &new, &cache).await?;
    }
    insert_tenant(connection, &new, &cache).await?;
    let (tenant, wanted, now) = (new.id, Wanted::Present, new.now);
    let request = cause.request.as_ref();
    let birth = Birth { tenant, cache: cache.as_str(), wanted, request, now };
    for user in &new.users {
        insert_user(connection, user, &birth).await?;
    }
    // Not read back: everything in it was written just now, and others wait for the connection.
    let tenant = new.begun(&cache, request).ok_or_else(|| StoreError::Inconsistent {
        table: "tenants",
        id: new.id.to_string(),
        why: "has no main user".to_owned(),
    })?;
    let entry = Entry::of_tenant(&tenant, TenantEvent::Requested).by(cause);
    record(connection, entry, new.now).await?;
    Ok(Reservation::Created(tenant))
}

async fn existing(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    new: &NewTenant,
    cause: &Cause,
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
        user.requested_by.clone_from(&cause.request);
        write_user(connection, &mut user, new.now).await?;
    }
    let entry = Entry::of_tenant(&tenant, TenantEvent::TakenUpAgain).by(cause);
    record(connection, entry, new.now).await?;
    Ok(Reservation::TakenUpAgain(touch(connection, tenant.id, new.now).await?))
}
