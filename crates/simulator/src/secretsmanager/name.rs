//! Names of secrets.

use serde::{Deserialize, Serialize};

use super::error::SecretsError;
use super::fields::Fields;

/// The friendly name of a secret: ASCII letters, digits and `/_+=.@-`, at most 512 of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct SecretName(String);

impl SecretName {
    /// The `Name` member of a request.
    pub(super) fn from_fields(fields: &Fields<'_>) -> Result<Self, SecretsError> {
        Self::parse(fields.required_text("Name", 1..=512)?)
    }

    pub(super) fn parse(name: &str) -> Result<Self, SecretsError> {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "/_+=.@-".contains(letter);
        if name.chars().all(allowed) {
            Ok(Self(name.to_owned()))
        } else {
            // The text is AWS's own, though AWS keeps `!` for secrets that other services make.
            Err(SecretsError::validation(
                "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
            ))
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
