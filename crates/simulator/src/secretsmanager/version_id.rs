//! Identifiers of versions.

use serde::{Deserialize, Serialize};

use super::error::SecretsError;
use super::fields::Fields;

/// The identifier of a version: the `ClientRequestToken` that made it, 32 to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct VersionId(String);

impl VersionId {
    /// The `ClientRequestToken` of a request that makes a version.
    ///
    /// SDKs fill it in; a request without one is refused, even if it brings no value (the
    /// recordings).
    pub(super) fn from_token(fields: &Fields<'_>) -> Result<Self, SecretsError> {
        Self::from_fields(fields, "ClientRequestToken")?.ok_or_else(|| {
            SecretsError::invalid_request(
                "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
            )
        })
    }

    /// A member of a request that names a version. `None` if the request does not have it.
    pub(super) fn from_fields(
        fields: &Fields<'_>,
        member: &str,
    ) -> Result<Option<Self>, SecretsError> {
        let id = fields.text(member, 32..=64)?;
        Ok(id.map(|id| Self(id.to_owned())))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
