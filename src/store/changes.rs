//! What the API asks for in a tenant that exists.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    capacity::refuse_overfilling,
    events::{Entry, TenantEvent, UserEvent, record},
    load::by_id,
    logins::{Asked, switch},
    purges::insert_purge,
    write::{
        Birth, clear_problem, insert_user, touch, want_all, want_all_absent, write_description,
        write_user,
    },
};
use crate::domain::{
    CacheUser, Cause, Grant, GroupLimits, LocalUserName, NewLogin, NewPurge, NewUser, Patch,
    Revision, RotationInterval, Status, Suspension, Tenant, TenantId, Wanted,
};

/// Which tenant is to be changed, and on whose word.
#[derive(Clone, Debug)]
pub struct Target {
    /// The life of the tenant.
    pub tenant: TenantId,
    /// The revision that it must be at, if the caller said so.
    pub expected: Option<Revision>,
    /// What limits the users in the tenant's cache; `None` if it is not configured any more.
    pub limits: Option<GroupLimits>,
    /// On whose word.
    pub cause: Cause,
    /// When it came.
    pub now: Timestamp,
}

/// What is to be different.
#[derive(Clone, Debug)]
pub enum TenantChange {
    /// The tenant is to be removed.
    Remove {
        /// With this, its keys are to be removed too.
        purge: Option<NewPurge>,
    },
    /// Its main user may do something else or proves otherwise who it is, or it has other labels or
    /// another schedule.
    Describe(Description),
    /// It is to have this user, as it is described here.
    PutUser(NewUser),
    /// It is not to have this user any more.
    RemoveUser(LocalUserName),
}

/// What is to be different about a tenant and its main user.
#[derive(Clone, Debug)]
pub struct Description {
    /// What the main user may do; `None`: as before.
    pub grant: Option<Grant>,
    /// How the main user proves who it is; `None`: as before.
    pub login: Option<NewLogin>,
    /// Labels to be set, or with `None` to be taken away (RFC 7396).
    pub labels: BTreeMap<String, Option<String>>,
    /// How old its passwords become.
    pub rotate_every: Patch<RotationInterval>,
    /// Whether its users are to be kept out; `None`: as before.
    pub suspension: Option<Suspension>,
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeEnd {
    /// Something is new.
    Created,
    /// Something is to be different, or is taken up again.
    Changed,
    /// All is as asked for.
    Unchanged,
}

impl Store {
    /// Writes down what is to be different about a tenant. Asked again, it changes nothing.
    pub async fn change_tenant(
        &self,
        target: Target,
        change: TenantChange,
    ) -> Result<(Tenant, ChangeEnd), StoreError> {
        self.write(move |connection| {
            Box::pin(async move { self::change(connection, &target, change).await })
        })
        .await
    }
}

pub(super) async fn change(
    connection: &mut SqliteConnection,
    target: &Target,
    change: TenantChange,
) -> Result<(Tenant, ChangeEnd), StoreError> {
    let tenant = by_id(connection, target.tenant).await?.ok_or(StoreError::NotFound)?;
    if target.expected.is_some_and(|expected| expected != tenant.revision) {
        return Err(StoreError::PreconditionFailed { current: tenant.revision });
    }
    let mut desk = Desk { connection, tenant, target };
    let end = desk.make(change).await?;
    Ok((desk.tenant, end))
}

/// A change under way, in its transaction.
struct Desk<'a> {
    connection: &'a mut SqliteConnection,
    tenant: Tenant,
    target: &'a Target,
}

impl Desk<'_> {
    async fn make(&mut self, change: TenantChange) -> Result<ChangeEnd, StoreError> {
        match change {
            TenantChange::Remove { purge } => self.remove(purge).await,
            TenantChange::RemoveUser(name) => self.remove_user(&name).await,
            TenantChange::Describe(_) | TenantChange::PutUser(_)
                if self.tenant.wanted == Wanted::Absent =>
            {
                Err(StoreError::BeingDeleted { name: self.tenant.name.clone() })
            }
            TenantChange::Describe(description) => self.describe(description).await,
            TenantChange::PutUser(wanted) => self.put_user(wanted).await,
        }
    }

    async fn remove(&mut self, purge: Option<NewPurge>) -> Result<ChangeEnd, StoreError> {
        let purge = purge.filter(|_| self.tenant.purge.is_none());
        let is_hindered = self.tenant.users_and_purger().any(|user| user.problem.is_some());
        if self.tenant.wanted == Wanted::Absent && !is_hindered && purge.is_none() {
            return Ok(ChangeEnd::Unchanged);
        }
        if let Some(purge) = purge {
            self.want_purge(&purge).await?;
        }
        self.record(Entry::of_tenant(&self.tenant.clone(), TenantEvent::DeletionRequested)).await?;
        let Target { cause, now, .. } = self.target;
        self.tenant = want_all_absent(self.connection, &self.tenant, cause, *now).await?;
        Ok(ChangeEnd::Changed)
    }

    /// Nobody is left to do it for a tenant that is gone already.
    async fn want_purge(&mut self, purge: &NewPurge) -> Result<(), StoreError> {
        if self.tenant.status() == Status::Deleted {
            return Err(StoreError::NotFound);
        }
        let asked = (self.target.cause.request.as_ref(), self.target.now);
        insert_purge(self.connection, self.tenant.id, purge, asked).await?;
        self.record(Entry::of_tenant(&self.tenant.clone(), TenantEvent::PurgeRequested)).await
    }

    async fn describe(&mut self, description: Description) -> Result<ChangeEnd, StoreError> {
        let Description { grant, login, labels, rotate_every, suspension } = description;
        let labels = self.tenant.labels.patched(labels).map_err(StoreError::Labels)?;
        let rotate_every = rotate_every.of(self.tenant.rotate_every);
        let mut is_changed =
            labels != self.tenant.labels || rotate_every != self.tenant.rotate_every;
        if is_changed {
            write_description(self.connection, self.tenant.id, &labels, rotate_every).await?;
        }
        if let Some(suspension) = suspension {
            is_changed |= self.suspend_or_resume(suspension).await?;
        }
        if let Some(grant) = grant {
            is_changed |= self.regrant_main(&grant).await?;
        }
        if let Some(login) = login {
            let Target { cause, now, limits, .. } = self.target;
            let asked = Asked { cause, now: *now, limits: *limits };
            is_changed |= switch(self.connection, &self.tenant, login, &asked).await?;
        }
        if !is_changed {
            return Ok(ChangeEnd::Unchanged);
        }
        self.touch().await?;
        self.record(Entry::of_tenant(&self.tenant.clone(), TenantEvent::Changed)).await?;
        Ok(ChangeEnd::Changed)
    }

    /// Has all its users kept out, or let in again. Asked again, blocked ones are taken up again.
    async fn suspend_or_resume(&mut self, suspension: Suspension) -> Result<bool, StoreError> {
        let is_news = self.tenant.wanted != suspension.wanted();
        if !is_news && !self.tenant.users().any(CacheUser::is_blocked) {
            return Ok(false);
        }
        let event = match suspension {
            _ if !is_news => TenantEvent::TakenUpAgain,
            Suspension::Suspend => TenantEvent::SuspensionRequested,
            Suspension::Resume => TenantEvent::ResumptionRequested,
        };
        self.record(Entry::of_tenant(&self.tenant.clone(), event)).await?;
        let asked = (&self.target.cause, self.target.now);
        let wanted = suspension.wanted();
        self.tenant = want_all(self.connection, &self.tenant, wanted, asked).await?;
        Ok(true)
    }

    /// Gives the main user another grant, and the one that it replaces too.
    async fn regrant_main(&mut self, grant: &Grant) -> Result<bool, StoreError> {
        let mut is_regranted = false;
        let mains = [Some(&mut self.tenant.main), self.tenant.outgoing.as_mut()];
        for user in mains.into_iter().flatten().filter(|user| user.wanted != Wanted::Absent) {
            if regrant(user, grant) {
                user.requested_by.clone_from(&self.target.cause.request);
                write_user(self.connection, user, self.target.now).await?;
                is_regranted = true;
            }
        }
        Ok(is_regranted)
    }

    async fn put_user(&mut self, wanted: NewUser) -> Result<ChangeEnd, StoreError> {
        let (end, event) = match self.tenant.user(&wanted.name).cloned() {
            Some(user) if user.wanted == Wanted::Absent => {
                return Err(StoreError::UserBeingDeleted { name: wanted.name });
            }
            Some(user) if user.key_pattern != wanted.key_pattern => {
                return Err(StoreError::UserKeysFixed { name: wanted.name });
            }
            Some(user) => {
                if !self.redefine(user, &wanted.grant).await? {
                    return Ok(ChangeEnd::Unchanged);
                }
                (ChangeEnd::Changed, UserEvent::Changed)
            }
            None if self.tenant.further.len() >= Tenant::FURTHER_USERS_MAX => {
                return Err(StoreError::TooManyUsers);
            }
            None => {
                refuse_overfilling(self.connection, &self.tenant.cache, self.target.limits).await?;
                let (tenant, cache) = (self.tenant.id, self.tenant.cache.as_str());
                let (request, now) = (self.target.cause.request.as_ref(), self.target.now);
                let birth = Birth { tenant, cache, wanted: self.tenant.wanted, request, now };
                insert_user(self.connection, &wanted, &birth).await?;
                (ChangeEnd::Created, UserEvent::Requested)
            }
        };
        self.touch().await?;
        self.record_user(&wanted.name, event).await?;
        Ok(end)
    }

    /// Makes the user as it is asked for. Asked for again, a blocked one is taken up again.
    async fn redefine(&mut self, mut user: CacheUser, grant: &Grant) -> Result<bool, StoreError> {
        if user.name.is_main() && self.regrant_main(grant).await? {
            return Ok(true);
        }
        let is_taken_up = user.is_blocked();
        if !regrant(&mut user, grant) && !is_taken_up {
            return Ok(false);
        }
        clear_problem(&mut user);
        self.write(user).await?;
        Ok(true)
    }

    async fn remove_user(&mut self, name: &LocalUserName) -> Result<ChangeEnd, StoreError> {
        let mut user = self.tenant.user(name).ok_or(StoreError::UserNotFound)?.clone();
        if user.wanted == Wanted::Absent && user.problem.is_none() {
            return Ok(ChangeEnd::Unchanged);
        }
        user.wanted = Wanted::Absent;
        clear_problem(&mut user);
        self.write(user).await?;
        self.record_user(name, UserEvent::DeletionRequested).await?;
        self.touch().await?;
        Ok(ChangeEnd::Changed)
    }

    async fn write(&mut self, mut user: CacheUser) -> Result<(), StoreError> {
        user.requested_by.clone_from(&self.target.cause.request);
        write_user(self.connection, &mut user, self.target.now).await
    }

    async fn touch(&mut self) -> Result<(), StoreError> {
        self.tenant = touch(self.connection, self.tenant.id, self.target.now).await?;
        Ok(())
    }

    async fn record_user(
        &mut self,
        name: &LocalUserName,
        event: UserEvent,
    ) -> Result<(), StoreError> {
        let user = self.tenant.user(name).ok_or(StoreError::UserNotFound)?.clone();
        self.record(Entry::of_user(&user, event)).await
    }

    async fn record(&mut self, entry: Entry<'_>) -> Result<(), StoreError> {
        let entry = entry.by(&self.target.cause);
        record(self.connection, entry, self.target.now).await
    }
}

/// Gives the user another grant, to be told to AWS. Answers whether it is another.
fn regrant(user: &mut CacheUser, grant: &Grant) -> bool {
    if user.grant == *grant {
        return false;
    }
    user.grant.clone_from(grant);
    user.access = None;
    clear_problem(user);
    true
}
