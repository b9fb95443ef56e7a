//! `DescribeSecret`.

use serde_json::Value;

use crate::secretsmanager::Call;
use crate::secretsmanager::arn::SecretId;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::metadata;
use crate::secretsmanager::vault::Vault;

/// Describes a secret, also one that is scheduled for deletion.
pub(super) fn describe_secret(vault: &Vault, call: &Call<'_>) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    let secret = vault.find(&SecretId::from_fields(&fields, call)?)?;
    let mut members = metadata::members(secret);
    if let Some(stages) = metadata::versions_to_stages(secret) {
        members.insert("VersionIdsToStages".to_owned(), stages);
    }
    Ok(Value::Object(members))
}
