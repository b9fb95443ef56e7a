//! What the reconciler writes down: how far the work on a user has come.

use jiff::Timestamp;

use super::{
    Store, StoreError,
    attestations::finish,
    events::{Entry, UserEvent, record},
    schedules::first_password_is_stored,
    write::{clear_problem, touch, write_user},
};
use crate::domain::{AccessRevision, Attestation, CacheUser, Phase, TenantProblem};

/// How far the work on a user has come.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Its phase now.
    pub phase: Phase,
    /// The rights that AWS was given for it on the way.
    pub access: Option<AccessRevision>,
    /// The attestation that brought it there.
    pub attestation: Option<Attestation>,
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
        self.save(changed, Some(event), progress.attestation, now).await
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
        mut user: CacheUser,
        event: Option<UserEvent>,
        attestation: Option<Attestation>,
        now: Timestamp,
    ) -> Result<CacheUser, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                if user.phase == Phase::CreatingUser {
                    first_password_is_stored(connection, user.id, now).await?;
                }
                match &attestation {
                    Some(attestation) => {
                        finish(connection, &mut user, attestation, now).await?;
                    }
                    None => write_user(connection, &mut user, now).await?,
                }
                if let Some(event) = event {
                    record(connection, Entry::of_user(&user, event), now).await?;
                }
                touch(connection, user.tenant, now).await?;
                Ok(user)
            })
        })
        .await
    }
}
