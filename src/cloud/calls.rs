//! Every call that Ringfence sends to AWS, and the clients that send them.
//!
//! A call is an input of the SDK. The clients are visible in this file only, so that nothing can be
//! sent but by [`Call::send`], and what is not in this list is no call.

use aws_sdk_elasticache::error::{ProvideErrorMetadata, SdkError};

use super::pacing::Quota;

/// The SDK's clients.
pub(super) struct Clients {
    elasticache: aws_sdk_elasticache::Client,
    secrets_manager: aws_sdk_secretsmanager::Client,
}

impl Clients {
    pub(super) fn new(
        elasticache: aws_sdk_elasticache::Client,
        secrets_manager: aws_sdk_secretsmanager::Client,
    ) -> Self {
        Self { elasticache, secrets_manager }
    }
}

/// Something to be sent to AWS once. Never to be formatted: inputs print passwords.
pub(super) trait Call {
    /// The service, as AWS names it.
    const SERVICE: &'static str;
    /// The operation, as AWS names it.
    const OPERATION: &'static str;
    /// What AWS counts it as.
    const QUOTA: Quota;
    /// What AWS answers.
    type Answer;
    /// What AWS may object.
    type Fault: ProvideErrorMetadata + std::error::Error + 'static;

    /// Sends it, without asking whether there are too many already.
    fn send(
        self,
        clients: &Clients,
    ) -> impl Future<Output = Result<Self::Answer, SdkError<Self::Fault>>> + Send;
}

/// A client, its service, and its calls: operation, quota, where the SDK has it, input, answer and fault.
macro_rules! calls {
    ($sdk:ident $client:ident $service:literal $(
        $operation:ident $quota:expr,
        $module:ident::{$input:ident, $answer:ident, $fault:ident};
    )+) => {$(
        impl Call for $sdk::operation::$module::builders::$input {
            const SERVICE: &'static str = $service;
            const OPERATION: &'static str = stringify!($operation);
            const QUOTA: Quota = $quota;
            type Answer = $sdk::operation::$module::$answer;
            type Fault = $sdk::operation::$module::$fault;

            async fn send(
                self,
                clients: &Clients,
            ) -> Result<Self::Answer, SdkError<Self::Fault>> {
                self.send_with(&clients.$client).await
            }
        }
    )+};
}

/// AWS does not say how fast `ElastiCache` may be called, nor that it counts calls together.
const fn unpublished(operation: &'static str) -> Quota {
    Quota { name: operation, published_rate: None }
}

/// Of Secrets Manager it does, in calls per second:
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>.
const fn published(operation: &'static str, rate: u32) -> Quota {
    Quota { name: operation, published_rate: Some(rate) }
}

/// These are counted together.
const CHANGES_OF_SECRETS: Quota = published("PutSecretValue", 50);

calls! { aws_sdk_elasticache elasticache "ElastiCache"
    CreateUser unpublished("CreateUser"),
        create_user::{CreateUserInputBuilder, CreateUserOutput, CreateUserError};
    ModifyUser unpublished("ModifyUser"),
        modify_user::{ModifyUserInputBuilder, ModifyUserOutput, ModifyUserError};
    DeleteUser unpublished("DeleteUser"),
        delete_user::{DeleteUserInputBuilder, DeleteUserOutput, DeleteUserError};
    DescribeUsers unpublished("DescribeUsers"),
        describe_users::{DescribeUsersInputBuilder, DescribeUsersOutput, DescribeUsersError};
    AddTagsToResource unpublished("AddTagsToResource"),
        add_tags_to_resource::{
            AddTagsToResourceInputBuilder, AddTagsToResourceOutput, AddTagsToResourceError
        };
    ListTagsForResource unpublished("ListTagsForResource"),
        list_tags_for_resource::{
            ListTagsForResourceInputBuilder, ListTagsForResourceOutput, ListTagsForResourceError
        };
    ModifyUserGroup unpublished("ModifyUserGroup"),
        modify_user_group::{
            ModifyUserGroupInputBuilder, ModifyUserGroupOutput, ModifyUserGroupError
        };
    DescribeUserGroups unpublished("DescribeUserGroups"),
        describe_user_groups::{
            DescribeUserGroupsInputBuilder, DescribeUserGroupsOutput, DescribeUserGroupsError
        };
    DescribeReplicationGroups unpublished("DescribeReplicationGroups"),
        describe_replication_groups::{
            DescribeReplicationGroupsInputBuilder, DescribeReplicationGroupsOutput,
            DescribeReplicationGroupsError
        };
    DescribeServerlessCaches unpublished("DescribeServerlessCaches"),
        describe_serverless_caches::{
            DescribeServerlessCachesInputBuilder, DescribeServerlessCachesOutput,
            DescribeServerlessCachesError
        };
}

calls! { aws_sdk_secretsmanager secrets_manager "Secrets Manager"
    CreateSecret published("CreateSecret", 50),
        create_secret::{CreateSecretInputBuilder, CreateSecretOutput, CreateSecretError};
    PutSecretValue CHANGES_OF_SECRETS,
        put_secret_value::{PutSecretValueInputBuilder, PutSecretValueOutput, PutSecretValueError};
    UpdateSecretVersionStage CHANGES_OF_SECRETS,
        update_secret_version_stage::{
            UpdateSecretVersionStageInputBuilder, UpdateSecretVersionStageOutput,
            UpdateSecretVersionStageError
        };
    GetSecretValue published("GetSecretValue", 10_000),
        get_secret_value::{GetSecretValueInputBuilder, GetSecretValueOutput, GetSecretValueError};
    DescribeSecret published("DescribeSecret", 40_000),
        describe_secret::{DescribeSecretInputBuilder, DescribeSecretOutput, DescribeSecretError};
    ListSecrets published("ListSecrets", 100),
        list_secrets::{ListSecretsInputBuilder, ListSecretsOutput, ListSecretsError};
    TagResource published("TagResource", 50),
        tag_resource::{TagResourceInputBuilder, TagResourceOutput, TagResourceError};
    ListSecretVersionIds published("ListSecretVersionIds", 50),
        list_secret_version_ids::{
            ListSecretVersionIdsInputBuilder, ListSecretVersionIdsOutput, ListSecretVersionIdsError
        };
    RestoreSecret published("RestoreSecret", 50),
        restore_secret::{RestoreSecretInputBuilder, RestoreSecretOutput, RestoreSecretError};
    DeleteSecret published("DeleteSecret", 50),
        delete_secret::{DeleteSecretInputBuilder, DeleteSecretOutput, DeleteSecretError};
}
