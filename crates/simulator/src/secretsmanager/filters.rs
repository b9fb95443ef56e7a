//! The filters of `ListSecrets`.

use super::error::SecretsError;
use super::fields::Fields;
use super::secret::Secret;

const KEYS: [&str; 7] =
    ["all", "name", "tag-key", "description", "tag-value", "primary-region", "owning-service"];

/// Conditions that a secret must all meet.
pub(super) struct Filters<'a>(Vec<Filter<'a>>);

/// One condition: at least one of the values must match.
struct Filter<'a> {
    key: &'a str,
    values: Vec<&'a str>,
}

impl<'a> Filters<'a> {
    /// The `Filters` member of a request.
    pub(super) fn from_fields(fields: &Fields<'a>) -> Result<Self, SecretsError> {
        let list = fields.structures("Filters", 0..=10)?.unwrap_or_default();
        list.iter().map(Filter::from_fields).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn match_secret(&self, secret: &Secret) -> bool {
        self.0.iter().all(|filter| filter.matches(secret))
    }
}

impl<'a> Filter<'a> {
    fn from_fields(fields: &Fields<'a>) -> Result<Self, SecretsError> {
        let key = fields.word("Key", &KEYS)?;
        let key = key.ok_or_else(|| SecretsError::invalid_parameter("Invalid filter key"))?;
        let values = fields.texts("Values", 1..=10, 0..=512)?.ok_or_else(|| {
            SecretsError::invalid_parameter(format!("Invalid filter values for key: {key}"))
        })?;
        Ok(Self { key, values })
    }

    /// A value that begins with `!` matches the secrets that the rest of it does not match.
    fn matches(&self, secret: &Secret) -> bool {
        self.values.iter().any(|value| match value.strip_prefix('!') {
            Some(value) => !self.value_matches(value, secret),
            None => self.value_matches(value, secret),
        })
    }

    fn value_matches(&self, value: &str, secret: &Secret) -> bool {
        let name = secret.name.as_str();
        let description = secret.description.as_deref();
        let tags = &secret.tags;
        match self.key {
            "name" => name.starts_with(value),
            "tag-key" => tags.keys().any(|key| key.starts_with(value)),
            "tag-value" => tags.values().any(|text| text.starts_with(value)),
            // Documented as a prefix match, but tests of moto's authors against AWS found words.
            "description" => description.is_some_and(|text| has_words(text, value)),
            "all" => {
                let mut texts =
                    description.into_iter().chain([name]).chain(tags.keys()).chain(tags.values());
                texts.any(|text| has_words(text, value))
            }
            // Set only on replicas and on secrets that other services own; there are none here.
            _ => false,
        }
    }
}

/// Whether a text has every word of a value in it, in any case.
fn has_words(text: &str, value: &str) -> bool {
    let text = text.to_lowercase();
    value.to_lowercase().split_whitespace().all(|word| text.contains(word))
}
