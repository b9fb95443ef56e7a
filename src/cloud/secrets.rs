//! Secrets.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use aws_sdk_secretsmanager::{
    operation::{
        create_secret::CreateSecretInput, delete_secret::DeleteSecretInput,
        describe_secret::DescribeSecretInput, get_secret_value::GetSecretValueInput,
        list_secret_version_ids::ListSecretVersionIdsInput, list_secrets::ListSecretsInput,
        put_secret_value::PutSecretValueInput, restore_secret::RestoreSecretInput,
        tag_resource::TagResourceInput, update_secret_version_stage::UpdateSecretVersionStageInput,
    },
    types::{Filter, FilterNameStringType, SecretListEntry, Tag},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use zeroize::Zeroizing;

use super::{Cloud, CloudError, CloudErrorKind, OwnershipTags, pages::next_page};
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

/// A page of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretPage {
    /// The secrets by their names.
    pub secrets: Vec<(SecretName, SecretReport)>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
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
        let call = CreateSecretInput::builder()
            .name(name.as_str())
            .description("Login of a Ringfence tenant")
            .client_request_token(value.version)
            .secret_string(value.text.as_str())
            .set_tags(Some(aws_tags(tags)));
        self.send(call).await.map_err(|error| error.without(value.password))?;
        Ok(())
    }

    /// Puts a value into an existing secret and makes it `AWSCURRENT` at once.
    pub async fn put_secret_value(
        &self,
        name: &SecretName,
        value: &NewSecretValue<'_>,
    ) -> Result<(), CloudError> {
        let call = PutSecretValueInput::builder()
            .secret_id(name.as_str())
            .client_request_token(value.version)
            .secret_string(value.text.as_str());
        self.send(call).await.map_err(|error| error.without(value.password))?;
        Ok(())
    }

    /// Puts a value into an existing secret as `AWSPENDING`: nobody reads it unless it asks for it.
    pub async fn put_pending_value(
        &self,
        name: &SecretName,
        value: &NewSecretValue<'_>,
    ) -> Result<(), CloudError> {
        let call = PutSecretValueInput::builder()
            .secret_id(name.as_str())
            .client_request_token(value.version)
            .secret_string(value.text.as_str())
            .version_stages(PENDING);
        self.send(call).await.map_err(|error| error.without(value.password))?;
        Ok(())
    }

    /// What one version holds, whatever its labels.
    pub async fn secret_version(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Zeroizing<String>, CloudError> {
        const OPERATION: &str = "GetSecretValue";
        let call =
            GetSecretValueInput::builder().secret_id(name.as_str()).version_id(version.as_str());
        let answer = self.send(call).await?;
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
        let call = UpdateSecretVersionStageInput::builder()
            .secret_id(name.as_str())
            .version_stage(CURRENT)
            .remove_from_version_id(from.as_str())
            .move_to_version_id(to.as_str());
        self.send(call).await?;
        Ok(())
    }

    /// Takes `AWSPENDING` from a version.
    pub async fn drop_pending(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<(), CloudError> {
        let call = UpdateSecretVersionStageInput::builder()
            .secret_id(name.as_str())
            .version_stage(PENDING)
            .remove_from_version_id(version.as_str());
        self.send(call).await?;
        Ok(())
    }

    /// What `AWSCURRENT` holds.
    pub async fn secret_string(&self, name: &SecretName) -> Result<Zeroizing<String>, CloudError> {
        const OPERATION: &str = "GetSecretValue";
        let call = GetSecretValueInput::builder().secret_id(name.as_str());
        let answer = self.send(call).await?;
        let text = answer.secret_string.map(Zeroizing::new);
        text.ok_or_else(|| CloudError::incomplete(OPERATION, "SecretString"))
    }

    /// Reads a secret's description; `None` if there is no such secret.
    pub async fn secret(&self, name: &SecretName) -> Result<Option<SecretReport>, CloudError> {
        let call = DescribeSecretInput::builder().secret_id(name.as_str());
        let answer = match self.send(call).await {
            Ok(answer) => answer,
            Err(error) if error.kind == CloudErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let no_versions = HashMap::new();
        Ok(Some(report(&Shown {
            tags: answer.tags(),
            is_scheduled_for_deletion: answer.deleted_date.is_some(),
            versions: answer.version_ids_to_stages().unwrap_or(&no_versions),
            is_rotated_by_aws: answer.rotation_enabled.unwrap_or_default(),
        })))
    }

    /// A page of the secrets whose names begin with `prefix`, those in their recovery window among
    /// them, and where the next page begins. A change of the last five minutes may not show yet
    /// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>).
    pub async fn secrets_page(
        &self,
        prefix: &str,
        page: Option<&str>,
    ) -> Result<SecretPage, CloudError> {
        const OPERATION: &str = "ListSecrets";
        let named = Filter::builder().key(FilterNameStringType::Name).values(prefix).build();
        let call = ListSecretsInput::builder()
            .filters(named)
            .include_planned_deletion(true)
            .max_results(100)
            .set_next_token(page.map(ToOwned::to_owned));
        let answer = self.send(call).await?;
        let next = next_page(OPERATION, page, answer.next_token.clone())?;
        let no_versions = HashMap::new();
        let entry = |entry: &SecretListEntry| {
            let shown = Shown {
                tags: entry.tags(),
                is_scheduled_for_deletion: entry.deleted_date.is_some(),
                versions: entry.secret_versions_to_stages().unwrap_or(&no_versions),
                is_rotated_by_aws: entry.rotation_enabled.unwrap_or_default(),
            };
            Some((SecretName::new(entry.name.clone()?), report(&shown)))
        };
        Ok(SecretPage { secrets: answer.secret_list().iter().filter_map(entry).collect(), next })
    }

    /// Gives a secret our tags again. Others that it has stay.
    pub async fn tag_secret(
        &self,
        name: &SecretName,
        tags: &OwnershipTags,
    ) -> Result<(), CloudError> {
        let call = TagResourceInput::builder().secret_id(name.as_str());
        self.send(call.set_tags(Some(aws_tags(tags)))).await?;
        Ok(())
    }

    /// The day (UTC) on which somebody last read a version; nothing if nobody has, or if AWS does not
    /// know the version any more. AWS tells no more than the day
    /// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretVersionsListEntry.html>).
    pub async fn version_last_read(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Option<Date>, CloudError> {
        const OPERATION: &str = "ListSecretVersionIds";
        let mut token = None;
        loop {
            let call = ListSecretVersionIdsInput::builder().secret_id(name.as_str());
            let page = self.send(call.set_next_token(token.clone())).await?;
            let mut versions = page.versions.unwrap_or_default().into_iter();
            if let Some(found) = versions.find(|it| it.version_id() == Some(version.as_str())) {
                let read = found.last_accessed_date.map(|at| Timestamp::from_second(at.secs()));
                let read = read.and_then(Result::ok);
                return Ok(read.map(|at| at.to_zoned(TimeZone::UTC).date()));
            }
            token = next_page(OPERATION, token.as_deref(), page.next_token)?;
            if token.is_none() {
                return Ok(None);
            }
        }
    }

    /// Takes a secret out of its recovery window, with the versions it had.
    pub async fn restore_secret(&self, name: &SecretName) -> Result<(), CloudError> {
        let call = RestoreSecretInput::builder().secret_id(name.as_str());
        self.send(call).await?;
        Ok(())
    }

    /// Schedules a secret for deletion after `recovery_days` (7 to 30).
    pub async fn delete_secret(
        &self,
        name: &SecretName,
        recovery_days: u8,
    ) -> Result<(), CloudError> {
        let call = DeleteSecretInput::builder()
            .secret_id(name.as_str())
            .recovery_window_in_days(i64::from(recovery_days));
        self.send(call).await?;
        Ok(())
    }
}

fn aws_tags(tags: &OwnershipTags) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    tags.pairs().into_iter().map(tag).collect()
}

/// What a description and a list have in common.
struct Shown<'a> {
    tags: &'a [Tag],
    is_scheduled_for_deletion: bool,
    versions: &'a HashMap<String, Vec<String>>,
    is_rotated_by_aws: bool,
}

fn report(shown: &Shown<'_>) -> SecretReport {
    let pair = |tag: &Tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default()));
    let carrier = |label: &str| {
        let carries = |stages: &Vec<String>| stages.iter().any(|stage| stage == label);
        let found = shown.versions.iter().find(|(_, stages)| carries(stages));
        found.map(|(version, _)| SecretVersion::new(version.clone()))
    };
    SecretReport {
        tags: shown.tags.iter().filter_map(pair).collect(),
        is_scheduled_for_deletion: shown.is_scheduled_for_deletion,
        current_version: carrier(CURRENT),
        previous_version: carrier(PREVIOUS),
        pending_version: carrier(PENDING),
        is_rotated_by_aws: shown.is_rotated_by_aws,
    }
}
