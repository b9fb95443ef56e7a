//! `GetSecretValue`.

use serde_json::{Value, json};

use super::receipt;
use crate::secretsmanager::Call;
use crate::secretsmanager::arn::SecretId;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::labels::{CURRENT, StagingLabel};
use crate::secretsmanager::metadata::epoch_seconds;
use crate::secretsmanager::secret::Secret;
use crate::secretsmanager::vault::Vault;
use crate::secretsmanager::version_id::VersionId;
use crate::secretsmanager::versions::Version;

/// Reads the value of one version, `AWSCURRENT` unless the request says another.
pub(super) fn get_secret_value(vault: &mut Vault, call: &Call<'_>) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    let id = SecretId::from_fields(&fields, call)?;
    let version_id = VersionId::from_fields(&fields, "VersionId")?;
    let stage = StagingLabel::from_fields(&fields)?;

    let secret = vault.find_mut(&id)?;
    secret.refuse_if_deleted()?;
    let version_id = select(secret, version_id, stage.as_ref())?;
    // What a rotation has only begun cannot be read.
    let Some(Version { value: Some(value), created_at, .. }) = secret.versions.get(&version_id)
    else {
        return Err(no_such_version(&version_id));
    };
    let (created_at, value) = (epoch_seconds(*created_at), value.member());
    secret.note_access(&version_id, call);
    let stages = json!(secret.versions.labels_of(&version_id));
    let more = [
        ("VersionId", json!(version_id)),
        ("VersionStages", stages),
        ("CreatedDate", created_at),
        value,
    ];
    Ok(receipt(secret, more))
}

/// The version that the request means. Identifier and label must agree if both are given.
fn select(
    secret: &Secret,
    version_id: Option<VersionId>,
    stage: Option<&StagingLabel>,
) -> Result<VersionId, SecretsError> {
    let labels = secret.versions.labels();
    match (version_id, stage) {
        (Some(id), _) if secret.versions.get(&id).is_none() => Err(no_such_version(&id)),
        (Some(id), Some(stage)) if labels.version(stage.as_str()) != Some(&id) => {
            Err(SecretsError::invalid_request(
                "You provided a VersionStage that is not associated to the provided VersionId.",
            ))
        }
        (Some(id), _) => Ok(id),
        (None, stage) => {
            let stage = stage.map_or(CURRENT, StagingLabel::as_str);
            let id = labels.version(stage).cloned();
            id.ok_or_else(|| SecretsError::no_such_value(format_args!("staging label: {stage}")))
        }
    }
}

fn no_such_version(id: &VersionId) -> SecretsError {
    SecretsError::no_such_value(format_args!("VersionId: {}", id.as_str()))
}
