//! `PutSecretValue`.

use serde_json::{Value, json};

use super::receipt;
use crate::secretsmanager::Call;
use crate::secretsmanager::arn::SecretId;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::labels::StagingLabel;
use crate::secretsmanager::secret::Secret;
use crate::secretsmanager::value::SecretValue;
use crate::secretsmanager::vault::Vault;
use crate::secretsmanager::version_id::VersionId;

/// Adds a version. Unless the request names other labels, it is `AWSCURRENT` at once.
pub(super) fn put_secret_value(vault: &mut Vault, call: &Call<'_>) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    fields.refuse(&["RotationToken"])?;
    let id = SecretId::from_fields(&fields, call)?;
    let token = VersionId::from_token(&fields)?;
    let stages = StagingLabel::list_from_fields(&fields)?;
    let value = SecretValue::from_fields(&fields, call)?.ok_or_else(|| {
        SecretsError::invalid_request("You must provide either SecretString or SecretBinary.")
    })?;

    let secret = vault.find_mut(&id)?;
    secret.refuse_if_deleted()?;
    match secret.versions.get(&token) {
        // A repeated request changes nothing, not even where the labels are by now.
        Some(version) if version.value.as_ref() == Some(&value) => {}
        Some(version) if version.value.is_some() => return Err(secret.token_in_use(&token)),
        // A new version, or the empty one that a rotation began with.
        _ => {
            let before = secret.current();
            let stages = stages.unwrap_or_else(|| vec![StagingLabel::current()]);
            secret.versions.add(token.clone(), value, stages, call)?;
            secret.note_change(before.as_ref(), call);
        }
    }
    Ok(version_receipt(secret, &token))
}

fn version_receipt(secret: &Secret, id: &VersionId) -> Value {
    let labels = secret.versions.labels_of(id);
    // A list that has become empty is left out, like everything without a value.
    let stages = (!labels.is_empty()).then(|| ("VersionStages", json!(labels)));
    receipt(secret, [("VersionId", json!(id))].into_iter().chain(stages))
}
