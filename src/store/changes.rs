//! What the API asks for in a tenant that exists.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    events::{Entry, TenantEvent, UserEvent, record},
    load::by_id,
    write::{
        Birth, clear_problem, insert_user, touch, want_all_absent, write_description, write_user,
    },
};
use crate::domain::{
    CacheUser, Grant, LocalUserName, NewUser, Patch, RequestId, Revision, RotationInterval, Tenant,
    TenantId, Wanted,
};

/// Which tenant is to be changed, and on whose word.
#[derive(Clone, Debug)]
pub struct Target {
    /// The life of the tenant.
    pub tenant: TenantId,
    /// The revision that it must be at, if the caller said so.
    pub expected: Option<Revision>,
    /// The request.
    pub request: Option<RequestId>,
    /// When it came.
    pub now: Timestamp,
}

/// What is to be different.
#[derive(Clone, Debug)]
pub enum TenantChange {
    /// The tenant is to be removed.
    Remove,
    /// Its main user may do something else, or it has other labels or another schedule.
    Describe {
        /// What the main user may do; `None`: as before.
        grant: Option<Grant>,
        /// Labels to be set, or with `None` to be taken away (RFC 7396).
        labels: BTreeMap<String, Option<String>>,
        /// How old its passwords become.
        rotate_every: Patch<RotationInterval>,
    },
    /// It is to have this user, as it is described here.
    PutUser(NewUser),
    /// It is not to have this user any more.
    RemoveUser(LocalUserName),
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
        let writer = self.writer.clone();
        let changed = self
            .in_own_task(async move {
                let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
                let tenant = by_id(&mut transaction, target.tenant).await?;
                let tenant = tenant.ok_or(StoreError::NotFound)?;
                if target.expected.is_some_and(|expected| expected != tenant.revision) {
                    return Err(StoreError::PreconditionFailed { current: tenant.revision });
                }
                let mut desk = Desk { connection: &mut transaction, tenant, target: &target };
                let end = desk.make(change).await?;
                let tenant = desk.tenant;
                transaction.commit().await?;
                Ok((tenant, end))
            })
            .await?;
        self.tell();
        Ok(changed)
    }
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
            TenantChange::Remove => self.remove().await,
            TenantChange::RemoveUser(name) => self.remove_user(&name).await,
            TenantChange::Describe { .. } | TenantChange::PutUser(_)
                if self.tenant.wanted == Wanted::Absent =>
            {
                Err(StoreError::BeingDeleted { name: self.tenant.name.clone() })
            }
            TenantChange::Describe { grant, labels, rotate_every } => {
                self.describe(grant, labels, rotate_every).await
            }
            TenantChange::PutUser(wanted) => self.put_user(wanted).await,
        }
    }

    async fn remove(&mut self) -> Result<ChangeEnd, StoreError> {
        let is_hindered = self.tenant.users().any(|user| user.problem.is_some());
        if self.tenant.wanted == Wanted::Absent && !is_hindered {
            return Ok(ChangeEnd::Unchanged);
        }
        self.record(Entry::of_tenant(&self.tenant.clone(), TenantEvent::DeletionRequested)).await?;
        let (request, now) = (self.target.request.as_ref(), self.target.now);
        self.tenant = want_all_absent(self.connection, &self.tenant, request, now).await?;
        Ok(ChangeEnd::Changed)
    }

    async fn describe(
        &mut self,
        grant: Option<Grant>,
        labels: BTreeMap<String, Option<String>>,
        rotate_every: Patch<RotationInterval>,
    ) -> Result<ChangeEnd, StoreError> {
        let labels = self.tenant.labels.patched(labels).map_err(StoreError::Labels)?;
        let mut main = self.tenant.main.clone();
        let is_regranted = grant.is_some_and(|grant| regrant(&mut main, grant));
        let rotate_every = rotate_every.of(self.tenant.rotate_every);
        let is_redescribed =
            labels != self.tenant.labels || rotate_every != self.tenant.rotate_every;
        if !is_redescribed && !is_regranted {
            return Ok(ChangeEnd::Unchanged);
        }
        write_description(self.connection, self.tenant.id, &labels, rotate_every).await?;
        if is_regranted {
            self.write(main).await?;
        }
        self.touch().await?;
        self.record(Entry::of_tenant(&self.tenant.clone(), TenantEvent::Changed)).await?;
        Ok(ChangeEnd::Changed)
    }

    async fn put_user(&mut self, wanted: NewUser) -> Result<ChangeEnd, StoreError> {
        let (end, event) = match self.tenant.user(&wanted.name).cloned() {
            Some(user) if user.wanted == Wanted::Absent => {
                return Err(StoreError::UserBeingDeleted { name: wanted.name });
            }
            Some(user) if user.key_pattern != wanted.key_pattern => {
                return Err(StoreError::UserKeysFixed { name: wanted.name });
            }
            Some(mut user) => {
                if !redefine(&mut user, wanted.grant) {
                    return Ok(ChangeEnd::Unchanged);
                }
                self.write(user).await?;
                (ChangeEnd::Changed, UserEvent::Changed)
            }
            None if self.tenant.further.len() >= Tenant::FURTHER_USERS_MAX => {
                return Err(StoreError::TooManyUsers);
            }
            None => {
                let (tenant, cache) = (self.tenant.id, self.tenant.cache.as_str());
                let (request, now) = (self.target.request.as_ref(), self.target.now);
                let birth = Birth { tenant, cache, request, now };
                insert_user(self.connection, &wanted, &birth).await?;
                (ChangeEnd::Created, UserEvent::Requested)
            }
        };
        self.touch().await?;
        self.record_user(&wanted.name, event).await?;
        Ok(end)
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
        user.requested_by.clone_from(&self.target.request);
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
        let entry = entry.by(self.target.request.as_ref());
        record(self.connection, entry, self.target.now).await
    }
}

/// Gives the user another grant, to be told to AWS. Answers whether it is another.
fn regrant(user: &mut CacheUser, grant: Grant) -> bool {
    if user.grant == grant {
        return false;
    }
    user.grant = grant;
    user.access = None;
    clear_problem(user);
    true
}

/// Makes the user as it is asked for. Asked for again, a blocked one is taken up again.
fn redefine(user: &mut CacheUser, grant: Grant) -> bool {
    let is_taken_up = user.is_blocked();
    let is_regranted = regrant(user, grant);
    if is_taken_up {
        clear_problem(user);
    }
    is_regranted || is_taken_up
}
