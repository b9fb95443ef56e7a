//! User groups.

use aws_sdk_elasticache::operation::{
    describe_user_groups::DescribeUserGroupsInput, modify_user_group::ModifyUserGroupInput,
};

use super::{Cloud, CloudError};
use crate::domain::{GroupChange, GroupView, UserId};

/// A user group as `DescribeUserGroups` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupReport {
    /// Its ARN, from which the ARNs of its Region's users follow.
    pub arn: String,
    /// AWS's word for its state.
    pub status: String,
    /// Its engine, which its users need too.
    pub engine: String,
    /// Its members and the change under way.
    pub view: GroupView,
}

impl GroupReport {
    /// The ARN of a user in the same account and Region.
    #[must_use]
    pub fn user_arn(&self, user: &UserId) -> String {
        match self.arn.split_once(":usergroup:") {
            Some((account, _group)) => format!("{account}:user:{user}"),
            None => format!("arn:aws:elasticache:::user:{user}"),
        }
    }
}

impl Cloud {
    /// Reads a user group.
    pub async fn user_group(&self, group: &str) -> Result<GroupReport, CloudError> {
        const OPERATION: &str = "DescribeUserGroups";
        let answer = self.send(DescribeUserGroupsInput::builder().user_group_id(group)).await?;
        let group = answer
            .user_groups
            .and_then(|groups| groups.into_iter().next())
            .ok_or_else(|| CloudError::not_found(OPERATION, "such user group"))?;
        let missing = |what| CloudError::incomplete(OPERATION, what);
        let status = group.status.ok_or_else(|| missing("Status"))?;
        let pending = group.pending_changes;
        let ids = |ids: Option<Vec<String>>| {
            ids.unwrap_or_default().iter().map(|id| UserId::new(id)).collect()
        };
        let (adds, removes) =
            pending.map_or((None, None), |p| (p.user_ids_to_add, p.user_ids_to_remove));
        Ok(GroupReport {
            arn: group.arn.ok_or_else(|| missing("ARN"))?,
            engine: group.engine.ok_or_else(|| missing("Engine"))?.to_ascii_lowercase(),
            view: GroupView {
                is_active: status == "active",
                members: ids(group.user_ids),
                pending_adds: ids(adds),
                pending_removes: ids(removes),
            },
            status,
        })
    }

    /// Sends one change. AWS takes it whole or refuses it whole.
    pub async fn modify_group(&self, group: &str, change: &GroupChange) -> Result<(), CloudError> {
        let list = |ids: &[UserId]| {
            (!ids.is_empty()).then(|| ids.iter().map(ToString::to_string).collect())
        };
        let call = ModifyUserGroupInput::builder()
            .user_group_id(group)
            .set_user_ids_to_add(list(&change.adds))
            .set_user_ids_to_remove(list(&change.removes));
        self.send(call).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_arn_follows_from_its_groups() {
        let group = GroupReport {
            arn: "arn:aws-cn:elasticache:cn-north-1:123456789012:usergroup:tenants".to_owned(),
            status: "active".to_owned(),
            engine: "valkey".to_owned(),
            view: GroupView::default(),
        };
        assert_eq!(
            group.user_arn(&UserId::new("rf-acme")),
            "arn:aws-cn:elasticache:cn-north-1:123456789012:user:rf-acme"
        );
    }
}
