//! Tests of how SQLite goes about what is asked often.

use sqlx::{FromRow, QueryBuilder, Sqlite, query::QueryAs, sqlite::SqliteArguments};
use tempfile::TempDir;

use super::{
    Store, activations, attestations, cost_needs, deliveries, drift_expected, fleet_progress,
    logins, neighbours, request_traces, rotations_at_hand, scheduled_starts, sessions, standing,
    tokens, unsettled,
};
use crate::clock::{SystemClock, SystemEntropy};

/// A line of a plan.
#[derive(FromRow)]
pub(super) struct Step {
    detail: String,
}

/// A new store, for as long as the directory lives.
pub(super) async fn empty_store() -> (TempDir, Store) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("r.db");
    let store = Store::open(&path, None, &SystemClock, &SystemEntropy::default()).await.unwrap();
    (directory, store)
}

/// The plan of a query that begins with `EXPLAIN QUERY PLAN`.
pub(super) async fn plan_of(
    store: &Store,
    query: QueryAs<'_, Sqlite, Step, SqliteArguments>,
) -> Vec<String> {
    let steps = query.fetch_all(&store.reader).await.unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

/// What every pass of every worker asks, and what every new tenant does, with the indexes that it is
/// to be answered from.
const ASKED_OFTEN: [(&str, &[&str]); 27] = [
    (activations::ACTIVATED, &["tenants_activated"]),
    // There are fifty webhooks at most.
    (deliveries::DUE, &["SCAN webhooks", "webhook_deliveries_pending (webhook=? AND next_at<?)"]),
    (
        drift_expected::AT_REST,
        &[
            "users_by_cache (cache=? AND phase=?)",
            "rotations_open (user=?)",
            "rotations_by_user (user=?",
        ],
    ),
    (tokens::SECRETS, &["token_secrets_by_prefix (hash_prefix=?)", "PRIMARY KEY (id=?)"]),
    (unsettled::UNSETTLED, &["users_unsettled (cache=?)"]),
    (unsettled::NEXT_TRY, &["users_unsettled (cache=?)"]),
    (sessions::OPEN, &["tenants_expiring (cache=? AND expires_at>?)"]),
    (logins::OUTGOING, &["users_outgoing (cache=?)"]),
    (attestations::WAITING, &["attestations_waiting"]),
    (fleet_progress::WITH_WAITING, &["fleet_rotations_running", "fleet_members_waiting (fleet=?)"]),
    (
        fleet_progress::HAS_WORK,
        &["fleet_members_waiting (fleet=?)", "rotations_by_fleet (fleet=?)"],
    ),
    (scheduled_starts::NEXT_DUE, &["users_by_rotation (cache=?", "rotations_open (user=?)"]),
    (scheduled_starts::LOAD, &["rotations_moving (cache=?)", "rotations_by_start (cache=? AND"]),
    (rotations_at_hand::AT_HAND, &["rotations_moving (cache=?)", "rotations_resting (cache=? AND"]),
    (rotations_at_hand::NEXT_END, &["rotations_resting (cache=? AND rests_until>?)"]),
    (
        neighbours::NEIGHBOURS,
        &["tenants_by_prefix (cache=? AND key_prefix=?)", "(cache=? AND key_prefix>?"],
    ),
    (request_traces::OF_REQUESTS, &["PRIMARY KEY (request_id=?)"]),
    (request_traces::OLD, &["request_traces_by_age (at<?)"]),
    (cost_needs::NEEDS, &["tenants_by_name", "users_by_tenant (tenant_id=?"]),
    (standing::TENANTS, &["COVERING INDEX tenants_by_cache_and_status"]),
    (standing::USERS, &["cache_counts"]),
    (standing::QUEUED, &["users_unsettled"]),
    (standing::ROTATIONS, &["rotations_open"]),
    (standing::OLDEST_PASSWORDS, &["users_by_password (cache=?", "cache_counts"]),
    (standing::UNPROVED, &["users_unproved"]),
    (standing::DRIFT, &["drift_by_cache"]),
    (standing::MESSAGES, &["SCAN webhooks", "webhook_deliveries_pending (webhook=?)"]),
];

/// Rows that nobody asks about cost nothing: no query reads a whole table, and each uses the index
/// that was made for it. Those are partial and hold only what there is work on.
#[tokio::test]
async fn what_is_asked_often_is_answered_from_the_index_that_was_made_for_it() {
    let (_directory, store) = empty_store().await;
    for (sql, indexes) in ASKED_OFTEN {
        let mut explained = QueryBuilder::new("EXPLAIN QUERY PLAN ");
        let plan = plan_of(&store, explained.push(sql).build_query_as()).await;
        for index in indexes {
            let is_used = plan.iter().any(|step| step.contains(index));
            assert!(is_used, "{index} is not used: {sql}\n{plan:#?}");
        }
        for step in plan {
            let of_few = indexes.iter().any(|index| step.contains(index));
            let is_no_table = step.contains("json_each") || step.contains("CONSTANT ROW");
            let reads_all = step.starts_with("SCAN") && !of_few && !is_no_table;
            assert!(!reads_all, "{sql}\n{step}");
        }
    }
}
