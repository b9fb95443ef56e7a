//! The secrets of one account in one region.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::arn::SecretId;
use super::error::SecretsError;
use super::name::SecretName;
use super::secret::Secret;

/// Secrets by name.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Vault(BTreeMap<SecretName, Secret>);

impl Vault {
    /// Removes what should be gone by now.
    pub(super) fn purge(&mut self, now: Timestamp) {
        self.0.retain(|_, secret| secret.deletion.is_none_or(|deletion| now < deletion.date()));
    }

    /// The secret of this name, one that is being deleted included.
    pub(super) fn named(&self, name: &SecretName) -> Option<&Secret> {
        self.0.get(name)
    }

    /// The secret that the caller means.
    pub(super) fn find(&self, id: &SecretId) -> Result<&Secret, SecretsError> {
        let secret = self.0.get(id.name()).filter(|secret| id.allows(&secret.arn));
        secret.ok_or_else(SecretsError::no_such_secret)
    }

    /// The secret that the caller means, to be changed.
    pub(super) fn find_mut(&mut self, id: &SecretId) -> Result<&mut Secret, SecretsError> {
        let secret = self.0.get_mut(id.name()).filter(|secret| id.allows(&secret.arn));
        secret.ok_or_else(SecretsError::no_such_secret)
    }

    pub(super) fn insert(&mut self, secret: Secret) {
        self.0.insert(secret.name.clone(), secret);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.0.values()
    }
}
