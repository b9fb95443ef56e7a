//! Staging labels: which version of a secret is current, which was before, which is to be next.
//!
//! A map from label to version, so that a label cannot be on two versions. Moving `AWSCURRENT`
//! moves two more labels with it, in [`Labels::attach`]; no other code does.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::SecretsError;
use super::fields::Fields;
use super::version_id::VersionId;

/// On the version that is read by default. Never absent once a secret has had a value.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// On the version that was current before.
const PREVIOUS: &str = "AWSPREVIOUS";
/// On the version that a rotation is about to make current.
pub(super) const PENDING: &str = "AWSPENDING";

/// The name of a staging label, AWS's or the caller's: 1 to 256 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct StagingLabel(String);

impl StagingLabel {
    /// The `VersionStage` member of a request. `None` if it has none.
    pub(super) fn from_fields(fields: &Fields<'_>) -> Result<Option<Self>, SecretsError> {
        let label = fields.text("VersionStage", 1..=256)?;
        Ok(label.map(|label| Self(label.to_owned())))
    }

    /// The `VersionStages` member of a request. `None` if it has none.
    pub(super) fn list_from_fields(fields: &Fields<'_>) -> Result<Option<Vec<Self>>, SecretsError> {
        let labels = fields.texts("VersionStages", 1..=20, 1..=256)?;
        Ok(labels.map(|labels| labels.into_iter().map(|label| Self(label.to_owned())).collect()))
    }

    pub(super) fn current() -> Self {
        Self(CURRENT.to_owned())
    }

    pub(super) fn pending() -> Self {
        Self(PENDING.to_owned())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for StagingLabel {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Where each staging label of one secret is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Labels(BTreeMap<StagingLabel, VersionId>);

impl Labels {
    /// The version that carries the label.
    pub(super) fn version(&self, label: &str) -> Option<&VersionId> {
        self.0.get(label)
    }

    /// The labels of a version, in alphabetical order as AWS lists them.
    pub(super) fn of<'a>(
        &'a self,
        version: &'a VersionId,
    ) -> impl Iterator<Item = &'a StagingLabel> {
        self.0.iter().filter(move |(_, carrier)| *carrier == version).map(|(label, _)| label)
    }

    /// How many labels the secret's versions carry together.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Puts a label on a version and takes it from the one that had it.
    ///
    /// The version that loses `AWSCURRENT` becomes `AWSPREVIOUS`, and loses `AWSPENDING` if it
    /// still had that from its own rotation (the recordings: `AWSCURRENT, AWSPENDING` becomes
    /// `AWSPREVIOUS`). The version that gains `AWSCURRENT` keeps its `AWSPENDING`.
    pub(super) fn attach(&mut self, label: StagingLabel, version: &VersionId) {
        let is_current = label.as_str() == CURRENT;
        let Some(loser) = self.0.insert(label, version.clone()) else {
            return;
        };
        if is_current && loser != *version {
            if self.version(PENDING) == Some(&loser) {
                self.0.remove(PENDING);
            }
            self.0.insert(StagingLabel(PREVIOUS.to_owned()), loser);
        }
    }

    /// Puts several labels on a new version. `AWSCURRENT` goes last, so that what moves with it
    /// stands.
    pub(super) fn attach_all(&mut self, mut labels: Vec<StagingLabel>, version: &VersionId) {
        labels.sort_by_key(|label| label.as_str() == CURRENT);
        for label in labels {
            self.attach(label, version);
        }
    }

    /// Takes a label away.
    pub(super) fn detach(&mut self, label: &StagingLabel) {
        self.0.remove(label);
    }
}
