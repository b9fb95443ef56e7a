//! `CreateSecret`.

use serde_json::{Value, json};

use super::receipt;
use crate::secretsmanager::Call;
use crate::secretsmanager::arn;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::name::SecretName;
use crate::secretsmanager::secret::Secret;
use crate::secretsmanager::tags::Tags;
use crate::secretsmanager::value::SecretValue;
use crate::secretsmanager::vault::Vault;
use crate::secretsmanager::version_id::VersionId;
use crate::secretsmanager::versions::Versions;

/// Makes a secret, and its first version if the request brings a value.
pub(super) fn create_secret(vault: &mut Vault, call: &mut Call<'_>) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    fields.refuse(&["AddReplicaRegions", "CrossAccountPrimaryARN", "Type"])?;
    let token = VersionId::from_token(&fields)?;
    let name = SecretName::from_fields(&fields)?;
    let value = SecretValue::from_fields(&fields, call)?;
    let description = fields.text("Description", 0..=2048)?;
    let kms_key_id = fields.text("KmsKeyId", 0..=2048)?;
    let tags = Tags::default().merged(Tags::from_fields(&fields)?.unwrap_or_default(), call)?;

    if let Some(existing) = vault.named(&name) {
        return repeat(existing, &token, value.as_ref());
    }
    if vault.len() >= call.quotas.secrets {
        return Err(SecretsError::limit_exceeded(
            "The account has reached its quota of secrets in this Region.",
        ));
    }
    let mut versions = Versions::default();
    let version_id = value.is_some().then(|| ("VersionId", json!(token)));
    if let Some(value) = value {
        versions.add(token, value, Vec::new(), call)?;
    }
    let secret = Secret {
        arn: arn::generate(&name, call),
        name,
        description: nonempty(description),
        kms_key_id: nonempty(kms_key_id),
        tags,
        versions,
        created_at: call.now,
        changed_at: call.now,
        accessed_on: None,
        deletion: None,
        rotation: None,
    };
    let response = receipt(&secret, version_id);
    vault.insert(secret);
    Ok(response)
}

/// The answer when the name is taken: success for a repeated request, a refusal for any other.
fn repeat(
    existing: &Secret,
    token: &VersionId,
    value: Option<&SecretValue>,
) -> Result<Value, SecretsError> {
    if existing.deletion.is_some() {
        return Err(SecretsError::invalid_request(
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        ));
    }
    match existing.versions.get(token) {
        Some(version) if value.is_some() && version.value.as_ref() == value => {
            Ok(receipt(existing, [("VersionId", json!(version.id))]))
        }
        Some(_) => Err(existing.token_in_use(token)),
        None => Err(SecretsError::exists(format!(
            "The operation failed because the secret {} already exists.",
            existing.name.as_str()
        ))),
    }
}

fn nonempty(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}
