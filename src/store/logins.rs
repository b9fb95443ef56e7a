//! Main users that give way to another, which proves who it is in another way.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    capacity::refuse_overfilling,
    events::{Entry, UserEvent, record},
    load::by_id,
    user_row::{UserRow, select_users, users},
    write::{Birth, clear_problem, insert_user, touch, write_user},
};
use crate::domain::{
    CacheName, CacheUser, Cause, GroupLimits, NewLogin, NewUser, Outgoing, Tenant, TenantId, Wanted,
};

/// The main users of a cache whose place another has taken, or is to take.
pub(super) const OUTGOING: &str =
    select_users!("users.cache = $1 AND outgoing_since IS NOT NULL AND users.wanted = 'present'");

impl Store {
    /// Writes down that the main users are to be removed whose place another has taken and whose
    /// grace is over. Answers when the next one's is.
    pub async fn end_outgoing(
        &self,
        cache: &CacheName,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let rows: Vec<UserRow> =
            sqlx::query_as(OUTGOING).bind(cache.as_str()).fetch_all(&self.reader).await?;
        let mut next: Option<Timestamp> = None;
        for user in users(rows)? {
            let Some(tenant) = self.tenant_by_id(user.tenant).await? else { continue };
            match tenant.outgoing_ends_at() {
                Some(at) if at > now => next = Some(next.map_or(at, |next| next.min(at))),
                Some(_) if tenant.is_done_with_outgoing(now) => {
                    self.remove_outgoing(tenant.id, now).await?;
                }
                // The other one is not ready; what it waits for brings the worker back here.
                Some(_) | None => {}
            }
        }
        Ok(next)
    }

    async fn remove_outgoing(&self, tenant: TenantId, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let tenant = by_id(connection, tenant).await?.ok_or(StoreError::NotFound)?;
                // Somebody may have changed their mind since it was listed.
                let is_done = tenant.is_done_with_outgoing(now);
                let Some(outgoing) = tenant.outgoing.filter(|_| is_done) else { return Ok(()) };
                let asked = Asked { cause: &Cause::SERVICE, now, limits: None };
                want_absent(connection, outgoing, &asked).await?;
                touch(connection, tenant.id, now).await?;
                Ok(())
            })
        })
        .await
    }
}

/// What a caller asks for, when, and what limits the users in the tenant's cache.
pub(super) struct Asked<'a> {
    pub(super) cause: &'a Cause,
    pub(super) now: Timestamp,
    pub(super) limits: Option<GroupLimits>,
}

/// Gives a tenant a main user that proves who it is as `login` says. The one that it has gives way
/// to it; asked for again meanwhile, that one stays. Answers whether anything is to be different.
pub(super) async fn switch(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    login: NewLogin,
    asked: &Asked<'_>,
) -> Result<bool, StoreError> {
    if tenant.main.auth == login.auth {
        return Ok(false);
    }
    let returning = tenant.outgoing.clone();
    if returning.as_ref().is_some_and(|user| user.wanted == Wanted::Absent) {
        return Err(StoreError::LoginBeingRemoved { auth: login.auth });
    }
    // In this order: there is one that stays, or none, but never two.
    give_way(connection, tenant.main.clone(), login.grace, asked).await?;
    let Some(mut returning) = returning else {
        replace(connection, tenant, login, asked).await?;
        return Ok(true);
    };
    returning.outgoing = None;
    returning.requested_by.clone_from(&asked.cause.request);
    write_user(connection, &mut returning, asked.now).await?;
    Ok(true)
}

/// One that nobody could ever log in as is not kept for a grace.
async fn give_way(
    connection: &mut SqliteConnection,
    mut user: CacheUser,
    grace: Duration,
    asked: &Asked<'_>,
) -> Result<(), StoreError> {
    user.outgoing = Some(Outgoing { since: asked.now, grace });
    user.requested_by.clone_from(&asked.cause.request);
    if user.activated_at.is_some() {
        return write_user(connection, &mut user, asked.now).await;
    }
    want_absent(connection, user, asked).await
}

async fn replace(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    login: NewLogin,
    asked: &Asked<'_>,
) -> Result<(), StoreError> {
    refuse_overfilling(connection, &tenant.cache, asked.limits).await?;
    let NewLogin { id, auth, names, grace: _ } = login;
    let CacheUser { name, grant, key_pattern, .. } = tenant.main.clone();
    let user = NewUser { id, name, grant, key_pattern, auth, names };
    let (request, now) = (asked.cause.request.as_ref(), asked.now);
    let (cache, wanted) = (tenant.cache.as_str(), tenant.wanted);
    let birth = Birth { tenant: tenant.id, cache, wanted, request, now };
    insert_user(connection, &user, &birth).await?;
    let entry = Entry::of_user(&tenant.main, UserEvent::Requested).by(asked.cause);
    record(connection, entry, now).await
}

/// Writes down that a user is to be removed. To be followed by [`touch`].
async fn want_absent(
    connection: &mut SqliteConnection,
    mut user: CacheUser,
    asked: &Asked<'_>,
) -> Result<(), StoreError> {
    user.wanted = Wanted::Absent;
    user.requested_by.clone_from(&asked.cause.request);
    clear_problem(&mut user);
    write_user(connection, &mut user, asked.now).await?;
    let entry = Entry::of_user(&user, UserEvent::DeletionRequested).by(asked.cause);
    record(connection, entry, asked.now).await
}
