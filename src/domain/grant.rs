//! What a cache user may do.

use std::fmt;

use uuid::Uuid;

use super::{Ground, KeyPattern, ProfileName, Profiles};

/// What a cache user may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// What a profile allows, on keys and channels under the user's pattern.
    Profile(ProfileName),
    /// Everything: for break-glass sessions only.
    Everything,
    /// To find and remove keys under the user's pattern: for Ringfence itself only, because who may
    /// `SCAN` is shown the names of all keys.
    Purge,
}

impl Grant {
    /// The access string for a user with this grant.
    pub fn access_string(
        &self,
        profiles: &Profiles,
        keys: &KeyPattern,
        ground: &Ground,
    ) -> Result<String, NotConfigured> {
        match self {
            Self::Profile(name) => match profiles.get(name) {
                Some(profile) => Ok(profile.access_string(keys, ground)),
                None => Err(NotConfigured { profile: name.clone() }),
            },
            Self::Everything => Ok("on ~* &* +@all".to_owned()),
            Self::Purge => {
                Ok(format!("on ~{keys} resetchannels -@all +scan +unlink +info +cluster|slots"))
            }
        }
    }

    /// Which revision of its rules the grant is at on this ground.
    pub fn revision(
        &self,
        profiles: &Profiles,
        ground: &Ground,
    ) -> Result<AccessRevision, NotConfigured> {
        let rules = self.access_string(profiles, &KeyPattern::placeholder(), ground)?;
        Ok(AccessRevision::of(&rules))
    }
}

/// The profile is not in the configuration any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the profile {profile} is not in the configuration")]
pub struct NotConfigured {
    /// Its name.
    pub profile: ProfileName,
}

/// A name for the rules of an access string, whoever's keys they are about. It changes when the
/// definition of a profile does, or when another engine version brings other commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessRevision(pub Uuid);

impl AccessRevision {
    /// What users have of which it is not known: older than any other.
    pub const UNKNOWN: Self = Self(Uuid::nil());

    fn of(rules: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, rules.as_bytes()))
    }
}

/// Revisions are UUIDs of version 5 (RFC 9562) in this namespace.
const NAMESPACE: Uuid = Uuid::from_u128(0x5d1c_33f0_95a5_4c9e_8c0f_6a1a_52f1_d0a7);

impl fmt::Display for AccessRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use ringfence_acl::{Engine, EngineKind, EngineVersion};

    use super::*;

    fn ground(version: EngineVersion) -> Ground {
        Ground::plain(Engine { kind: EngineKind::Valkey, version })
    }

    #[test]
    fn a_revision_follows_the_profile_and_the_ground() {
        let profiles = Profiles::built_in();
        let revision = |profile, version| {
            let grant = Grant::Profile(ProfileName::parse(profile).unwrap());
            grant.revision(&profiles, &ground(version)).unwrap()
        };
        let here = revision("read-write", EngineVersion::new(9, 1));
        assert_eq!(here, revision("read-write", EngineVersion::new(9, 1)));
        assert_ne!(here, revision("read-write", EngineVersion::new(7, 2)));
        assert_ne!(here, revision("cache", EngineVersion::new(9, 1)));
        assert_ne!(here, AccessRevision::UNKNOWN);
    }
}
