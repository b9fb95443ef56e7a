//! The kinds of drift.

use std::{fmt, str::FromStr};

use super::{DriftPolicy, DriftRemedy, Mend};

/// What is not as it should be: a public contract, never renamed and never used for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftKind {
    /// The user is not in ElastiCache any more.
    UserMissing,
    /// The access string says `off`.
    UserDisabled,
    /// The user is no member of the user group.
    NotInGroup,
    /// The user is suspended, and is a member of the user group again.
    InGroup,
    /// The access string is neither what was asked for nor what AWS made of that.
    AccessChanged,
    /// The user has more passwords than it was given.
    PasswordsChanged,
    /// The user proves in another way who it is.
    AuthChanged,
    /// The user does not carry our tags any more.
    UserTagsLost,
    /// The secret is gone.
    SecretMissing,
    /// The secret is in its recovery window.
    SecretScheduled,
    /// `AWSCURRENT` is on a version that Ringfence did not make.
    SecretChanged,
    /// The secret does not carry our tags any more.
    SecretTagsLost,
    /// A user carries our tags, and the store does not know it.
    UserOrphaned,
    /// A secret carries our tags, and the store does not know it.
    SecretOrphaned,
    /// The user group has another engine than it had.
    GroupChanged,
    /// The user group is not attached to the cache any more.
    GroupDetached,
    /// The cache takes connections elsewhere than it did.
    EndpointChanged,
}

impl DriftKind {
    /// All kinds. Of several that one user has, the one that stands first is mended first.
    pub const ALL: [Self; 17] = [
        Self::UserTagsLost,
        // Nothing else has to be right for keeping somebody out.
        Self::InGroup,
        Self::SecretTagsLost,
        Self::SecretScheduled,
        Self::SecretMissing,
        Self::UserMissing,
        Self::AuthChanged,
        Self::UserDisabled,
        Self::AccessChanged,
        Self::NotInGroup,
        Self::PasswordsChanged,
        Self::SecretChanged,
        Self::UserOrphaned,
        Self::SecretOrphaned,
        Self::GroupDetached,
        Self::GroupChanged,
        Self::EndpointChanged,
    ];

    /// What is seen only if the secrets are looked at.
    pub const OF_SECRETS: [Self; 5] = [
        Self::SecretMissing,
        Self::SecretScheduled,
        Self::SecretChanged,
        Self::SecretTagsLost,
        Self::SecretOrphaned,
    ];

    /// Whether it is seen only if the secrets are looked at.
    #[must_use]
    pub fn is_of_secret(self) -> bool {
        Self::OF_SECRETS.contains(&self)
    }

    /// The kind as it stands in the API, in the settings and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserMissing => "user-missing",
            Self::UserDisabled => "user-disabled",
            Self::NotInGroup => "not-in-group",
            Self::InGroup => "in-group",
            Self::AccessChanged => "access-changed",
            Self::PasswordsChanged => "passwords-changed",
            Self::AuthChanged => "auth-changed",
            Self::UserTagsLost => "user-tags-lost",
            Self::SecretMissing => "secret-missing",
            Self::SecretScheduled => "secret-scheduled",
            Self::SecretChanged => "secret-changed",
            Self::SecretTagsLost => "secret-tags-lost",
            Self::UserOrphaned => "user-orphaned",
            Self::SecretOrphaned => "secret-orphaned",
            Self::GroupChanged => "group-changed",
            Self::GroupDetached => "group-detached",
            Self::EndpointChanged => "endpoint-changed",
        }
    }

    /// What is done about it unless the configuration says otherwise. What gives a tenant back what it
    /// had, and takes nothing from anybody, is done at once, and so is keeping out who is suspended.
    /// Where somebody may depend on what is
    /// found, or where only a person knows which side is right, it is told.
    #[must_use]
    pub fn default_policy(self) -> DriftPolicy {
        match self {
            Self::UserMissing
            | Self::UserDisabled
            | Self::NotInGroup
            | Self::InGroup
            | Self::AccessChanged
            | Self::UserTagsLost
            | Self::SecretTagsLost
            | Self::SecretScheduled => DriftPolicy::Repair,
            Self::PasswordsChanged
            | Self::AuthChanged
            | Self::SecretMissing
            | Self::SecretChanged
            | Self::UserOrphaned
            | Self::SecretOrphaned
            | Self::GroupChanged
            | Self::GroupDetached
            | Self::EndpointChanged => DriftPolicy::Report,
        }
    }

    /// How it is mended.
    #[must_use]
    pub fn remedy(self) -> DriftRemedy {
        match self {
            Self::UserMissing
            | Self::UserDisabled
            | Self::NotInGroup
            | Self::InGroup
            | Self::AccessChanged
            | Self::PasswordsChanged
            | Self::AuthChanged
            | Self::SecretMissing
            | Self::SecretScheduled => DriftRemedy::Repair(Mend::Phases(self.lost())),
            Self::UserTagsLost => DriftRemedy::Repair(Mend::TagUser),
            Self::SecretTagsLost => DriftRemedy::Repair(Mend::TagSecret),
            Self::GroupChanged | Self::EndpointChanged => DriftRemedy::Repair(Mend::Accept),
            Self::SecretChanged => DriftRemedy::Person(
                "If the password in AWSCURRENT logs in, start a rotation of the user: its new \
                 password is Ringfence's again. If it does not, move AWSCURRENT back to the version \
                 of Ringfence (aws secretsmanager update-secret-version-stage).",
            ),
            Self::UserOrphaned | Self::SecretOrphaned => DriftRemedy::Person(
                "If the store was lost or restored from an old backup, take it back with ringfence \
                 import. If nobody needs it, delete it in AWS.",
            ),
            Self::GroupDetached => DriftRemedy::Person(
                "Attach the user group to the cache again (aws elasticache \
                 modify-replication-group --user-group-ids-to-add, or modify-serverless-cache \
                 --user-group-id), or name the group that is attached in the configuration.",
            ),
        }
    }
}

impl fmt::Display for DriftKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DriftKind {
    type Err = UnknownDriftKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownDriftKind)
    }
}

/// The text names no kind of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names no kind of drift; docs/drift.md lists them")]
pub struct UnknownDriftKind;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_name_and_reads_back() {
        for kind in DriftKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!("gone".parse::<DriftKind>(), Err(UnknownDriftKind));
    }

    /// Nobody is promised a repair that there is none of.
    #[test]
    fn what_is_repaired_by_itself_can_be_repaired() {
        for kind in DriftKind::ALL {
            let by_itself = kind.default_policy() == DriftPolicy::Repair;
            assert!(!by_itself || matches!(kind.remedy(), DriftRemedy::Repair(_)), "{kind}");
        }
    }
}
