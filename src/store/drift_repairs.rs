//! Repairs of drift: asked for by callers, begun by sweeps.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    DriftQuery, Store, StoreError,
    drift_items::{note, page, repairs_lately},
    drift_sweeps::know,
    events::{DriftEvent, Entry, record},
    write::{clear_problem, touch, write_user},
};
use crate::domain::{
    CacheName, CacheUser, Cause, DriftItem, DriftItemId, DriftRemedy, FoundDrift,
    KnownSurroundings, Phase, RequestId, is_fight,
};

/// A user at rest that goes back to an earlier phase, from which the work brings it forward.
#[derive(Clone, Debug)]
pub struct Restart {
    /// The user as it was compared.
    pub user: CacheUser,
    /// The phase that it goes back to.
    pub phase: Phase,
}

/// What the beginning of a repair changes.
#[derive(Clone, Debug)]
pub enum RepairBegin {
    /// A user goes back to an earlier phase.
    Restarted(Box<Restart>),
    /// Tags were given back in AWS.
    Tagged,
    /// What was found is known from now on, and right.
    Accepted(KnownSurroundings),
}

impl Store {
    /// Writes down that items are to be repaired when a sweep has seen them again. Answers with all that
    /// the query finds, those that only a person can repair among them.
    pub async fn ask_for_drift_repairs(
        &self,
        query: DriftQuery,
        cause: Cause,
        now: Timestamp,
    ) -> Result<Vec<DriftItem>, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let items = page(connection, &query, now).await?;
                for item in &items {
                    ask(connection, item, (&cause, now)).await?;
                }
                Ok(items)
            })
        })
        .await
    }

    /// The items of a cache whose repair was asked for.
    pub async fn asked_drift_repairs(
        &self,
        cache: &CacheName,
    ) -> Result<Vec<DriftItemId>, StoreError> {
        let ids: Vec<String> =
            sqlx::query_scalar("SELECT id FROM drift_items WHERE cache = $1 AND asked_at NOT NULL")
                .bind(cache.as_str())
                .fetch_all(&self.reader)
                .await?;
        Ok(ids.into_iter().map(DriftItemId::new).collect())
    }

    /// Counts that something was undone before its user came to rest, and answers how often it was
    /// lately. As soon as that is a fight it is noted as drift, which no sweep would see.
    pub async fn count_drift_loss(
        &self,
        drift: FoundDrift,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                count(connection, &drift, (None, now)).await?;
                let losses = repairs_lately(connection, &drift.id(), now).await?;
                if is_fight(losses) {
                    note(connection, &drift, now).await?;
                }
                Ok(losses)
            })
        })
        .await
    }

    /// Writes down that a repair begins, at the word of whoever asked for it, and in the same transaction
    /// what it changes. A user that has changed since it was compared does not go back.
    pub async fn begin_drift_repair(
        &self,
        drift: FoundDrift,
        begin: RepairBegin,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let id = drift.id();
                let request: Option<Option<String>> =
                    sqlx::query_scalar("SELECT request_id FROM drift_items WHERE id = $1")
                        .bind(id.as_str())
                        .fetch_optional(&mut *connection)
                        .await?;
                let request = request.flatten().map(RequestId);
                count(connection, &drift, (request.as_ref(), now)).await?;
                sqlx::query(
                    "UPDATE drift_items SET asked_at = NULL, request_id = NULL WHERE id = $1",
                )
                .bind(id.as_str())
                .execute(&mut *connection)
                .await?;
                tell(connection, &drift, begin, (request, now)).await
            })
        })
        .await
    }
}

/// Counts a repair.
async fn count(
    connection: &mut SqliteConnection,
    drift: &FoundDrift,
    (request, now): (Option<&RequestId>, Timestamp),
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO drift_repairs (item, at, found, request_id) VALUES ($1, $2, $3, $4)")
        .bind(drift.id().as_str())
        .bind(now.as_millisecond())
        .bind(&drift.difference.found)
        .bind(request.map(|request| request.0.as_str()))
        .execute(connection)
        .await?;
    Ok(())
}

async fn ask(
    connection: &mut SqliteConnection,
    item: &DriftItem,
    (cause, now): (&Cause, Timestamp),
) -> Result<(), StoreError> {
    let kind = item.found.difference.kind;
    if matches!(kind.remedy(), DriftRemedy::Person(_)) || item.repair_is_asked {
        return Ok(());
    }
    sqlx::query("UPDATE drift_items SET asked_at = $1, request_id = $2 WHERE id = $3")
        .bind(now.as_millisecond())
        .bind(cause.request.as_ref().map(|request| request.0.as_str()))
        .bind(item.id.as_str())
        .execute(&mut *connection)
        .await?;
    let entry = Entry::of_drift(&item.found, DriftEvent::RepairRequested).by(cause);
    record(connection, entry, now).await
}

async fn tell(
    connection: &mut SqliteConnection,
    drift: &FoundDrift,
    begin: RepairBegin,
    (request, now): (Option<RequestId>, Timestamp),
) -> Result<(), StoreError> {
    match begin {
        RepairBegin::Restarted(restart) => {
            let Restart { mut user, phase } = *restart;
            user.phase = phase;
            user.phase_since = now;
            // The work is not that of the request that last asked for something.
            user.requested_by.clone_from(&request);
            clear_problem(&mut user);
            write_user(connection, &mut user, now).await?;
            touch(connection, user.tenant, now).await?;
        }
        RepairBegin::Tagged => {}
        RepairBegin::Accepted(known) => know(connection, &drift.cache, &known).await?,
    }
    let cause = Cause::asked_for_by(request);
    let entry = Entry::of_drift(drift, DriftEvent::RepairBegun).by(&cause);
    record(connection, entry, now).await
}
