//! `RestoreSecret`.

use serde_json::Value;

use super::receipt;
use crate::secretsmanager::Call;
use crate::secretsmanager::arn::SecretId;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::secret::Deletion;
use crate::secretsmanager::vault::Vault;

/// Cancels a scheduled deletion: the same ARN, versions and labels as before.
///
/// To restore what is not scheduled for deletion is no fault. What was deleted without a
/// recovery window cannot be had back.
pub(super) fn restore_secret(vault: &mut Vault, call: &Call<'_>) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    let secret = vault.find_mut(&SecretId::from_fields(&fields, call)?)?;
    match secret.deletion {
        Some(Deletion::Forced(_)) => {
            return Err(SecretsError::invalid_request(
                "You can't perform this operation on the secret because it was deleted.",
            ));
        }
        Some(Deletion::Scheduled(_)) => {
            secret.deletion = None;
            secret.changed_at = call.now;
        }
        None => {}
    }
    Ok(receipt(secret, None))
}
