//! What the worker makes of what its tasks report.

use std::sync::Arc;

use tracing::debug;

use super::{
    CacheView,
    awaited::UserCall,
    caches::Cache,
    committer::Commit,
    failure::StepError,
    hindrance::fail,
    pass::Memory,
    rotations::{self, Turning},
    step::{StepEnd, Traveller},
    tasks::{AtTheGroup, ChangeOrder, Looked, Report, Seen, Sent},
};
use crate::{
    domain::{CacheUser, Phase, Revision, RotationPhase, UserId},
    store::StoreError,
};

impl Memory {
    /// Takes what a task has come to.
    pub(super) async fn take(&mut self, cache: &Cache, report: Report) -> Result<(), StoreError> {
        match report {
            Report::User(it, end) => self.user_came(*it, end),
            Report::Rotation(it, end) => self.rotation_came(*it, end),
            Report::Attested { attestation, waits } => {
                if waits {
                    self.resting.insert(attestation.0, Revision(0));
                }
            }
            Report::Told => {}
            Report::Looked(looked) => self.looked(cache, looked).await?,
            Report::Sent(sent) => {
                self.sent(cache, sent).await?;
                cache.learn_quota(self.committer.learned_quota());
            }
        }
        Ok(())
    }

    fn user_came(&mut self, it: Traveller, end: Option<StepEnd>) {
        let Traveller { user, fresh, called } = it;
        let row = user.id.0;
        self.resting.remove(&row);
        self.to_be_found.remove(&user.id);
        if called {
            // Only of these does AWS show the effect later.
            let kind = match user.phase {
                Phase::JoiningGroup => Some(UserCall::Made),
                Phase::Attesting => Some(UserCall::Modified),
                Phase::AwaitingRemoval => Some(UserCall::Removed),
                _ => None,
            };
            if let Some(kind) = kind {
                self.lookout.called(user.id, kind);
            }
        } else {
            self.lookout.keep_covered(row, user.revision, fresh);
        }
        if !matches!(user.phase, Phase::StoringSecret | Phase::CreatingUser) {
            self.tools.new_passwords.forget(user.id);
        }
        if matches!(user.phase, Phase::Active | Phase::Deleted) {
            // A roll-out has room for the next, and who is relieved may go.
            self.chores_due = true;
        }
        if end == Some(StepEnd::Waiting) {
            self.resting.insert(row, user.revision);
            if user.phase == Phase::CreatingUser {
                self.to_be_found.insert(user.id);
            }
        }
    }

    fn rotation_came(&mut self, it: Turning, end: StepEnd) {
        let Turning { rotation, user, fresh, called } = it;
        let row = rotation.id.0;
        self.resting.remove(&row);
        // One that is over makes room for the next.
        self.chores_due = true;
        if called {
            if matches!(rotation.phase, RotationPhase::Testing | RotationPhase::Proving) {
                self.lookout.called(user.id, UserCall::Modified);
            }
        } else {
            self.lookout.keep_covered(row, rotation.revision, fresh);
        }
        if end == StepEnd::Waiting {
            self.resting.insert(row, rotation.revision);
        }
    }

    async fn looked(&mut self, cache: &Cache, looked: Looked) -> Result<(), StoreError> {
        let Looked { look, began, by_clock, covered, seen } = looked;
        self.lookout.end(look, began, seen.is_ok());
        self.resting.clear();
        match seen {
            Err(error) => {
                self.look_again_soon(look);
                let observed = cache.view().observed;
                cache.publish(CacheView { observed, failure: Some(error.detail) });
                return Ok(());
            }
            Ok(Seen::Everything(seen)) => {
                self.lookout.saw_everything(*seen, &covered);
                (self.chores.may_be_outdated, self.chores_due) = (true, true);
            }
            Ok(Seen::Parts { users, group }) => {
                if let Some(group) = group {
                    self.lookout.saw_group((began, group), covered.clone());
                }
                if let Some(users) = users {
                    self.lookout.saw_users(users, by_clock, covered);
                }
            }
        }
        self.publish(cache).await
    }

    async fn publish(&self, cache: &Cache) -> Result<(), StoreError> {
        let Some(seen) = self.lookout.seen() else { return Ok(()) };
        cache.learn_quota(self.committer.learned_quota());
        let ours = self.tools.store.user_ids(&cache.config().name).await?;
        cache.publish(seen.view(self.tools.clock.as_ref(), &ours));
        Ok(())
    }

    /// Takes AWS's answer to a change of the group, and tells those who waited in vain.
    async fn sent(&mut self, cache: &Cache, sent: Sent) -> Result<(), StoreError> {
        let Sent { at, order, answer } = sent;
        let ChangeOrder { change, members, covered, waiting } = order;
        let refusal = match answer {
            Ok(group) => {
                let joins = |user: &&CacheUser| change.adds.contains(&user.user_id);
                self.joins_sent.extend(waiting.users.iter().filter(joins).map(|user| user.id));
                self.lookout.sent(at, group, covered);
                None
            }
            Err(error) => {
                self.lookout.not_sent();
                Some(error)
            }
        };
        let is_about_a_user = refusal.as_ref().is_some_and(|error| error.is("InvalidUserState"));
        let group = (self.config.user_group.as_str(), members);
        let users = change.len();
        let commit = self.committer.answered(group, change, refusal);
        cache.metrics().answered(users, &commit);
        match commit {
            Commit::Sent | Commit::Split => Ok(()),
            Commit::Failed { users, reason: StepError::Busy } if is_about_a_user => {
                self.rest_until_a_look(&waiting, &users);
                Ok(())
            }
            Commit::Failed { users, reason: StepError::Busy } => {
                debug!(users = users.len(), "the group is being changed by somebody else");
                self.lookout.is_busy();
                Ok(())
            }
            Commit::Failed { users, reason } => self.tell(waiting, &users, reason).await,
        }
    }

    /// AWS is at work on these users: they are looked at before they are sent again.
    fn rest_until_a_look(&mut self, waiting: &AtTheGroup, failed: &[UserId]) {
        let users = waiting.users.iter().filter(|user| failed.contains(&user.user_id));
        let rotations = waiting.rotations.iter().filter(|(user, _)| failed.contains(user));
        let rows = users
            .map(|user| (user.id.0, user.revision))
            .chain(rotations.map(|(_, rotation)| (rotation.id.0, rotation.revision)));
        self.resting.extend(rows);
    }

    async fn tell(
        &self,
        waiting: AtTheGroup,
        failed: &[UserId],
        reason: StepError,
    ) -> Result<(), StoreError> {
        let tools = Arc::clone(&self.tools);
        for (user, rotation) in waiting.rotations {
            if failed.contains(&user) {
                rotations::hinder(&tools, rotation, &reason).await?;
            }
        }
        let failed: Vec<_> =
            waiting.users.into_iter().filter(|user| failed.contains(&user.user_id)).collect();
        fail(&tools, &failed, reason).await
    }
}
