//! User groups.

use std::collections::BTreeMap;

use aws_sdk_elasticache::{
    operation::{
        describe_user_groups::DescribeUserGroupsInput, modify_user_group::ModifyUserGroupInput,
    },
    types::UserGroup,
};

use super::{Cloud, CloudError, pages::next_page};
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
        report(OPERATION, group)
    }

    /// All user groups of the Region by their ids, in pages of 100.
    pub(super) async fn list_groups(&self) -> Result<BTreeMap<String, GroupReport>, CloudError> {
        const OPERATION: &str = "DescribeUserGroups";
        let (mut groups, mut marker) = (BTreeMap::new(), None);
        loop {
            let call = DescribeUserGroupsInput::builder().max_records(100);
            let page = self.send(call.set_marker(marker.clone())).await?;
            for group in page.user_groups.unwrap_or_default() {
                let id = group.user_group_id.clone();
                let id = id.ok_or_else(|| CloudError::incomplete(OPERATION, "UserGroupId"))?;
                groups.insert(id, report(OPERATION, group)?);
            }
            marker = next_page(OPERATION, marker.as_deref(), page.marker)?;
            if marker.is_none() {
                return Ok(groups);
            }
        }
    }

    /// Sends one change. AWS takes it whole or refuses it whole. The answer is a look at the group:
    /// with its old members, and the change under way.
    pub async fn modify_group(
        &self,
        group: &str,
        change: &GroupChange,
    ) -> Result<GroupReport, CloudError> {
        const OPERATION: &str = "ModifyUserGroup";
        let list = |ids: &[UserId]| {
            (!ids.is_empty()).then(|| ids.iter().map(ToString::to_string).collect())
        };
        let call = ModifyUserGroupInput::builder()
            .user_group_id(group)
            .set_user_ids_to_add(list(&change.adds))
            .set_user_ids_to_remove(list(&change.removes));
        let answer = self.send(call).await?;
        let shown = UserGroup::builder()
            .set_arn(answer.arn)
            .set_status(answer.status)
            .set_engine(answer.engine)
            .set_user_ids(answer.user_ids)
            .set_pending_changes(answer.pending_changes);
        report(OPERATION, shown.build())
    }
}

fn report(operation: &'static str, group: UserGroup) -> Result<GroupReport, CloudError> {
    let missing = |what| CloudError::incomplete(operation, what);
    let status = group.status.ok_or_else(|| missing("Status"))?;
    let ids = |ids: Option<Vec<String>>| {
        ids.unwrap_or_default().iter().map(|id| UserId::new(id)).collect()
    };
    let (adds, removes) =
        group.pending_changes.map_or((None, None), |p| (p.user_ids_to_add, p.user_ids_to_remove));
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
