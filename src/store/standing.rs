//! How things stand, counted for whoever watches over the service.
//!
//! It is asked for every few seconds for as long as the service lives, so each statement is answered
//! from an index: of living tenants one that holds nothing else, of the others one that holds only what
//! there is work on.

use std::{fmt::Display, str::FromStr};

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    columns::{parsed, time},
};
use crate::domain::{CacheName, DriftKind, RotationPhase, Status, TierKind, VerdictKind};

/// How things stand. What there is none of is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Living tenants, services and sessions.
    pub tenants: Vec<(CacheName, TierKind, Status, u64)>,
    /// Living users.
    pub users: Vec<(CacheName, u64)>,
    /// Users on which there is work that need not wait for a person.
    pub queued: Vec<(CacheName, u64)>,
    /// Since when the work is under way that has taken longest so far.
    pub queued_since: Vec<(CacheName, Timestamp)>,
    /// Rotations that are not over.
    pub rotations: Vec<(CacheName, RotationPhase, u64)>,
    /// Since when the oldest password is in use.
    pub oldest_passwords: Vec<(CacheName, Timestamp)>,
    /// Users whose last attestation did not find their fence whole.
    pub unproved: Vec<(CacheName, VerdictKind, u64)>,
    /// Things that differ from what the store says.
    pub drift: Vec<(CacheName, DriftKind, u64)>,
    /// Messages on their way to webhooks that are not disabled.
    pub messages: u64,
    /// Since when the oldest of them is on its way.
    pub oldest_message: Option<Timestamp>,
}

pub(super) const TENANTS: &str = "SELECT cache, tier, status, COUNT(*)
     FROM tenants INDEXED BY tenants_by_cache_and_status
     WHERE status <> 'deleted' GROUP BY cache, tier, status";

pub(super) const USERS: &str = "SELECT cache, users FROM cache_counts";

pub(super) const QUEUED: &str = "SELECT cache, COUNT(*), MIN(phase_since)
     FROM users INDEXED BY users_unsettled
     WHERE (phase NOT IN ('active', 'suspended', 'deleted')
         OR (phase = 'active' AND (wanted <> 'present' OR access_revision IS NULL))
         OR (phase = 'suspended' AND wanted <> 'suspended'))
       AND (problem_code IS NULL OR retry_at IS NOT NULL)
     GROUP BY cache";

pub(super) const ROTATIONS: &str = "SELECT cache, phase, COUNT(*)
     FROM rotations INDEXED BY rotations_open
     WHERE phase NOT IN ('completed', 'cancelled', 'failed') GROUP BY cache, phase";

/// One look at the end of the index for each cache.
pub(super) const OLDEST_PASSWORDS: &str = "SELECT cache,
       (SELECT MIN(password_since) FROM users INDEXED BY users_by_password
        WHERE users.cache = cache_counts.cache AND password_since IS NOT NULL AND phase <> 'deleted')
     FROM cache_counts";

pub(super) const UNPROVED: &str = "SELECT cache, attested_verdict, COUNT(*)
     FROM users INDEXED BY users_unproved
     WHERE attested_verdict <> 'isolated' AND phase <> 'deleted'
     GROUP BY cache, attested_verdict";

pub(super) const DRIFT: &str = "SELECT cache, kind, COUNT(*)
     FROM drift_items INDEXED BY drift_by_cache GROUP BY cache, kind";

/// All that wait are looked at: in the index they stand by when they are tried, which is not how old they are.
pub(super) const MESSAGES: &str = "SELECT COUNT(*), MIN(webhook_deliveries.created_at)
     FROM webhooks CROSS JOIN webhook_deliveries ON webhook = webhooks.id AND state = 'pending'
     WHERE disabled_at IS NULL";

impl Store {
    /// How things stand at one moment.
    pub async fn standing(&self) -> Result<Standing, StoreError> {
        let _reading = self.metrics.reading("standing");
        let mut snapshot = self.reader.begin().await?;
        let connection = &mut *snapshot;
        let (queued, queued_since) = queued(connection).await?;
        let (messages, oldest_message) = messages(connection).await?;
        Ok(Standing {
            tenants: tenants(connection).await?,
            users: users(connection).await?,
            queued,
            queued_since,
            rotations: counts(connection, ROTATIONS, "rotations").await?,
            oldest_passwords: oldest_passwords(connection).await?,
            unproved: counts(connection, UNPROVED, "users").await?,
            drift: counts(connection, DRIFT, "drift_items").await?,
            messages,
            oldest_message,
        })
    }
}

async fn tenants(
    connection: &mut SqliteConnection,
) -> Result<Vec<(CacheName, TierKind, Status, u64)>, StoreError> {
    let rows: Vec<(String, String, String, i64)> =
        sqlx::query_as(TENANTS).fetch_all(connection).await?;
    let read = |(cache, tier, status, count): (String, String, String, i64)| {
        let tier = parsed("tier", &tier).map_err(|why| inconsistent("tenants", &cache, why))?;
        let status = parsed("status", &status);
        let status = status.map_err(|why| inconsistent("tenants", &cache, why))?;
        Ok((named("tenants", &cache)?, tier, status, count.unsigned_abs()))
    };
    rows.into_iter().map(read).collect()
}

async fn users(connection: &mut SqliteConnection) -> Result<Vec<(CacheName, u64)>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(USERS).fetch_all(connection).await?;
    let read =
        |(cache, count): (String, i64)| Ok((named("cache_counts", &cache)?, count.unsigned_abs()));
    rows.into_iter().map(read).collect()
}

type Queues = (Vec<(CacheName, u64)>, Vec<(CacheName, Timestamp)>);

async fn queued(connection: &mut SqliteConnection) -> Result<Queues, StoreError> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(QUEUED).fetch_all(connection).await?;
    let mut queues = Queues::default();
    for (cache, count, since) in rows {
        let since = time("phase_since", since);
        let since = since.map_err(|why| inconsistent("users", &cache, why))?;
        let cache = named("users", &cache)?;
        queues.0.push((cache.clone(), count.unsigned_abs()));
        queues.1.push((cache, since));
    }
    Ok(queues)
}

async fn messages(
    connection: &mut SqliteConnection,
) -> Result<(u64, Option<Timestamp>), StoreError> {
    let (count, oldest): (i64, Option<i64>) =
        sqlx::query_as(MESSAGES).fetch_one(connection).await?;
    let oldest = oldest.map(|at| time("created_at", at)).transpose();
    let inconsistent = |why| StoreError::Inconsistent {
        table: "webhook_deliveries",
        id: "oldest".to_owned(),
        why,
    };
    Ok((count.unsigned_abs(), oldest.map_err(inconsistent)?))
}

async fn oldest_passwords(
    connection: &mut SqliteConnection,
) -> Result<Vec<(CacheName, Timestamp)>, StoreError> {
    let rows: Vec<(String, Option<i64>)> =
        sqlx::query_as(OLDEST_PASSWORDS).fetch_all(connection).await?;
    let known = rows.into_iter().filter_map(|(cache, since)| Some((cache, since?)));
    let read = |(cache, since): (String, i64)| {
        let since = time("password_since", since);
        let since = since.map_err(|why| inconsistent("users", &cache, why))?;
        Ok((named("users", &cache)?, since))
    };
    known.map(read).collect()
}

async fn counts<K: FromStr<Err: Display>>(
    connection: &mut SqliteConnection,
    sql: &'static str,
    table: &'static str,
) -> Result<Vec<(CacheName, K, u64)>, StoreError> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(sql).fetch_all(connection).await?;
    let read = |(cache, kind, count): (String, String, i64)| {
        let kind = parsed("kind", &kind).map_err(|why| inconsistent(table, &cache, why))?;
        Ok((named(table, &cache)?, kind, count.unsigned_abs()))
    };
    rows.into_iter().map(read).collect()
}

fn named(table: &'static str, cache: &str) -> Result<CacheName, StoreError> {
    CacheName::parse(cache).map_err(|error| inconsistent(table, cache, error.to_string()))
}

fn inconsistent(table: &'static str, cache: &str, why: String) -> StoreError {
    StoreError::Inconsistent { table, id: format!("of the cache {cache}"), why }
}
