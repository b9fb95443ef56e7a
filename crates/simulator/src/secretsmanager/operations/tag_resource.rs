//! `TagResource`.

use serde_json::{Value, json};

use crate::secretsmanager::Call;
use crate::secretsmanager::arn::SecretId;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::tags::Tags;
use crate::secretsmanager::vault::Vault;

/// Adds tags to a secret and changes the values of those it has.
pub(super) fn tag_resource(vault: &mut Vault, call: &Call<'_>) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    let id = SecretId::from_fields(&fields, call)?;
    let tags = Tags::from_fields(&fields)?.ok_or_else(|| fields.missing("Tags"))?;

    let secret = vault.find_mut(&id)?;
    secret.refuse_if_deleted()?;
    secret.tags = secret.tags.merged(tags, call)?;
    secret.changed_at = call.now;
    Ok(json!({}))
}
