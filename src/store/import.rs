//! Writing down tenants that are in AWS already.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    capacity::choose_cache,
    events::{Entry, TenantEvent, record},
    load::{by_id, living},
    neighbours::refuse_shared_keys,
    schedules::password_is_promoted,
    write::{Birth, insert_tenant, insert_user, want_all, write_user},
};
use crate::domain::{
    Auth, CacheUserId, Cause, ImportObstacle, ImportedTenant, NewTenant, NewUser, Phase,
    SecretVersion, TenantName, TierKind, Wanted,
};

/// What came of writing a tenant down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportEnd {
    /// It is in the store now.
    Written,
    /// It was there already, with these users.
    AlreadyThere,
    /// What is in the store stands in its way.
    Refused(ImportObstacle),
}

impl Store {
    /// What would come of writing a tenant down; nothing is written.
    pub async fn may_import(&self, tenant: &ImportedTenant) -> Result<ImportEnd, StoreError> {
        let new = tenant.tenant.clone();
        self.write(move |connection| {
            Box::pin(
                async move { Ok(not_new(connection, &new).await?.unwrap_or(ImportEnd::Written)) },
            )
        })
        .await
    }

    /// Writes a tenant down that is in AWS, with its users about to be attested, or suspended.
    ///
    /// What they have is what they keep: a user that was given the rights of its profile is not given
    /// them again, and no password is touched.
    pub async fn import_tenant(&self, tenant: ImportedTenant) -> Result<ImportEnd, StoreError> {
        self.write(move |connection| Box::pin(import(connection, tenant))).await
    }
}

async fn import(
    connection: &mut SqliteConnection,
    imported: ImportedTenant,
) -> Result<ImportEnd, StoreError> {
    let new = &imported.tenant;
    if let Some(end) = not_new(connection, new).await? {
        return Ok(end);
    }
    let cache = choose_cache(connection, new).await?;
    insert_tenant(connection, new, &cache).await?;
    let birth = Birth {
        tenant: new.id,
        cache: cache.as_str(),
        request: None,
        wanted: Wanted::Present,
        now: new.now,
    };
    for user in &new.users {
        insert_user(connection, user, &birth).await?;
    }
    take_as_found(connection, &imported).await?;
    let cause = Cause::COMMAND;
    let tenant = by_id(connection, new.id).await?.ok_or(StoreError::NotFound)?;
    let tenant = want_all(connection, &tenant, imported.wanted, (&cause, new.now)).await?;
    let entry = Entry::of_tenant(&tenant, TenantEvent::Imported).by(&cause);
    record(connection, entry, new.now).await?;
    Ok(ImportEnd::Written)
}

/// Why there is nothing to be written, if there is not.
async fn not_new(
    connection: &mut SqliteConnection,
    new: &NewTenant,
) -> Result<Option<ImportEnd>, StoreError> {
    let Some(found) = living(connection, &new.name).await? else {
        return Ok(obstacle(connection, new).await?.map(ImportEnd::Refused));
    };
    let is_there = |new: &NewUser| found.users().any(|user| user.user_id == new.names.user_id);
    if new.users.iter().all(is_there) {
        return Ok(Some(ImportEnd::AlreadyThere));
    }
    let name = new.name.clone();
    let obstacle = if new.users.iter().any(is_there) {
        let missing = new.users.iter().filter(|user| !is_there(user));
        let missing: Vec<&str> = missing.map(|user| user.names.user_id.as_str()).collect();
        ImportObstacle::UsersMissing { name, missing: missing.join(", ") }
    } else {
        ImportObstacle::NameTaken { name }
    };
    Ok(Some(ImportEnd::Refused(obstacle)))
}

async fn obstacle(
    connection: &mut SqliteConnection,
    new: &NewTenant,
) -> Result<Option<ImportObstacle>, StoreError> {
    for user in &new.users {
        let id = user.names.user_id.clone();
        if let Some(owner) = owner(connection, id.as_str()).await? {
            return Ok(Some(ImportObstacle::UserTaken { id, owner }));
        }
        if is_known(connection, &user.id.to_string()).await? {
            return Ok(Some(ImportObstacle::LifeOver { id }));
        }
    }
    let cache = match choose_cache(connection, new).await {
        Ok(cache) => cache,
        Err(StoreError::NoRoom(_)) => return Ok(Some(ImportObstacle::NoRoom)),
        Err(error) => return Err(error),
    };
    if new.tier.kind() == TierKind::BreakGlass {
        return Ok(None);
    }
    match refuse_shared_keys(connection, new, &cache).await {
        Ok(()) => Ok(None),
        Err(StoreError::PatternOverlap { other, witness }) => {
            Ok(Some(ImportObstacle::KeysOverlap { other, witness }))
        }
        Err(error) => Err(error),
    }
}

/// Whose a living user of this id is.
async fn owner(
    connection: &mut SqliteConnection,
    user_id: &str,
) -> Result<Option<TenantName>, StoreError> {
    let name: Option<String> = sqlx::query_scalar(
        "SELECT tenants.name FROM users JOIN tenants ON tenants.id = users.tenant_id
         WHERE users.user_id = $1 AND users.phase <> 'deleted'",
    )
    .bind(user_id)
    .fetch_optional(connection)
    .await?;
    let parse = |name: String| {
        TenantName::parse(&name).map_err(|error| StoreError::Inconsistent {
            table: "tenants",
            id: name,
            why: error.to_string(),
        })
    };
    name.map(parse).transpose()
}

/// Whether there is a row of this life, as a tenant's or as a user's.
async fn is_known(connection: &mut SqliteConnection, id: &str) -> Result<bool, StoreError> {
    let known = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1)
             OR EXISTS (SELECT 1 FROM tenants WHERE id = $1)",
    );
    Ok(known.bind(id).fetch_one(connection).await?)
}

/// The users can work already, as far as that can be told without a login, or are kept out. How old their passwords are
/// is not known: the schedule counts from now.
async fn take_as_found(
    connection: &mut SqliteConnection,
    imported: &ImportedTenant,
) -> Result<(), StoreError> {
    let now: Timestamp = imported.tenant.now;
    let tenant = by_id(connection, imported.tenant.id).await?.ok_or(StoreError::NotFound)?;
    for user in tenant.users() {
        let mut user = user.clone();
        user.phase = match imported.wanted {
            Wanted::Suspended => Phase::Suspended,
            Wanted::Present | Wanted::Absent => Phase::Attesting,
        };
        user.activated_at = Some(now);
        user.access = imported.access.get(&user.id).copied();
        write_user(connection, &mut user, now).await?;
        if user.auth == Auth::Password {
            password_is_promoted(connection, user.id, now).await?;
        }
        if let Some(version) = imported.versions.get(&user.id) {
            note_version(connection, user.id, version).await?;
        }
    }
    Ok(())
}

/// Notes which version of its secret holds a user's password, which neither its id nor a rotation tells.
async fn note_version(
    connection: &mut SqliteConnection,
    user: CacheUserId,
    version: &SecretVersion,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET imported_version = $1 WHERE id = $2")
        .bind(version.as_str())
        .bind(user.to_string())
        .execute(connection)
        .await?;
    Ok(())
}
