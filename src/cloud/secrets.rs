//! Secrets.

use std::{collections::BTreeMap, fmt};

use aws_sdk_secretsmanager::types::Tag;
use zeroize::Zeroizing;

use super::{Cloud, CloudError, CloudErrorKind, OwnershipTags};
use crate::domain::{Password, SecretName, SecretVersion};

/// The labels of versions
/// (<https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>).
const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";
const PENDING: &str = "AWSPENDING";

/// A secret as `DescribeSecret` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretReport {
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whether it is in its recovery window.
    pub is_scheduled_for_deletion: bool,
    /// The version that carries `AWSCURRENT`.
    pub current_version: Option<SecretVersion>,
    /// The version that carries `AWSPREVIOUS`.
    pub previous_version: Option<SecretVersion>,
    /// The version that carries `AWSPENDING`.
    pub pending_version: Option<SecretVersion>,
    /// Whether Secrets Manager rotates it by itself.
    pub is_rotated_by_aws: bool,
}

/// A secret value on its way to Secrets Manager. `Debug` shows its version only.
pub struct NewSecretValue<'a> {
    /// The whole `SecretString`.
    pub text: &'a Zeroizing<String>,
    /// The password in it, to be kept out of error messages.
    pub password: &'a Password,
    /// The version's id. A call repeated with the same id and value changes nothing.
    pub version: &'a str,
}

impl fmt::Debug for NewSecretValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSecretValue").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Cloud {
    /// Makes a secret with its first value.
    pub async fn create_secret(
        &self,
        name: &SecretName,
        value: &NewSecretValue<'_>,
        tags: &OwnershipTags,
    ) -> Result<(), CloudError> {
        let tags = tags.pairs().map(|(key, value)| Tag::builder().key(key).value(value).build());
        self.secrets
            .create_secret()
            .name(name.as_str())
            .description("Login of a Ringfence tenant")
            .client_request_token(value.version)
            .secret_string(value.text.as_str())
            .set_tags(Some(tags.to_vec()))
            .send()
            .await
            .map_err(|error| CloudError::new("CreateSecret", &error).without(value.password))?;
        Ok(())
    }

    /// Puts a value into an existing secret and makes it `AWSCURRENT` at once.
    pub async fn put_secret_value(
        &self,
        name: &SecretName,
        value: &NewSecretValue<'_>,
    ) -> Result<(), CloudError> {
        self.secrets
            .put_secret_value()
            .secret_id(name.as_str())
            .client_request_token(value.version)
            .secret_string(value.text.as_str())
            .send()
            .await
            .map_err(|error| CloudError::new("PutSecretValue", &error).without(value.password))?;
        Ok(())
    }

    /// Puts a value into an existing secret as `AWSPENDING`: nobody reads it unless it asks for it.
    pub async fn put_pending_value(
        &self,
        name: &SecretName,
        value: &NewSecretValue<'_>,
    ) -> Result<(), CloudError> {
        self.secrets
            .put_secret_value()
            .secret_id(name.as_str())
            .client_request_token(value.version)
            .secret_string(value.text.as_str())
            .version_stages(PENDING)
            .send()
            .await
            .map_err(|error| CloudError::new("PutSecretValue", &error).without(value.password))?;
        Ok(())
    }

    /// What one version holds, whatever its labels.
    pub async fn secret_version(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Zeroizing<String>, CloudError> {
        const OPERATION: &str = "GetSecretValue";
        let answer = self
            .secrets
            .get_secret_value()
            .secret_id(name.as_str())
            .version_id(version.as_str())
            .send()
            .await
            .map_err(|error| CloudError::new(OPERATION, &error))?;
        let text = answer.secret_string.map(Zeroizing::new);
        text.ok_or_else(|| CloudError::incomplete(OPERATION, "SecretString"))
    }

    /// Moves `AWSCURRENT` from one version to another. Refused if it is not on `from`, so that of
    /// two who try only one succeeds.
    pub async fn promote(
        &self,
        name: &SecretName,
        from: &SecretVersion,
        to: &SecretVersion,
    ) -> Result<(), CloudError> {
        self.secrets
            .update_secret_version_stage()
            .secret_id(name.as_str())
            .version_stage(CURRENT)
            .remove_from_version_id(from.as_str())
            .move_to_version_id(to.as_str())
            .send()
            .await
            .map_err(|error| CloudError::new("UpdateSecretVersionStage", &error))?;
        Ok(())
    }

    /// Takes `AWSPENDING` from a version.
    pub async fn drop_pending(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<(), CloudError> {
        self.secrets
            .update_secret_version_stage()
            .secret_id(name.as_str())
            .version_stage(PENDING)
            .remove_from_version_id(version.as_str())
            .send()
            .await
            .map_err(|error| CloudError::new("UpdateSecretVersionStage", &error))?;
        Ok(())
    }

    /// What `AWSCURRENT` holds.
    pub async fn secret_string(&self, name: &SecretName) -> Result<Zeroizing<String>, CloudError> {
        const OPERATION: &str = "GetSecretValue";
        let answer = self
            .secrets
            .get_secret_value()
            .secret_id(name.as_str())
            .send()
            .await
            .map_err(|error| CloudError::new(OPERATION, &error))?;
        let text = answer.secret_string.map(Zeroizing::new);
        text.ok_or_else(|| CloudError::incomplete(OPERATION, "SecretString"))
    }

    /// Reads a secret's description; `None` if there is no such secret.
    pub async fn secret(&self, name: &SecretName) -> Result<Option<SecretReport>, CloudError> {
        let answer = self.secrets.describe_secret().secret_id(name.as_str()).send().await;
        let answer = match answer.map_err(|error| CloudError::new("DescribeSecret", &error)) {
            Ok(answer) => answer,
            Err(error) if error.kind == CloudErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let pair = |tag: &Tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default()));
        let stages = answer.version_ids_to_stages().cloned().unwrap_or_default();
        let carrier = |label: &str| {
            let carries = |stages: &Vec<String>| stages.iter().any(|stage| stage == label);
            let found = stages.iter().find(|(_, stages)| carries(stages));
            found.map(|(version, _)| SecretVersion::new(version.clone()))
        };
        Ok(Some(SecretReport {
            tags: answer.tags().iter().filter_map(pair).collect(),
            is_scheduled_for_deletion: answer.deleted_date.is_some(),
            current_version: carrier(CURRENT),
            previous_version: carrier(PREVIOUS),
            pending_version: carrier(PENDING),
            is_rotated_by_aws: answer.rotation_enabled.unwrap_or_default(),
        }))
    }

    /// Takes a secret out of its recovery window, with the versions it had.
    pub async fn restore_secret(&self, name: &SecretName) -> Result<(), CloudError> {
        self.secrets
            .restore_secret()
            .secret_id(name.as_str())
            .send()
            .await
            .map_err(|error| CloudError::new("RestoreSecret", &error))?;
        Ok(())
    }

    /// Schedules a secret for deletion after `recovery_days` (7 to 30).
    pub async fn delete_secret(
        &self,
        name: &SecretName,
        recovery_days: u8,
    ) -> Result<(), CloudError> {
        self.secrets
            .delete_secret()
            .secret_id(name.as_str())
            .recovery_window_in_days(i64::from(recovery_days))
            .send()
            .await
            .map_err(|error| CloudError::new("DeleteSecret", &error))?;
        Ok(())
    }
}
