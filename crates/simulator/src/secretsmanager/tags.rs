//! Tags of a secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Call;
use super::error::SecretsError;
use super::fields::Fields;

/// Keys and values, each key once. Keys differ by case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Tags(BTreeMap<String, String>);

impl Tags {
    /// The `Tags` member of a request. `None` if it has none.
    pub(super) fn from_fields(fields: &Fields<'_>) -> Result<Option<Self>, SecretsError> {
        let Some(list) = fields.structures("Tags", 0..=usize::MAX)? else {
            return Ok(None);
        };
        let mut tags = BTreeMap::new();
        for tag in list {
            let key = tag.required_text("Key", 1..=128)?;
            let value = tag.text("Value", 0..=256)?.unwrap_or_default();
            if key.to_ascii_lowercase().starts_with("aws:") {
                return Err(SecretsError::invalid_parameter(
                    "Tag keys that begin with aws: are reserved.",
                ));
            }
            if tags.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(SecretsError::invalid_parameter("A tag key appears more than once."));
            }
        }
        Ok(Some(Self(tags)))
    }

    /// These tags with others added; a key that both have gets the other's value.
    pub(super) fn merged(&self, others: Self, call: &Call<'_>) -> Result<Self, SecretsError> {
        let mut merged = self.0.clone();
        merged.extend(others.0);
        if merged.len() > call.quotas.tags_per_secret {
            return Err(SecretsError::invalid_parameter(
                "The secret would have more tags than its quota allows.",
            ));
        }
        Ok(Self(merged))
    }

    /// Removes tags by key. A key that is not there is no fault.
    pub(super) fn remove(&mut self, keys: &[&str]) {
        self.0.retain(|key, _| !keys.contains(&key.as_str()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// The tags as responses list them.
    pub(super) fn to_json(&self) -> Value {
        self.0.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
    }
}
