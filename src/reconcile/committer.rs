//! The group committer: one writer for each user group.
//!
//! All tenants that wait are sent as one `ModifyUserGroup`, because AWS takes one change at a time
//! and each takes a while. AWS refuses a call whole for one bad user, so after a refusal the next
//! change is half as large, down to one user, who then alone has the problem; after a success it
//! may be twice as large again. That a group is full is no one's problem: it is a fact about the
//! group, by which nobody is sent for a while who would find no place.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::Instant;
use tracing::{info, warn};

use super::failure::StepError;
use crate::{
    cloud::{CloudError, CloudErrorKind},
    domain::{
        ChangeLimits, Gathered, GroupChange, GroupView, GroupWishes, TenantProblemCode, UserId,
    },
};

/// The most users that one change touches. AWS publishes no limit; a group holds 100 by default.
const BATCH_MAX: usize = 100;
/// How long a group is taken for full at the size at which AWS refused more. Quotas can be raised.
const FACT_LIFETIME: Duration = Duration::from_mins(15);

/// Decides what is sent, and what a refusal means.
#[derive(Debug)]
pub(super) struct Committer {
    quota: u32,
    batch_limit: usize,
    learned: Option<(u32, Instant)>,
}

/// What came of a change that was sent.
#[derive(Debug)]
pub(super) enum Commit {
    /// It is under way.
    Sent,
    /// It was refused as a whole: the next one is smaller.
    Split,
    /// These users could not be sent, for this reason.
    Failed { users: Vec<UserId>, reason: StepError },
}

impl Committer {
    /// For a group that is configured to hold so many users.
    pub(super) fn new(quota: u32) -> Self {
        Self { quota, batch_limit: BATCH_MAX, learned: None }
    }

    /// The change for those who wait. A place is kept for those in `kept`.
    pub(super) fn gather(
        &self,
        group: &GroupView,
        wishes: &GroupWishes,
        kept: BTreeSet<UserId>,
    ) -> Gathered {
        let quota = self.learned_quota().unwrap_or(self.quota).min(self.quota);
        let quota = usize::try_from(quota).unwrap_or(usize::MAX);
        wishes.gather(group, &ChangeLimits { batch: self.batch_limit, quota, kept })
    }

    /// The size at which AWS refused more, if it did lately.
    pub(super) fn learned_quota(&self) -> Option<u32> {
        self.learned.filter(|(_, at)| at.elapsed() < FACT_LIFETIME).map(|(size, _)| size)
    }

    /// Takes AWS's answer to a change of a group that had these members.
    pub(super) fn answered(
        &mut self,
        (group, members): (&str, usize),
        change: GroupChange,
        refusal: Option<CloudError>,
    ) -> Commit {
        let Some(error) = refusal else {
            let (adds, removes) = (change.adds.len(), change.removes.len());
            info!(user_group = group, adds, removes, "user group change sent");
            self.batch_limit = (self.batch_limit * 2).min(BATCH_MAX);
            return Commit::Sent;
        };
        if is_about_a_member(&error) && change.len() > 1 {
            self.batch_limit = change.len() / 2;
            warn!(user_group = group, users = change.len(), error = %error,
                "user group change refused, trying with half of it");
            return Commit::Split;
        }
        if is_over_quota(&error) {
            warn!(user_group = group, members, "the user group is full");
            self.learned = Some((u32::try_from(members).unwrap_or(u32::MAX), Instant::now()));
        }
        // Alone it has had its turn; those behind it need not be sent alone too.
        self.batch_limit = (self.batch_limit * 2).min(BATCH_MAX);
        let users = change.adds.into_iter().chain(change.removes).collect();
        Commit::Failed { users, reason: reason(error) }
    }
}

/// Whether the refusal may be the fault of one user in the change.
fn is_about_a_member(error: &CloudError) -> bool {
    match error.kind {
        CloudErrorKind::Refused | CloudErrorKind::AlreadyExists => true,
        // A user that is being changed; a group that is being changed refuses every size.
        CloudErrorKind::Busy => error.is("InvalidUserState"),
        CloudErrorKind::NotFound => !is_group_missing(error),
        CloudErrorKind::Unknown | CloudErrorKind::Throttled | CloudErrorKind::Denied => false,
    }
}

/// Modelled for `CreateUserGroup` only, so the code is compared and not the SDK's variant.
fn is_over_quota(error: &CloudError) -> bool {
    error.is("UserGroupQuotaExceeded") || error.is("UserGroupQuotaExceededFault")
}

fn is_group_missing(error: &CloudError) -> bool {
    error.is("UserGroupNotFound") || error.is("UserGroupNotFoundFault")
}

fn reason(error: CloudError) -> StepError {
    let detail = error.detail.clone();
    let code = error.code.clone().unwrap_or_default();
    match code.strip_suffix("Fault").unwrap_or(&code) {
        "UserGroupQuotaExceeded" => StepError::problem(TenantProblemCode::UserGroupFull, detail),
        "DuplicateUserName" => StepError::problem(TenantProblemCode::UserNameTaken, detail),
        "UserGroupNotFound" => StepError::problem(TenantProblemCode::UserGroupMissing, detail),
        // For example a removal of a user that has left by itself: the next look tells.
        "InvalidParameterValue" => StepError::problem(TenantProblemCode::CloudUnavailable, detail),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Urgency;

    fn change(n_users: usize) -> GroupChange {
        let adds = (0..n_users).map(|i| UserId::new(&format!("u{i}"))).collect();
        GroupChange { adds, removes: vec![] }
    }

    fn error(kind: CloudErrorKind, code: &str) -> CloudError {
        let code = Some(code.to_owned());
        CloudError { operation: "ModifyUserGroup", kind, code, detail: String::new() }
    }

    #[test]
    fn a_refused_batch_is_halved_until_one_user_has_the_problem_alone() {
        let mut committer = Committer::new(100);
        let poison = || Some(error(CloudErrorKind::Refused, "DuplicateUserName"));
        let mut sizes = vec![];
        let mut size = 20;
        while let Commit::Split = committer.answered(("g", 0), change(size), poison()) {
            size = committer.batch_limit;
            sizes.push(size);
        }
        assert_eq!(sizes, [10, 5, 2, 1]);
        assert_eq!(committer.batch_limit, 2);
    }

    #[test]
    fn a_refusal_that_is_nobodys_fault_does_not_shrink_the_batch() {
        let mut committer = Committer::new(100);
        for (kind, code) in [
            (CloudErrorKind::Busy, "InvalidUserGroupState"),
            (CloudErrorKind::Throttled, "Throttling"),
            (CloudErrorKind::NotFound, "UserGroupNotFound"),
        ] {
            let commit = committer.answered(("g", 0), change(20), Some(error(kind, code)));
            assert!(matches!(commit, Commit::Failed { users, .. } if users.len() == 20), "{code}");
        }
        assert_eq!(committer.batch_limit, BATCH_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_group_is_a_fact_for_a_while_and_nobody_is_sent() {
        let mut committer = Committer::new(100);
        let full = || Some(error(CloudErrorKind::Refused, "UserGroupQuotaExceeded"));
        let commit = committer.answered(("g", 40), change(1), full());
        assert!(matches!(commit, Commit::Failed { .. }));
        let members = (0..40).map(|i| UserId::new(&format!("m{i}"))).collect();
        let mut group = GroupView { is_active: true, members, ..GroupView::default() };
        let late = (UserId::new("late"), Urgency::Urgent);
        let wishes = GroupWishes { joining: vec![late.clone()], leaving: vec![] };
        let gathered = committer.gather(&group, &wishes, BTreeSet::new());
        assert!(gathered.change.is_empty());
        assert_eq!(gathered.without_place, std::slice::from_ref(&late.0));
        group.members.pop_first();
        let gathered = committer.gather(&group, &wishes, BTreeSet::new());
        assert_eq!(gathered.change.adds, [late.0], "a place has become free");
        tokio::time::advance(FACT_LIFETIME).await;
        assert_eq!(committer.learned_quota(), None, "quotas can be raised");
    }
}
