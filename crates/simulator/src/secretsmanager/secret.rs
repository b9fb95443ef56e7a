//! A secret and its life.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Call;
use super::error::SecretsError;
use super::labels::{CURRENT, PENDING};
use super::name::SecretName;
use super::rotation::Rotation;
use super::tags::Tags;
use super::version_id::VersionId;
use super::versions::Versions;

/// A secret: metadata, versions, and perhaps a date on which it goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Secret {
    pub(super) name: SecretName,
    pub(super) arn: String,
    pub(super) description: Option<String>,
    /// The customer's own KMS key. Nothing is encrypted with it here; it is only remembered.
    pub(super) kms_key_id: Option<String>,
    pub(super) tags: Tags,
    pub(super) versions: Versions,
    pub(super) created_at: Timestamp,
    /// When anything about the secret was last changed.
    pub(super) changed_at: Timestamp,
    /// The day on which a value was last read, if one ever was.
    pub(super) accessed_on: Option<Date>,
    pub(super) deletion: Option<Deletion>,
    /// How it is rotated, if it ever was to be.
    #[serde(default)]
    pub(super) rotation: Option<Rotation>,
}

/// A deletion that is under way. Until its date the name stays taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Deletion {
    /// With a recovery window: `RestoreSecret` undoes it before this date.
    Scheduled(Timestamp),
    /// Without one: AWS is removing it in the background and nothing brings it back.
    Forced(Timestamp),
}

impl Deletion {
    pub(super) fn date(self) -> Timestamp {
        match self {
            Self::Scheduled(date) | Self::Forced(date) => date,
        }
    }
}

impl Secret {
    /// Refuses to go on if the secret is being deleted.
    pub(super) fn refuse_if_deleted(&self) -> Result<(), SecretsError> {
        match self.deletion {
            Some(_) => Err(SecretsError::marked_for_deletion()),
            None => Ok(()),
        }
    }

    /// Notes that a value was read.
    pub(super) fn note_access(&mut self, id: &VersionId, call: &Call<'_>) {
        let today = TimeZone::UTC.to_datetime(call.now).date();
        self.accessed_on = Some(today);
        self.versions.note_access(id, today);
    }

    /// The version that is read by default.
    pub(super) fn current(&self) -> Option<VersionId> {
        self.versions.labels().version(CURRENT).cloned()
    }

    /// Notes that `AWSCURRENT` may have moved: with that a rotation is over, and the time until the
    /// next begins anew.
    pub(super) fn note_change(&mut self, before: Option<&VersionId>, call: &Call<'_>) {
        self.changed_at = call.now;
        let current = self.versions.labels().version(CURRENT);
        if current == before {
            return;
        }
        let Some(rotation) = self.rotation.as_mut().filter(|rotation| rotation.is_enabled) else {
            return;
        };
        rotation.counted_from = call.now;
        if current == self.versions.labels().version(PENDING) {
            rotation.rotated_at = Some(call.now);
        }
    }

    /// The error for a token that an earlier version was made with.
    pub(super) fn token_in_use(&self, token: &VersionId) -> SecretsError {
        SecretsError::exists(format!(
            "You can't use ClientRequestToken {} because that value is already in use for a version of secret {}.",
            token.as_str(),
            self.arn
        ))
    }
}
