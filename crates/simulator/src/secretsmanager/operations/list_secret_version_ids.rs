//! `ListSecretVersionIds`.

use serde_json::{Map, Value, json};

use super::receipt;
use crate::secretsmanager::Call;
use crate::secretsmanager::arn::SecretId;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::metadata::{epoch_day, epoch_seconds};
use crate::secretsmanager::page::{Order, Page, Position};
use crate::secretsmanager::secret::Secret;
use crate::secretsmanager::vault::Vault;
use crate::secretsmanager::versions::Version;

/// Lists a secret's versions, oldest first; those without a label only if the request says so.
pub(super) fn list_secret_version_ids(
    vault: &Vault,
    call: &Call<'_>,
) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    let id = SecretId::from_fields(&fields, call)?;
    let with_deprecated = fields.flag("IncludeDeprecated")?;
    let secret = vault.find(&id)?;
    let page = Page::from_fields(format!("versions of {}", secret.arn), &fields)?;

    let is_shown =
        |version: &&Version| with_deprecated || !secret.versions.labels_of(&version.id).is_empty();
    let item = |version: &Version| {
        let position = Position {
            key: format!("{:030}", version.created_at.as_nanosecond()),
            id: version.id.as_str().to_owned(),
        };
        (position, entry(secret, version))
    };
    let items = secret.versions.iter().filter(is_shown).map(item).collect();
    let (versions, token) = page.cut(items, Order::Ascending);
    let token = token.map(|token| ("NextToken", json!(token)));
    Ok(receipt(secret, [("Versions", Value::Array(versions))].into_iter().chain(token)))
}

fn entry(secret: &Secret, version: &Version) -> Value {
    let key = secret.kms_key_id.as_deref().unwrap_or("DefaultEncryptionKey");
    let mut entry = Map::new();
    entry.insert("VersionId".to_owned(), json!(version.id));
    entry.insert("CreatedDate".to_owned(), epoch_seconds(version.created_at));
    entry.insert("KmsKeyIds".to_owned(), json!([key]));
    let labels = secret.versions.labels_of(&version.id);
    if !labels.is_empty() {
        entry.insert("VersionStages".to_owned(), json!(labels));
    }
    if let Some(day) = version.accessed_on {
        entry.insert("LastAccessedDate".to_owned(), epoch_day(day));
    }
    Value::Object(entry)
}
