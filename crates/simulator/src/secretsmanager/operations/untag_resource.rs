//! `UntagResource`.

use serde_json::{Value, json};

use crate::secretsmanager::Call;
use crate::secretsmanager::arn::SecretId;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::vault::Vault;

/// Removes tags from a secret by key.
pub(super) fn untag_resource(vault: &mut Vault, call: &Call<'_>) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    let id = SecretId::from_fields(&fields, call)?;
    let keys = fields.texts("TagKeys", 0..=usize::MAX, 1..=128)?;
    let keys = keys.ok_or_else(|| fields.missing("TagKeys"))?;

    let secret = vault.find_mut(&id)?;
    secret.refuse_if_deleted()?;
    secret.tags.remove(&keys);
    secret.changed_at = call.now;
    Ok(json!({}))
}
