//! The chain of events: each has a hash over its columns and the hash of the one before it.
//!
//! There is one writer, so the head of the chain is read and followed in one transaction without a
//! race. It is read from the table each time: a unit that is taken back takes its events with it, and
//! the next one follows what was there before.
//!
//! The hash says nothing about who wrote a row, only that nothing before it has been changed since: see
//! `docs/audit.md` for what that proves, and for the encoding.

use aws_lc_rs::digest::{Context, SHA256};
use sqlx::{Connection as _, FromRow, SqliteConnection};

use super::StoreError;
use crate::domain::{EventHash, InstallationId};

/// A row of `events` as SQLite gives it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct EventRow {
    pub(super) sequence: i64,
    pub(super) at: i64,
    pub(super) kind: String,
    pub(super) outcome: String,
    pub(super) actor: String,
    pub(super) request_id: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) tenant_name: Option<String>,
    pub(super) user: Option<String>,
    pub(super) fleet: Option<String>,
    pub(super) cache: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) detail: String,
    pub(super) hash: Option<Vec<u8>>,
}

/// What the next event follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) sequence: i64,
    pub(super) hash: EventHash,
}

/// The newest event, or what the oldest one would follow.
const HEAD: &str = "SELECT sequence, hash FROM (
       SELECT * FROM (SELECT sequence, hash FROM events ORDER BY sequence DESC LIMIT 1)
       UNION ALL SELECT sequence, hash FROM event_anchor)
     ORDER BY sequence DESC LIMIT 1";

const ANCHOR: &str = "SELECT sequence, hash FROM event_anchor";

impl EventRow {
    /// The hash of the row as it follows `previous`.
    pub(super) fn hash_after(&self, previous: EventHash) -> EventHash {
        let mut context = Context::new(&SHA256);
        context.update(&previous.0);
        let (sequence, at) = (self.sequence.to_string(), self.at.to_string());
        for column in [
            Some(&sequence),
            Some(&at),
            Some(&self.kind),
            Some(&self.outcome),
            Some(&self.actor),
            self.request_id.as_ref(),
            self.tenant_id.as_ref(),
            self.tenant_name.as_ref(),
            self.user.as_ref(),
            self.fleet.as_ref(),
            self.cache.as_ref(),
            self.subject.as_ref(),
            Some(&self.detail),
        ] {
            add(&mut context, column.map(String::as_str));
        }
        finish(context)
    }
}

/// Where the record of an installation begins.
pub(super) fn genesis(installation: &InstallationId) -> Link {
    let mut context = Context::new(&SHA256);
    add(&mut context, Some("ringfence events 1"));
    add(&mut context, Some(installation.as_str()));
    Link { sequence: 0, hash: finish(context) }
}

/// Nothing is one zero; a text is a one, its length in eight bytes, and its bytes. So no two lists of
/// texts are written alike.
fn add(context: &mut Context, column: Option<&str>) {
    let Some(text) = column else { return context.update(&[0]) };
    context.update(&[1]);
    context.update(&(text.len() as u64).to_be_bytes());
    context.update(text.as_bytes());
}

fn finish(context: Context) -> EventHash {
    let digest = context.finish();
    EventHash(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
}

/// What the next event follows.
pub(super) async fn head(connection: &mut SqliteConnection) -> Result<Link, StoreError> {
    link(sqlx::query_as(HEAD).fetch_optional(connection).await?)
}

/// What the oldest event follows.
pub(super) async fn anchor(connection: &mut SqliteConnection) -> Result<Link, StoreError> {
    link(sqlx::query_as(ANCHOR).fetch_optional(connection).await?)
}

fn link(row: Option<(i64, Option<Vec<u8>>)>) -> Result<Link, StoreError> {
    let refuse = |sequence: i64, why: &str| StoreError::Inconsistent {
        table: "events",
        id: sequence.to_string(),
        why: why.to_owned(),
    };
    let (sequence, hash) = row.ok_or_else(|| refuse(0, "the record has no beginning"))?;
    let hash = hash.and_then(|hash| hash.try_into().ok()).map(EventHash);
    Ok(Link { sequence, hash: hash.ok_or_else(|| refuse(sequence, "it has no hash"))? })
}

/// Adds an event to the chain, and answers with it. What it holds as its sequence and hash is replaced.
/// Before a service first runs on the file there is no chain: what is recorded then has no hash until
/// [`begin_chain`].
pub(super) async fn append(
    connection: &mut SqliteConnection,
    row: EventRow,
) -> Result<EventRow, StoreError> {
    let newest: Option<(i64, Option<Vec<u8>>)> =
        sqlx::query_as(HEAD).fetch_optional(&mut *connection).await?;
    let is_chained = match &newest {
        Some((_, Some(_))) => true,
        _ => has_begun(connection).await?,
    };
    let row = if is_chained {
        let head = link(newest)?;
        let row = EventRow { sequence: head.sequence + 1, ..row };
        let hash = row.hash_after(head.hash).0.to_vec();
        EventRow { hash: Some(hash), ..row }
    } else {
        let sequence = newest.map_or(0, |(sequence, _)| sequence) + 1;
        EventRow { sequence, hash: None, ..row }
    };
    sqlx::query(
        "INSERT INTO events (sequence, at, kind, outcome, actor, request_id, tenant_id, tenant_name,
           user, fleet, cache, subject, detail, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(row.sequence)
    .bind(row.at)
    .bind(&row.kind)
    .bind(&row.outcome)
    .bind(&row.actor)
    .bind(&row.request_id)
    .bind(&row.tenant_id)
    .bind(&row.tenant_name)
    .bind(&row.user)
    .bind(&row.fleet)
    .bind(&row.cache)
    .bind(&row.subject)
    .bind(&row.detail)
    .bind(&row.hash)
    .execute(connection)
    .await?;
    Ok(row)
}

async fn has_begun(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let begun: Option<i64> =
        sqlx::query_scalar("SELECT sequence FROM event_anchor").fetch_optional(connection).await?;
    Ok(begun.is_some())
}

/// How many old events are read at once.
const OLD_AT_ONCE: i64 = 1000;

/// Begins the chain, if it has none, and chains the events that were recorded before there was one.
pub(super) async fn begin_chain(
    connection: &mut SqliteConnection,
    installation: &InstallationId,
) -> Result<(), sqlx::Error> {
    if has_begun(connection).await? {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    let mut head = genesis(installation);
    sqlx::query("INSERT INTO event_anchor (only_row, sequence, hash) VALUES (1, $1, $2)")
        .bind(head.sequence)
        .bind(head.hash.0.as_slice())
        .execute(&mut *transaction)
        .await?;
    loop {
        let old: Vec<EventRow> = sqlx::query_as(
            "SELECT * FROM events WHERE sequence > $1 AND hash IS NULL ORDER BY sequence LIMIT $2",
        )
        .bind(head.sequence)
        .bind(OLD_AT_ONCE)
        .fetch_all(&mut *transaction)
        .await?;
        if old.is_empty() {
            break;
        }
        for row in old {
            head = Link { sequence: row.sequence, hash: row.hash_after(head.hash) };
            sqlx::query("UPDATE events SET hash = $1 WHERE sequence = $2")
                .bind(head.hash.0.as_slice())
                .bind(head.sequence)
                .execute(&mut *transaction)
                .await?;
        }
    }
    transaction.commit().await
}
