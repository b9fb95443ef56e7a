//! `UpdateSecret`.

use serde_json::{Value, json};

use super::receipt;
use crate::secretsmanager::Call;
use crate::secretsmanager::arn::SecretId;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::labels::StagingLabel;
use crate::secretsmanager::value::SecretValue;
use crate::secretsmanager::vault::Vault;
use crate::secretsmanager::version_id::VersionId;

/// Changes a secret's description or key, and adds an `AWSCURRENT` version if the request
/// brings a value.
///
/// Unlike `PutSecretValue` it is not idempotent: a token that made a version is refused, same
/// value or not.
pub(super) fn update_secret(vault: &mut Vault, call: &Call<'_>) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    fields.refuse(&["Type"])?;
    let id = SecretId::from_fields(&fields, call)?;
    let token = VersionId::from_token(&fields)?;
    let value = SecretValue::from_fields(&fields, call)?;
    let description = fields.text("Description", 0..=2048)?;
    let kms_key_id = fields.text("KmsKeyId", 0..=2048)?;

    let secret = vault.find_mut(&id)?;
    secret.refuse_if_deleted()?;
    if secret.versions.get(&token).is_some() {
        return Err(secret.token_in_use(&token));
    }
    let before = secret.current();
    let version_id = value.is_some().then(|| ("VersionId", json!(token)));
    if let Some(value) = value {
        secret.versions.add(token, value, vec![StagingLabel::current()], call)?;
    }
    if let Some(description) = description {
        secret.description = nonempty(description);
    }
    if let Some(kms_key_id) = kms_key_id {
        secret.kms_key_id = nonempty(kms_key_id);
    }
    secret.note_change(before.as_ref(), call);
    Ok(receipt(secret, version_id))
}

/// An empty text takes the old one away.
fn nonempty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
