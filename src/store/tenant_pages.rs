//! Pages of tenants. A page costs what is on it, wherever it is in the list: by one filter, or by cache
//! and status, an index has them in the order of their ids. Two filters of which one is a label or a
//! due time narrow by that one, and look at each that it leaves.

use jiff::Timestamp;
use sqlx::{QueryBuilder, Sqlite};

use super::{Store, StoreError, load::with_users, tenant_row::TenantRow};
use crate::domain::{Bounds, CacheName, Status, Tenant, TenantId, TenantName, TierKind};

/// Which tenants to list, in the order in which they were asked for.
#[derive(Clone, Debug, Default)]
pub struct TenantQuery {
    /// Only those of this kind.
    pub tier: Option<TierKind>,
    /// Only the one of this name.
    pub name: Option<TenantName>,
    /// Only those in this state.
    pub status: Option<Status>,
    /// Only those in this cache.
    pub cache: Option<CacheName>,
    /// Only those that carry all of these labels.
    pub labels: Vec<(String, String)>,
    /// Only those with a user whose password the schedule replaces before this time.
    pub rotation_due_before: Option<Timestamp>,
    /// Only those that come after this one.
    pub after: Option<TenantId>,
    /// At most so many.
    pub limit: u32,
}

impl TenantQuery {
    /// The same, without the tenants that lie beyond the bounds.
    #[must_use]
    pub fn within(mut self, bounds: &Bounds) -> Self {
        match bounds {
            Bounds::Everything => {}
            Bounds::Tenant(name) => self.name = Some(name.clone()),
            Bounds::Labels(labels) => {
                let pairs = labels.as_map().iter();
                self.labels.extend(pairs.map(|(key, value)| (key.clone(), value.clone())));
            }
        }
        self
    }
}

impl Store {
    /// A page of living tenants.
    pub async fn tenants(&self, query: &TenantQuery) -> Result<Vec<Tenant>, StoreError> {
        let _reading = self.metrics.reading("tenants");
        let mut sql = QueryBuilder::new("");
        push_page(&mut sql, query);
        let mut snapshot = self.reader.begin().await?;
        let rows: Vec<TenantRow> = sql.build_query_as().fetch_all(&mut *snapshot).await?;
        with_users(&mut snapshot, rows).await
    }
}

/// The page comes from the first of these that is asked for: a label, a time, the tenants themselves.
/// `CROSS JOIN` keeps SQLite to that.
fn push_page(sql: &mut QueryBuilder<Sqlite>, query: &TenantQuery) {
    let after = query.after.map(|id| id.to_string()).unwrap_or_default();
    let mut labels = query.labels.iter();
    let (id, due) = match (labels.next(), query.rotation_due_before) {
        (Some((key, value)), due) => {
            sql.push("SELECT tenants.* FROM tenant_labels AS label CROSS JOIN tenants ON tenants.id = label.tenant_id WHERE label.key = ");
            sql.push_bind(key.clone()).push(" AND label.value = ").push_bind(value.clone());
            ("label.tenant_id", due)
        }
        (None, Some(due)) => {
            sql.push("SELECT tenants.* FROM (SELECT DISTINCT tenant_id FROM users INDEXED BY users_due WHERE rotation_due_at < ");
            sql.push_bind(due.as_millisecond()).push(" AND tenant_id > ").push_bind(after.clone());
            sql.push(") AS due CROSS JOIN tenants ON tenants.id = due.tenant_id WHERE TRUE");
            ("due.tenant_id", None)
        }
        (None, None) => {
            sql.push("SELECT * FROM tenants WHERE TRUE");
            ("id", None)
        }
    };
    sql.push(" AND status <> 'deleted'");
    push_conditions(sql, query);
    for (key, value) in labels {
        sql.push(" AND EXISTS (SELECT 1 FROM tenant_labels AS other WHERE other.key = ");
        sql.push_bind(key.clone()).push(" AND other.value = ").push_bind(value.clone());
        sql.push(" AND other.tenant_id = tenants.id)");
    }
    if let Some(due) = due {
        sql.push(" AND EXISTS (SELECT 1 FROM users WHERE users.tenant_id = tenants.id AND users.rotation_due_at < ");
        sql.push_bind(due.as_millisecond()).push(")");
    }
    sql.push(" AND ").push(id).push(" > ").push_bind(after);
    sql.push(" ORDER BY ").push(id).push(" LIMIT ").push_bind(query.limit);
}

fn push_conditions(sql: &mut QueryBuilder<Sqlite>, query: &TenantQuery) {
    if let Some(tier) = query.tier {
        sql.push(" AND tier = ").push_bind(tier.as_str());
    }
    if let Some(name) = &query.name {
        sql.push(" AND name = ").push_bind(name.to_string());
    }
    if let Some(status) = query.status {
        sql.push(" AND status = ").push_bind(status.as_str());
    }
    if let Some(cache) = &query.cache {
        sql.push(" AND cache = ").push_bind(cache.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::query_plans::{empty_store, plan_of};

    fn queries() -> Vec<TenantQuery> {
        let label = |key: &str| (key.to_owned(), "gold".to_owned());
        let of_labels = [vec![], vec![label("plan")], vec![label("plan"), label("team")]];
        let mut queries = Vec::new();
        for status in [None, Some(Status::Active)] {
            for cache in [None, Some(CacheName::parse("main").unwrap())] {
                for labels in &of_labels {
                    for rotation_due_before in [None, Some(Timestamp::UNIX_EPOCH)] {
                        queries.push(TenantQuery {
                            tier: Some(TierKind::Tenant),
                            name: None,
                            status,
                            cache: cache.clone(),
                            labels: labels.clone(),
                            rotation_due_before,
                            after: Some(TenantId(uuid::Uuid::nil())),
                            limit: 50,
                        });
                    }
                }
            }
        }
        queries
    }

    #[tokio::test]
    async fn no_page_reads_all_tenants() {
        let (_directory, store) = empty_store().await;
        for query in queries() {
            let mut sql = QueryBuilder::new("EXPLAIN QUERY PLAN ");
            push_page(&mut sql, &query);
            let plan = plan_of(&store, sql.build_query_as()).await;
            let is_sorted = plan.iter().any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
            // Those that are due stand in the order of their times.
            let sorts = query.labels.is_empty() && query.rotation_due_before.is_some();
            assert_eq!(is_sorted, sorts, "{query:?}: {plan:#?}");
            for step in plan {
                let reads_all = step.starts_with("SCAN") && step != "SCAN due";
                assert!(!reads_all, "{query:?}: {step}");
                let ranges = [" AND id>?)", "tenant_id>?)", "(rotation_due_at<?)", "id=?)"];
                let is_narrow = ranges.iter().any(|range| step.contains(range));
                assert!(!step.starts_with("SEARCH") || is_narrow, "{query:?}: {step}");
            }
        }
    }
}
