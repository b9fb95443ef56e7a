//! The versions of a secret.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Call;
use super::error::SecretsError;
use super::labels::{CURRENT, Labels, PENDING, StagingLabel};
use super::value::SecretValue;
use super::version_id::VersionId;

/// Younger versions are kept even without a label.
const PRUNED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// One value that a secret has had. Once it is there it never changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) id: VersionId,
    /// Nothing while a rotation has yet to bring it.
    pub(super) value: Option<SecretValue>,
    pub(super) created_at: Timestamp,
    /// The day on which it was last read, if it ever was.
    pub(super) accessed_on: Option<Date>,
}

/// All versions of a secret, oldest first, and their staging labels.
///
/// Only `RotateSecret` makes a version without a value, and only `PutSecretValue` gives it one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Versions {
    list: Vec<Version>,
    labels: Labels,
}

impl Versions {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Version> {
        self.list.iter()
    }

    pub(super) fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The labels of a version, as text.
    pub(super) fn labels_of<'a>(&'a self, id: &'a VersionId) -> Vec<&'a str> {
        self.labels.of(id).map(StagingLabel::as_str).collect()
    }

    pub(super) fn get(&self, id: &VersionId) -> Option<&Version> {
        self.list.iter().find(|version| version.id == *id)
    }

    /// Notes that a version was read.
    pub(super) fn note_access(&mut self, id: &VersionId, day: Date) {
        if let Some(version) = self.list.iter_mut().find(|version| version.id == *id) {
            version.accessed_on = Some(day);
        }
    }

    /// The version that a rotation has begun to make: `AWSPENDING`, and not current yet.
    pub(super) fn in_rotation(&self) -> Option<&VersionId> {
        let pending = self.labels.version(PENDING);
        pending.filter(|pending| self.labels.version(CURRENT) != Some(*pending))
    }

    /// Adds a version, or gives an empty one its value, and puts labels on it; the first value of
    /// all becomes `AWSCURRENT` in any case.
    ///
    /// A version without a label gives way once there are too many, though not in its first
    /// day. A caller who makes versions faster than that meets the quota.
    pub(super) fn add(
        &mut self,
        id: VersionId,
        value: SecretValue,
        mut stages: Vec<StagingLabel>,
        call: &Call<'_>,
    ) -> Result<(), SecretsError> {
        if self.labels.version(CURRENT).is_none() {
            stages.push(StagingLabel::current());
        }
        self.insert(id, Some(value), stages, call)
    }

    /// Begins a rotation: a version without a value that is `AWSPENDING`.
    pub(super) fn add_empty(&mut self, id: VersionId, call: &Call<'_>) -> Result<(), SecretsError> {
        self.insert(id, None, vec![StagingLabel::pending()], call)
    }

    fn insert(
        &mut self,
        id: VersionId,
        value: Option<SecretValue>,
        stages: Vec<StagingLabel>,
        call: &Call<'_>,
    ) -> Result<(), SecretsError> {
        let mut labels = self.labels.clone();
        labels.attach_all(stages, &id);
        check_label_quota(&labels, call)?;
        if let Some(empty) = self.list.iter_mut().find(|version| version.id == id) {
            empty.value = value;
        } else {
            let doomed = self.make_room(call)?;
            self.list.retain(|version| !doomed.contains(&version.id));
            self.list.push(Version { id, value, created_at: call.now, accessed_on: None });
        }
        self.labels = labels;
        Ok(())
    }

    /// Moves a label to another of the versions.
    pub(super) fn attach(
        &mut self,
        label: StagingLabel,
        id: &VersionId,
        call: &Call<'_>,
    ) -> Result<(), SecretsError> {
        let mut labels = self.labels.clone();
        labels.attach(label, id);
        check_label_quota(&labels, call)?;
        self.labels = labels;
        Ok(())
    }

    /// Takes a label from the version that has it.
    pub(super) fn detach(&mut self, label: &StagingLabel) {
        self.labels.detach(label);
    }

    /// The versions that must go before another can come: the oldest without a label.
    fn make_room(&self, call: &Call<'_>) -> Result<Vec<VersionId>, SecretsError> {
        let n_excess = (self.list.len() + 1).saturating_sub(call.quotas.versions_per_secret);
        let is_prunable = |version: &&Version| {
            let age = call.now.duration_since(version.created_at);
            age >= PRUNED_AFTER && self.labels.of(&version.id).next().is_none()
        };
        let prunable = self.list.iter().filter(is_prunable).take(n_excess);
        let doomed: Vec<_> = prunable.map(|version| version.id.clone()).collect();
        if doomed.len() < n_excess {
            return Err(SecretsError::limit_exceeded(
                "The secret has reached its quota of versions.",
            ));
        }
        Ok(doomed)
    }
}

fn check_label_quota(labels: &Labels, call: &Call<'_>) -> Result<(), SecretsError> {
    if labels.count() > call.quotas.labels_per_secret {
        return Err(SecretsError::limit_exceeded(
            "The secret has reached its quota of staging labels.",
        ));
    }
    Ok(())
}
