//! The group committer: one writer for each user group.
//!
//! All tenants that wait are sent as one `ModifyUserGroup`, because AWS takes one change at a time
//! and each takes a while. AWS refuses a call whole for one bad user, so after a refusal the next
//! change is half as large, down to one user, who then alone has the problem; after a success it
//! may be twice as large again.

use tracing::{info, warn};

use super::failure::StepError;
use crate::{
    cloud::{Cloud, CloudError, CloudErrorKind},
    domain::{GroupChange, GroupView, TenantProblemCode, UserId},
};

/// The most users that one change touches. AWS publishes no limit; a group holds 100 by default.
const BATCH_MAX: usize = 100;

/// Decides how large a change may be.
#[derive(Debug)]
pub(super) struct Committer {
    batch_limit: usize,
}

/// What came of the users that waited.
#[derive(Debug)]
pub(super) enum Commit {
    /// There was nothing to send, or the group is being changed.
    Nothing,
    /// A change is under way.
    Sent,
    /// The change was refused as a whole: the next one is smaller.
    Split,
    /// These users could not be sent, for this reason.
    Failed { users: Vec<UserId>, reason: StepError },
}

impl Default for Committer {
    fn default() -> Self {
        Self { batch_limit: BATCH_MAX }
    }
}

impl Committer {
    /// Sends one change for all that wait.
    pub(super) async fn commit(
        &mut self,
        cloud: &Cloud,
        group: &str,
        seen: &GroupView,
        joining: &[UserId],
        leaving: &[UserId],
    ) -> Commit {
        let Some(change) = GroupChange::gather(seen, joining, leaving, self.batch_limit) else {
            return Commit::Nothing;
        };
        match cloud.modify_group(group, &change).await {
            Ok(_group) => {
                info!(
                    user_group = group,
                    adds = change.adds.len(),
                    removes = change.removes.len(),
                    "user group change sent"
                );
                self.batch_limit = (self.batch_limit * 2).min(BATCH_MAX);
                Commit::Sent
            }
            Err(error) => self.refused(group, change, error),
        }
    }

    fn refused(&mut self, group: &str, change: GroupChange, error: CloudError) -> Commit {
        if is_about_a_member(&error) && change.len() > 1 {
            self.batch_limit = change.len() / 2;
            warn!(user_group = group, users = change.len(), error = %error,
                "user group change refused, trying with half of it");
            return Commit::Split;
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

fn is_group_missing(error: &CloudError) -> bool {
    error.is("UserGroupNotFound") || error.is("UserGroupNotFoundFault")
}

fn reason(error: CloudError) -> StepError {
    let detail = error.detail.clone();
    let code = error.code.clone().unwrap_or_default();
    match code.strip_suffix("Fault").unwrap_or(&code) {
        // Modelled for CreateUserGroup only, so the code is compared and not the SDK's variant.
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
        let mut committer = Committer::default();
        let poison = || error(CloudErrorKind::Refused, "DuplicateUserName");
        let mut sizes = vec![];
        let mut size = 20;
        while let Commit::Split = committer.refused("g", change(size), poison()) {
            size = committer.batch_limit;
            sizes.push(size);
        }
        assert_eq!(sizes, [10, 5, 2, 1]);
        assert_eq!(committer.batch_limit, 2);
    }

    #[test]
    fn a_refusal_that_is_nobodys_fault_does_not_shrink_the_batch() {
        let mut committer = Committer::default();
        for (kind, code) in [
            (CloudErrorKind::Busy, "InvalidUserGroupState"),
            (CloudErrorKind::Throttled, "Throttling"),
            (CloudErrorKind::NotFound, "UserGroupNotFound"),
        ] {
            let commit = committer.refused("g", change(20), error(kind, code));
            assert!(matches!(commit, Commit::Failed { users, .. } if users.len() == 20), "{code}");
        }
        assert_eq!(committer.batch_limit, BATCH_MAX);
    }
}
