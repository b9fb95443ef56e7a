//! `RotateSecret`.

use serde_json::{Value, json};

use super::receipt;
use crate::secretsmanager::Call;
use crate::secretsmanager::arn::SecretId;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::rotation::{self, OF_PARTNERS, Rotation, RotationRules};
use crate::secretsmanager::vault::Vault;
use crate::secretsmanager::version_id::VersionId;

/// Says which function rotates a secret and when, and begins a rotation unless told to wait.
///
/// What a request does not say stays as an earlier one said it.
pub(super) fn rotate_secret(vault: &mut Vault, call: &Call<'_>) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    fields.refuse(&OF_PARTNERS)?;
    let id = SecretId::from_fields(&fields, call)?;
    let token = VersionId::from_token(&fields)?;
    let lambda_arn = rotation::lambda_arn(&fields)?;
    let rules = RotationRules::from_fields(&fields)?;
    let is_immediate = fields.optional_flag("RotateImmediately")?.unwrap_or(true);

    let secret = vault.find_mut(&id)?;
    secret.refuse_if_deleted()?;
    let before = secret.rotation.as_ref();
    let lambda_arn = lambda_arn.or_else(|| before.map(|rotation| rotation.lambda_arn.clone()));
    let lambda_arn = lambda_arn.ok_or_else(|| {
        SecretsError::invalid_request(
            "No Lambda rotation function ARN is associated with this secret.",
        )
    })?;
    if secret.versions.in_rotation().is_some() {
        return Err(SecretsError::invalid_request(
            "A previous rotation isn't complete. That rotation will be reattempted.",
        ));
    }
    let rotation = Rotation {
        lambda_arn,
        rules: rules.or_else(|| before.and_then(|rotation| rotation.rules.clone())),
        is_enabled: true,
        rotated_at: before.and_then(|rotation| rotation.rotated_at),
        counted_from: call.now,
    };
    // The function's test, which AWS runs if nothing else is to happen, leaves nothing behind.
    if is_immediate {
        if secret.versions.get(&token).is_some() {
            return Err(SecretsError::invalid_parameter(secret.token_in_use(&token).message));
        }
        secret.versions.add_empty(token.clone(), call)?;
    }
    secret.rotation = Some(rotation);
    secret.changed_at = call.now;
    Ok(receipt(secret, is_immediate.then(|| ("VersionId", json!(token)))))
}
