//! How drift is mended.

use super::{DriftKind, DriftPolicy};
use crate::domain::Event;

/// Who mends it, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriftRemedy {
    /// Ringfence does, by itself or when it is asked to.
    Repair(Mend),
    /// Only a person can know what is right: this is what to do.
    Person(&'static str),
}

/// What Ringfence does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mend {
    /// The user goes back to the phase in which this event leaves it, and from there the way that
    /// every user goes, as far as the attestation.
    Phases(Event),
    /// The user gets its tags again.
    TagUser,
    /// The secret gets its tags again.
    TagSecret,
    /// What was found is taken for right from now on.
    Accept,
}

impl DriftKind {
    /// What the work on a user that is at rest learns by this.
    pub(super) fn lost(self) -> Event {
        match self {
            Self::UserMissing => Event::UserVanished,
            Self::UserDisabled | Self::AccessChanged => Event::AccessOutdated,
            Self::NotInGroup => Event::MembershipLost,
            Self::InGroup => Event::MembershipFound,
            Self::SecretMissing | Self::SecretScheduled => Event::SecretLost,
            _ => Event::LoginChanged,
        }
    }

    /// What repair does, in a sentence. `None` where there is none.
    #[must_use]
    pub fn repair_text(self) -> Option<&'static str> {
        Some(match self {
            Self::UserMissing => {
                "Make the user again with the password that its secret holds, put it into the user \
                 group and attest it."
            }
            Self::UserDisabled | Self::AccessChanged => {
                "Give the user the access string of its profile and attest it. Its passwords and \
                 connections stay. A suspended user is given it before it is let in."
            }
            Self::NotInGroup => "Put the user back into the user group and attest it.",
            Self::InGroup => {
                "Take the user out of the user group again, which cuts its connections."
            }
            Self::PasswordsChanged | Self::AuthChanged => {
                "Give the user the password that its secret holds, and no other, or IAM's tokens if \
                 it uses these, and attest it."
            }
            Self::UserTagsLost | Self::SecretTagsLost => "Give it Ringfence's tags again.",
            Self::SecretMissing => {
                "Make the secret again with a new password, which replaces the one that nobody can \
                 read any more, and attest the user. Open connections stay."
            }
            Self::SecretScheduled => {
                "Restore the secret with the password that it holds, and attest the user."
            }
            Self::GroupChanged | Self::EndpointChanged => "Take what was found for right.",
            Self::SecretChanged
            | Self::UserOrphaned
            | Self::SecretOrphaned
            | Self::GroupDetached => return None,
        })
    }

    /// Whether it keeps what stands behind it in [`DriftKind::ALL`] from being mended: the attestation
    /// at the end would fail for it.
    fn hinders(self) -> bool {
        matches!(
            self,
            Self::SecretTagsLost
                | Self::UserTagsLost
                | Self::SecretScheduled
                | Self::SecretMissing
                | Self::UserMissing
                | Self::AuthChanged
        )
    }
}

/// Which of the differences of one user is mended first. What is mended by way of the phases mends
/// what stands behind it as well.
pub fn first_mend(
    differing: impl IntoIterator<Item = (DriftKind, DriftPolicy)>,
) -> Option<DriftKind> {
    let mut differing: Vec<_> = differing.into_iter().collect();
    let place = |kind: DriftKind| DriftKind::ALL.iter().position(|other| *other == kind);
    differing.sort_by_key(|(kind, _)| place(*kind));
    for (kind, policy) in differing {
        match (policy, kind.remedy()) {
            (DriftPolicy::Repair, DriftRemedy::Repair(_)) => return Some(kind),
            _ if kind.hinders() => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_person_mends_has_no_repair() {
        for kind in DriftKind::ALL {
            let is_repaired = matches!(kind.remedy(), DriftRemedy::Repair(_));
            assert_eq!(kind.repair_text().is_some(), is_repaired, "{kind}");
        }
    }

    #[test]
    fn the_deepest_is_mended_first() {
        use DriftKind as Kind;
        use DriftPolicy::{Repair, Report};
        let first = |differing: &[(Kind, DriftPolicy)]| first_mend(differing.iter().copied());
        let lost = [(Kind::NotInGroup, Repair), (Kind::UserMissing, Repair)];
        assert_eq!(first(&lost), Some(Kind::UserMissing));
        // Who is to be kept out is, whatever else there is, if it is ours.
        let in_again = [(Kind::InGroup, Repair), (Kind::SecretMissing, Report)];
        assert_eq!(first(&in_again), Some(Kind::InGroup));
        let foreign = [(Kind::InGroup, Repair), (Kind::UserTagsLost, Report)];
        assert_eq!(first(&foreign), None);
        // Without its secret it could not be attested as a member.
        let secret = [(Kind::NotInGroup, Repair), (Kind::SecretMissing, Report)];
        assert_eq!(first(&secret), None);
        let second_password = [(Kind::NotInGroup, Repair), (Kind::PasswordsChanged, Report)];
        assert_eq!(first(&second_password), Some(Kind::NotInGroup));
        assert_eq!(first(&[(Kind::SecretChanged, Repair)]), None);
    }
}
