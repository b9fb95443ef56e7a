//! `CancelRotateSecret`.

use serde_json::{Value, json};

use super::receipt;
use crate::secretsmanager::Call;
use crate::secretsmanager::arn::SecretId;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::vault::Vault;

/// Ends the rotation of a secret, also one that has begun. Its labels stay where they are: the
/// caller is told which version may have to lose `AWSPENDING`.
pub(super) fn cancel_rotate_secret(
    vault: &mut Vault,
    call: &Call<'_>,
) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    let secret = vault.find_mut(&SecretId::from_fields(&fields, call)?)?;
    secret.refuse_if_deleted()?;
    // AWS documents no refusal of its own for this; the text is the nearest there is.
    let rotation = secret.rotation.as_mut().ok_or_else(|| {
        SecretsError::invalid_request(
            "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you didn't include such an ARN as a parameter in this call.",
        )
    })?;
    rotation.is_enabled = false;
    secret.changed_at = call.now;
    let begun = secret.versions.in_rotation().map(|id| ("VersionId", json!(id)));
    Ok(receipt(secret, begun))
}
