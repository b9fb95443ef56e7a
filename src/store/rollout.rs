//! Which users have rights of an older revision than their profile's, and giving them the new one.

use jiff::Timestamp;

use super::{
    Store, StoreError,
    events::{Entry, UserEvent, record},
    user_row::{PURGE, UserRow, select_users, users},
    write::{clear_problem, touch, write_user},
};
use crate::domain::{AccessRevision, CacheName, CacheUser, ProfileName};

/// How far a profile's definition has reached its users in one cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many living users have the profile.
    pub users: u64,
    /// How many of them have its current definition.
    pub current: u64,
    /// How many could not be given it, or were not fenced by it, and need a person.
    pub blocked: u64,
}

impl Store {
    /// How far this revision of a profile has come in a cache.
    pub async fn spread(
        &self,
        cache: &CacheName,
        profile: &ProfileName,
        current: AccessRevision,
    ) -> Result<Spread, StoreError> {
        let (users, current, blocked): (i64, i64, i64) = sqlx::query_as(
            "SELECT COUNT(*),
                    COUNT(*) FILTER (WHERE access_revision = $3),
                    COUNT(*) FILTER (WHERE phase IN ('modifying-user', 'attesting')
                      AND (access_revision IS NULL OR access_revision = $3)
                      AND problem_code IS NOT NULL AND retry_at IS NULL)
             FROM users
             WHERE cache = $1 AND profile = $2 AND wanted = 'present' AND phase <> 'deleted'",
        )
        .bind(cache.as_str())
        .bind(profile.as_str())
        .bind(current.to_string())
        .fetch_one(&self.reader)
        .await?;
        let [users, current, blocked] = [users, current, blocked].map(i64::unsigned_abs);
        Ok(Spread { users, current, blocked })
    }

    /// How many users of a cache are being given new rights.
    pub async fn being_given_rights(&self, cache: &CacheName) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM users
             WHERE cache = $1 AND wanted = 'present' AND phase <> 'deleted'
               AND profile IS NOT $2
               AND (problem_code IS NULL OR retry_at IS NOT NULL)
               AND (phase IN ('modifying-user', 'attesting')
                 OR (phase = 'active' AND access_revision IS NULL))",
        )
        .bind(cache.as_str())
        .bind(PURGE)
        .fetch_one(&self.reader)
        .await?;
        Ok(count.unsigned_abs())
    }

    /// Takes up the users of a cache again that could not be given new rights: whoever starts the
    /// service anew may have mended the definition.
    pub async fn retry_refused_rights(
        &self,
        cache: &CacheName,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let rows: Vec<UserRow> = sqlx::query_as(select_users!(
            "users.cache = $1 AND phase = 'modifying-user' AND users.wanted = 'present'
               AND problem_code IS NOT NULL AND retry_at IS NULL"
        ))
        .bind(cache.as_str())
        .fetch_all(&self.reader)
        .await?;
        self.give_again(users(rows)?, now).await
    }

    /// Writes down that users with another revision of the profile than `current` are to be given
    /// it, `limit` of them at most. Answers how many there were.
    pub async fn give_current_rights(
        &self,
        cache: &CacheName,
        (profile, current): (&ProfileName, AccessRevision),
        limit: u64,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let rows: Vec<UserRow> = sqlx::query_as(select_users!(
            "users.cache = $1 AND profile = $2 AND access_revision <> $3
               AND users.wanted = 'present' AND phase <> 'deleted'
               AND (phase = 'active'
                 OR (phase = 'attesting' AND problem_code IS NOT NULL AND retry_at IS NULL))
             ORDER BY users.id LIMIT $4"
        ))
        .bind(cache.as_str())
        .bind(profile.as_str())
        .bind(current.to_string())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.reader)
        .await?;
        let outdated = users(rows)?;
        let count = outdated.len();
        self.give_again(outdated, now).await?;
        Ok(count)
    }

    async fn give_again(&self, outdated: Vec<CacheUser>, now: Timestamp) -> Result<(), StoreError> {
        if outdated.is_empty() {
            return Ok(());
        }
        self.write(move |connection| {
            Box::pin(async move {
                for mut user in outdated {
                    user.access = None;
                    // The work is not that of the request that last asked for something.
                    user.requested_by = None;
                    clear_problem(&mut user);
                    write_user(connection, &mut user, now).await?;
                    let entry = Entry::of_user(&user, UserEvent::RightsOutdated);
                    record(connection, entry, now).await?;
                    touch(connection, user.tenant, now).await?;
                }
                Ok(())
            })
        })
        .await
    }
}
