//! `UpdateSecretVersionStage`.

use serde_json::Value;

use super::receipt;
use crate::secretsmanager::Call;
use crate::secretsmanager::arn::SecretId;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::labels::{CURRENT, StagingLabel};
use crate::secretsmanager::secret::Secret;
use crate::secretsmanager::vault::Vault;
use crate::secretsmanager::version_id::VersionId;
use crate::secretsmanager::versions::Version;

/// A change of one staging label.
enum Change {
    /// Put it on a version that does not have it.
    Move(VersionId),
    /// Take it from the version that has it.
    Remove,
    /// It is where it should be.
    Nothing,
}

/// Moves a staging label, or takes it away.
///
/// The caller must name the version that has the label now, so a caller whose picture is out of
/// date is refused: the operation is a compare-and-swap.
pub(super) fn update_secret_version_stage(
    vault: &mut Vault,
    call: &Call<'_>,
) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    let id = SecretId::from_fields(&fields, call)?;
    let stage =
        StagingLabel::from_fields(&fields)?.ok_or_else(|| fields.missing("VersionStage"))?;
    let remove_from = VersionId::from_fields(&fields, "RemoveFromVersionId")?;
    let move_to = VersionId::from_fields(&fields, "MoveToVersionId")?;

    let secret = vault.find_mut(&id)?;
    secret.refuse_if_deleted()?;
    let before = secret.current();
    match decide(secret, &stage, remove_from.as_ref(), move_to)? {
        Change::Move(version_id) => secret.versions.attach(stage, &version_id, call)?,
        Change::Remove => secret.versions.detach(&stage),
        Change::Nothing => return Ok(receipt(secret, None)),
    }
    secret.note_change(before.as_ref(), call);
    Ok(receipt(secret, None))
}

fn decide(
    secret: &Secret,
    stage: &StagingLabel,
    remove_from: Option<&VersionId>,
    move_to: Option<VersionId>,
) -> Result<Change, SecretsError> {
    for id in [remove_from, move_to.as_ref()].into_iter().flatten() {
        let version = secret.versions.get(id);
        let is_unfit = |version: &Version| stage.as_str() == CURRENT && version.value.is_none();
        if version.is_none_or(is_unfit) {
            return Err(SecretsError::no_such_value(format_args!("VersionId: {}", id.as_str())));
        }
    }
    let carrier = secret.versions.labels().version(stage.as_str());
    let label = stage.as_str();
    if remove_from.is_some() && carrier != remove_from {
        return Err(SecretsError::invalid_parameter(format!(
            "When you move staging label {label}, if you specify RemoveFromVersionId, it must be set to the version that currently has the staging label {label}."
        )));
    }
    match (move_to, carrier) {
        (None, _) if remove_from.is_none() => Err(SecretsError::invalid_parameter(
            "You must provide MoveToVersionId, RemoveFromVersionId or both.",
        )),
        (None, _) if label == CURRENT => Err(SecretsError::invalid_parameter(
            "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
        )),
        (None, _) => Ok(Change::Remove),
        (Some(target), Some(carrier)) if *carrier == target => Ok(Change::Nothing),
        (Some(_), Some(carrier)) if remove_from.is_none() => {
            Err(SecretsError::invalid_parameter(format!(
                "The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently attached to version {}, so you must explicitly reference that version in RemoveFromVersionId.",
                carrier.as_str()
            )))
        }
        (Some(target), _) => Ok(Change::Move(target)),
    }
}
