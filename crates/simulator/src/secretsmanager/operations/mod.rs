//! The operations, one file each.
//!
//! Every operation reads its request whole, then looks up and checks, and only then changes
//! anything.

mod cancel_rotate_secret;
mod create_secret;
mod delete_secret;
mod describe_secret;
mod get_random_password;
mod get_secret_value;
mod list_secret_version_ids;
mod list_secrets;
mod put_secret_value;
mod restore_secret;
mod rotate_secret;
mod tag_resource;
mod untag_resource;
mod update_secret;
mod update_secret_version_stage;

use serde_json::{Map, Value, json};

use super::Call;
use super::error::SecretsError;
use super::secret::Secret;
use super::vault::Vault;

/// Runs the operation that the call names.
pub(super) fn run(vault: &mut Vault, call: &mut Call<'_>) -> Result<Value, SecretsError> {
    match call.operation {
        "CancelRotateSecret" => cancel_rotate_secret::cancel_rotate_secret(vault, call),
        "CreateSecret" => create_secret::create_secret(vault, call),
        "DeleteSecret" => delete_secret::delete_secret(vault, call),
        "DescribeSecret" => describe_secret::describe_secret(vault, call),
        "GetRandomPassword" => get_random_password::get_random_password(call),
        "GetSecretValue" => get_secret_value::get_secret_value(vault, call),
        "ListSecretVersionIds" => list_secret_version_ids::list_secret_version_ids(vault, call),
        "ListSecrets" => list_secrets::list_secrets(vault, call),
        "PutSecretValue" => put_secret_value::put_secret_value(vault, call),
        "RestoreSecret" => restore_secret::restore_secret(vault, call),
        "RotateSecret" => rotate_secret::rotate_secret(vault, call),
        "TagResource" => tag_resource::tag_resource(vault, call),
        "UntagResource" => untag_resource::untag_resource(vault, call),
        "UpdateSecret" => update_secret::update_secret(vault, call),
        "UpdateSecretVersionStage" => {
            update_secret_version_stage::update_secret_version_stage(vault, call)
        }
        _ => Err(SecretsError::unknown_operation()),
    }
}

/// The response of most operations that change a secret: which one it was, and perhaps more.
fn receipt(secret: &Secret, more: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut members = Map::new();
    members.insert("ARN".to_owned(), json!(secret.arn));
    members.insert("Name".to_owned(), json!(secret.name));
    members.extend(more.into_iter().map(|(member, value)| (member.to_owned(), value)));
    Value::Object(members)
}
