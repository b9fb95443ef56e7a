//! One file for each operation, or for operations that are each other's mirror image.

mod attach;
mod create_replication_group;
mod create_user;
mod create_user_group;
mod delete_replication_group;
mod delete_user;
mod delete_user_group;
mod describe_caches;
mod describe_events;
mod describe_user_groups;
mod describe_users;
mod modify_replication_group;
mod modify_user;
mod modify_user_group;
mod tagging;
mod test_failover;

use super::refusal::Refusal;
use super::xml::Element;
use super::{Call, ElastiCache};

pub(crate) fn handle(
    state: &mut ElastiCache,
    operation: &str,
    call: &mut Call<'_>,
) -> Result<Vec<Element>, Refusal> {
    match operation {
        "CreateUser" => create_user::handle(state, call),
        "ModifyUser" => modify_user::handle(state, call),
        "DeleteUser" => delete_user::handle(state, call),
        "DescribeUsers" => describe_users::handle(state, call),
        "CreateUserGroup" => create_user_group::handle(state, call),
        "ModifyUserGroup" => modify_user_group::handle(state, call),
        "DeleteUserGroup" => delete_user_group::handle(state, call),
        "DescribeUserGroups" => describe_user_groups::handle(state, call),
        "CreateReplicationGroup" => create_replication_group::handle(state, call),
        "ModifyReplicationGroup" => modify_replication_group::handle(state, call),
        "DeleteReplicationGroup" => delete_replication_group::handle(state, call),
        "DescribeReplicationGroups" => describe_caches::replication_groups(state, call),
        "DescribeServerlessCaches" => describe_caches::serverless(call),
        "TestFailover" => test_failover::handle(state, call),
        "AddTagsToResource" => tagging::add(state, call),
        "RemoveTagsFromResource" => tagging::remove(state, call),
        "ListTagsForResource" => tagging::list(state, call),
        "DescribeEvents" => describe_events::handle(state, call),
        unknown => Err(Refusal::new(
            "InvalidAction",
            format!("The action {unknown} is not valid for this web service."),
        )),
    }
}
