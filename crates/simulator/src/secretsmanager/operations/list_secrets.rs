//! `ListSecrets`.

use serde_json::{Map, Value, json};

use crate::secretsmanager::Call;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::filters::Filters;
use crate::secretsmanager::metadata;
use crate::secretsmanager::page::{Order, Page, Position};
use crate::secretsmanager::secret::Secret;
use crate::secretsmanager::vault::Vault;

const SORT_KEYS: [&str; 4] = ["created-date", "last-accessed-date", "last-changed-date", "name"];

/// Lists secrets; those scheduled for deletion only if the request says so.
///
/// AWS's list may be five minutes behind. This one never is.
pub(super) fn list_secrets(vault: &Vault, call: &Call<'_>) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    let filters = Filters::from_fields(&fields)?;
    let with_deleted = fields.flag("IncludePlannedDeletion")?;
    let sort_by = fields.word("SortBy", &SORT_KEYS)?.unwrap_or("created-date");
    let order = match fields.word("SortOrder", &["asc", "desc"])? {
        Some("desc") => Order::Descending,
        _ => Order::Ascending,
    };
    let page = Page::from_fields(format!("secrets by {sort_by}"), &fields)?;

    let is_shown = |secret: &&Secret| {
        (with_deleted || secret.deletion.is_none()) && filters.match_secret(secret)
    };
    let item = |secret: &Secret| (position(secret, sort_by), entry(secret));
    let items = vault.iter().filter(is_shown).map(item).collect();
    let (secrets, token) = page.cut(items, order);

    let mut response = Map::new();
    response.insert("SecretList".to_owned(), Value::Array(secrets));
    if let Some(token) = token {
        response.insert("NextToken".to_owned(), json!(token));
    }
    Ok(Value::Object(response))
}

fn position(secret: &Secret, sort_by: &str) -> Position {
    let key = match sort_by {
        "name" => secret.name.as_str().to_owned(),
        "last-accessed-date" => secret.accessed_on.map_or_else(String::new, |day| day.to_string()),
        "last-changed-date" => format!("{:030}", secret.changed_at.as_nanosecond()),
        _ => format!("{:030}", secret.created_at.as_nanosecond()),
    };
    Position { key, id: secret.name.as_str().to_owned() }
}

fn entry(secret: &Secret) -> Value {
    let mut members = metadata::members(secret);
    if let Some(stages) = metadata::versions_to_stages(secret) {
        members.insert("SecretVersionsToStages".to_owned(), stages);
    }
    Value::Object(members)
}
