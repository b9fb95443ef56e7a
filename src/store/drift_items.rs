//! What sweeps have found to differ: noted, listed, counted.

use jiff::{SignedDuration, Timestamp};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{
    Store, StoreError,
    drift_row::DriftRow,
    events::{DriftEvent, Entry, record},
};
use crate::domain::{DriftFilter, DriftItem, DriftItemId, FIGHT_SPAN, FoundDrift};

/// Which items to list, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct DriftQuery {
    /// Only these.
    pub filter: DriftFilter,
    /// Only those that come after this one.
    pub after: Option<DriftItemId>,
    /// At most so many.
    pub limit: u32,
}

impl Store {
    /// Notes what a sweep has found to differ. What differed before is the same item still.
    pub async fn note_drift(
        &self,
        found: Vec<FoundDrift>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if found.is_empty() {
            return Ok(());
        }
        self.write(move |connection| {
            Box::pin(async move {
                for drift in &found {
                    note(connection, drift, now).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// A page of what differs.
    pub async fn drift_items(
        &self,
        query: &DriftQuery,
        now: Timestamp,
    ) -> Result<Vec<DriftItem>, StoreError> {
        let mut reader = self.reader.acquire().await?;
        page(&mut reader, query, now).await
    }
}

/// Since when repairs of the same thing are counted together.
pub(super) fn lately(now: Timestamp) -> Timestamp {
    let span = SignedDuration::try_from(FIGHT_SPAN).unwrap_or(SignedDuration::ZERO);
    now.saturating_sub(span).unwrap_or(Timestamp::MIN)
}

/// How often something was repaired lately.
pub(super) async fn repairs_lately(
    connection: &mut SqliteConnection,
    item: &DriftItemId,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let repairs =
        sqlx::query_scalar("SELECT COUNT(*) FROM drift_repairs WHERE item = $1 AND at > $2");
    let repairs = repairs.bind(item.as_str()).bind(lately(now).as_millisecond());
    Ok(repairs.fetch_one(connection).await?)
}

/// Notes one thing that differs. What differed before is the same item still.
pub(super) async fn note(
    connection: &mut SqliteConnection,
    drift: &FoundDrift,
    now: Timestamp,
) -> Result<(), StoreError> {
    let known = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM drift_items WHERE id = $1)");
    let is_known: bool = known.bind(drift.id().as_str()).fetch_one(&mut *connection).await?;
    let owner = drift.owner.as_ref();
    sqlx::query(
        "INSERT INTO drift_items (id, cache, kind, subject, tenant_id, tenant_name, user, user_name,
           found, expected, policy, since, seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
         ON CONFLICT (id) DO UPDATE SET
           tenant_id = excluded.tenant_id, tenant_name = excluded.tenant_name,
           user = excluded.user, user_name = excluded.user_name,
           found = excluded.found, expected = excluded.expected, policy = excluded.policy,
           seen_at = excluded.seen_at",
    )
    .bind(drift.id().as_str())
    .bind(drift.cache.as_str())
    .bind(drift.difference.kind.as_str())
    .bind(&drift.subject)
    .bind(owner.map(|owner| owner.tenant.to_string()))
    .bind(owner.map(|owner| owner.tenant_name.as_str()))
    .bind(owner.map(|owner| owner.user.to_string()))
    .bind(owner.map(|owner| owner.user_name.as_str()))
    .bind(&drift.difference.found)
    .bind(&drift.difference.expected)
    .bind(drift.policy.as_str())
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await?;
    if is_known {
        return Ok(());
    }
    record(connection, Entry::of_drift(drift, DriftEvent::Found), now).await
}

/// A page of what differs, seen from within a transaction or not.
pub(super) async fn page(
    connection: &mut SqliteConnection,
    query: &DriftQuery,
    now: Timestamp,
) -> Result<Vec<DriftItem>, StoreError> {
    let mut sql = QueryBuilder::new("");
    push_page(&mut sql, query, now);
    let rows: Vec<DriftRow> = sql.build_query_as().fetch_all(connection).await?;
    rows.into_iter().map(DriftItem::try_from).collect()
}

fn push_page(sql: &mut QueryBuilder<Sqlite>, query: &DriftQuery, now: Timestamp) {
    sql.push(
        "SELECT *,
           (SELECT MAX(at) FROM drift_repairs WHERE item = drift_items.id) AS repaired_at,
           (SELECT COUNT(*) FROM drift_repairs WHERE item = drift_items.id AND at > ",
    );
    sql.push_bind(lately(now).as_millisecond()).push(") AS repairs FROM drift_items WHERE id > ");
    sql.push_bind(query.after.as_ref().map(ToString::to_string).unwrap_or_default());
    let DriftFilter { ids, cache, tenant, kinds } = &query.filter;
    if let Some(ids) = ids {
        let list: Vec<&str> = ids.iter().map(DriftItemId::as_str).collect();
        push_list(sql, "id", list);
    }
    if let Some(cache) = cache {
        sql.push(" AND cache = ").push_bind(cache.to_string());
    }
    if let Some(tenant) = tenant {
        sql.push(" AND tenant_name = ").push_bind(tenant.to_string());
    }
    if !kinds.is_empty() {
        push_list(sql, "kind", kinds.iter().map(|kind| kind.as_str()).collect());
    }
    sql.push(" ORDER BY id LIMIT ").push_bind(query.limit);
}

fn push_list(sql: &mut QueryBuilder<Sqlite>, column: &str, list: Vec<&str>) {
    sql.push(" AND ").push(column).push(" IN (SELECT value FROM json_each(");
    sql.push_bind(serde_json::Value::from(list).to_string()).push("))");
}
