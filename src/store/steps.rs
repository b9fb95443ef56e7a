//! What the reconciler writes down: how far the work on a user has come.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    attestations::finish,
    drift_expected::note_shown_access,
    events::{Entry, UserEvent, record},
    schedules::first_password_is_stored,
    write::{clear_problem, touch, write_user},
};
use crate::domain::{AccessRevision, Attestation, CacheUser, Phase, ShownAccess, TenantProblem};

/// How far the work on a user has come.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Its phase now.
    pub phase: Phase,
    /// The rights that AWS was given for it on the way.
    pub access: Option<AccessRevision>,
    /// The attestation that brought it there.
    pub attestation: Option<Attestation>,
    /// Whether Secrets Manager holds a password now that it did not hold before.
    pub password_is_new: bool,
    /// What AWS made of its access string, if that cannot be told from what it was given.
    pub shown: Option<ShownAccess>,
}

impl Store {
    /// Writes down that the work on a user has come further.
    pub async fn save_progress(
        &self,
        user: &CacheUser,
        progress: Progress,
        now: Timestamp,
    ) -> Result<CacheUser, StoreError> {
        let mut changed = user.clone();
        changed.phase = progress.phase;
        changed.phase_since = now;
        changed.access = progress.access.or(changed.access);
        if progress.phase == Phase::Active {
            changed.activated_at = changed.activated_at.or(Some(now));
        }
        clear_problem(&mut changed);
        let event = UserEvent::PhaseChanged { to: progress.phase };
        let Progress { attestation, password_is_new, shown, .. } = progress;
        self.write(move |connection| {
            Box::pin(async move {
                if password_is_new {
                    first_password_is_stored(connection, changed.id, now).await?;
                }
                if let Some(shown) = shown {
                    note_shown_access(connection, &changed, shown).await?;
                }
                write_down(connection, changed, (Some(event), attestation), now).await
            })
        })
        .await
    }

    /// Writes down what stands in the way of the work, that one more attempt has failed, and the
    /// attestation that showed it.
    pub async fn save_problem(
        &self,
        user: &CacheUser,
        problem: TenantProblem,
        attestation: Option<Attestation>,
        now: Timestamp,
    ) -> Result<CacheUser, StoreError> {
        let mut changed = user.clone();
        changed.attempts = changed.attempts.saturating_add(1);
        let is_news = user.problem.as_ref().is_none_or(|old| old.code != problem.code);
        let event = is_news.then_some(UserEvent::Hindered { by: problem.code });
        changed.problem = Some(problem);
        self.save(changed, event, attestation, now).await
    }

    pub(super) async fn save(
        &self,
        user: CacheUser,
        event: Option<UserEvent>,
        attestation: Option<Attestation>,
        now: Timestamp,
    ) -> Result<CacheUser, StoreError> {
        self.write(move |connection| {
            Box::pin(write_down(connection, user, (event, attestation), now))
        })
        .await
    }
}

async fn write_down(
    connection: &mut SqliteConnection,
    mut user: CacheUser,
    (event, attestation): (Option<UserEvent>, Option<Attestation>),
    now: Timestamp,
) -> Result<CacheUser, StoreError> {
    match &attestation {
        Some(attestation) => finish(connection, &mut user, attestation, now).await?,
        None => write_user(connection, &mut user, now).await?,
    }
    if let Some(event) = event {
        record(connection, Entry::of_user(&user, event), now).await?;
    }
    touch(connection, user.tenant, now).await?;
    Ok(user)
}
