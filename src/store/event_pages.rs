//! Reading the record of what happened, in the order in which it was committed.

use jiff::Timestamp;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::{
    Store, StoreError,
    columns::{parsed, time},
    event_chain::{EventRow, anchor, head},
};
use crate::domain::{
    CacheName, Cause, EventFilter, EventHash, EventKinds, FleetRotationId, LocalUserName,
    RecordedEvent, RequestId, TenantId, TenantName,
};

/// Which events to read, oldest first.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    /// Only these.
    pub filter: EventFilter,
    /// Only those that come after this one; from the oldest that is kept, if it is 0.
    pub after: u64,
    /// At most so many.
    pub limit: u32,
}

/// Some events, and how far has been looked for them.
#[derive(Clone, Debug)]
pub struct EventPage {
    /// The events, oldest first.
    pub events: Vec<RecordedEvent>,
    /// Up to this one there is no other that was asked for.
    pub seen_to: u64,
}

impl Store {
    /// A page of events. Answers [`StoreError::EventsGone`] if events after the named one have been
    /// removed because of their age, and [`StoreError::EventsUnknown`] if there is no such event yet.
    pub async fn events(&self, query: &EventQuery) -> Result<EventPage, StoreError> {
        let mut snapshot = self.reader.begin().await?;
        page(&mut snapshot, query).await
    }

    /// The newest event.
    pub async fn newest_event(&self) -> Result<u64, StoreError> {
        let mut reader = self.reader.acquire().await?;
        Ok(head(&mut reader).await?.sequence.unsigned_abs())
    }
}

/// A page of events. The connection must show one state of the file throughout.
pub(super) async fn page(
    connection: &mut SqliteConnection,
    query: &EventQuery,
) -> Result<EventPage, StoreError> {
    let gone_to = anchor(connection).await?.sequence.unsigned_abs();
    if query.after != 0 && query.after < gone_to {
        return Err(StoreError::EventsGone { to: gone_to });
    }
    let newest = head(connection).await?.sequence.unsigned_abs();
    if query.after > newest {
        return Err(StoreError::EventsUnknown { newest });
    }
    let mut sql = QueryBuilder::new("");
    push_page(&mut sql, query);
    let rows: Vec<EventRow> = sql.build_query_as().fetch_all(connection).await?;
    let is_full = rows.len() >= query.limit as usize;
    let events: Vec<RecordedEvent> =
        rows.into_iter().map(RecordedEvent::try_from).collect::<Result<_, _>>()?;
    let seen_to = match events.last() {
        Some(last) if is_full => last.sequence,
        _ => newest,
    };
    Ok(EventPage { events, seen_to })
}

fn push_page(sql: &mut QueryBuilder<Sqlite>, query: &EventQuery) {
    let EventFilter { tenant, kinds, actor, since, until } = &query.filter;
    sql.push("SELECT * FROM events WHERE sequence > ");
    sql.push_bind(i64::try_from(query.after).unwrap_or(i64::MAX));
    if let Some(tenant) = tenant {
        sql.push(" AND tenant_name = ").push_bind(tenant.to_string());
    }
    match kinds {
        Some(EventKinds::One(kind)) => {
            sql.push(" AND kind = ").push_bind(kind.clone());
        }
        Some(EventKinds::BeginningWith(beginning)) => {
            sql.push(" AND instr(kind, ").push_bind(beginning.clone()).push(") = 1");
        }
        None => {}
    }
    if let Some(actor) = actor {
        sql.push(" AND actor = ").push_bind(actor.to_string());
    }
    if let Some(since) = since {
        sql.push(" AND at >= ").push_bind(first_millisecond(*since));
    }
    if let Some(until) = until {
        sql.push(" AND at < ").push_bind(first_millisecond(*until));
    }
    sql.push(" ORDER BY sequence LIMIT ").push_bind(query.limit);
}

/// The first millisecond that is not before a time: events have no finer one.
fn first_millisecond(time: Timestamp) -> i64 {
    let millisecond = time.as_millisecond();
    let is_before = Timestamp::from_millisecond(millisecond).is_ok_and(|whole| whole < time);
    millisecond + i64::from(is_before)
}

impl TryFrom<EventRow> for RecordedEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        let id = row.sequence.to_string();
        read(row).map_err(|why| StoreError::Inconsistent { table: "events", id, why })
    }
}

fn read(row: EventRow) -> Result<RecordedEvent, String> {
    let uuid =
        |column: &str, text: &str| Uuid::parse_str(text).map_err(|e| format!("{column}: {e}"));
    let tenant = match (&row.tenant_id, &row.tenant_name) {
        (Some(id), Some(name)) => {
            let name = TenantName::parse(name).map_err(|error| format!("tenant_name: {error}"))?;
            Some((TenantId(uuid("tenant_id", id)?), name))
        }
        _ => None,
    };
    let user = row.user.as_deref().map(LocalUserName::parse).transpose();
    let cache = row.cache.as_deref().map(CacheName::parse).transpose();
    let fleet = row.fleet.as_deref().map(|fleet| uuid("fleet", fleet)).transpose()?;
    let hash = row.hash.and_then(|hash| hash.try_into().ok()).map(EventHash);
    Ok(RecordedEvent {
        sequence: u64::try_from(row.sequence).map_err(|error| format!("sequence: {error}"))?,
        at: time("at", row.at)?,
        kind: row.kind,
        outcome: parsed("outcome", &row.outcome)?,
        cause: Cause {
            actor: parsed("actor", &row.actor)?,
            request: row.request_id.map(RequestId),
            trace: None,
        },
        tenant,
        user: user.map_err(|error| format!("user: {error}"))?,
        fleet: fleet.map(FleetRotationId),
        cache: cache.map_err(|error| format!("cache: {error}"))?,
        subject: row.subject,
        detail: row.detail,
        hash: hash.ok_or("hash: there is none")?,
    })
}
