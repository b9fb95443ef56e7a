//! The catalogue of the configured profiles, and whether each is safe on every configured cache.

use ringfence_acl::Engine;

use super::{CacheConfig, Config, ConfigError, Origin, ProfileConfig};
use crate::domain::{
    Ground, NameTaken, Objection, OwnProfile, ProfileOrigin, ProfilePart, Profiles, TenantName,
    oldest_engine, review,
};

impl Config {
    /// All profiles that tenants can have.
    pub fn access_profiles(&self) -> Result<Profiles, ConfigError> {
        let mut profiles = Profiles::built_in().with_opt_in(self.opt_in_profiles.iter().copied());
        for (index, profile) in self.profiles.iter().enumerate() {
            let with_own = profiles.with_own(OwnProfile::from(profile));
            profiles = with_own.map_err(|taken| name_taken(index, &taken))?;
        }
        Ok(profiles)
    }

    /// Lints the own profiles for all that the caches may be.
    pub(super) fn check_profiles(&self) -> Result<(), ConfigError> {
        let catalogue = self.access_profiles()?;
        self.check_scheduled_profiles(&catalogue)?;
        self.check_admitted_profiles(&catalogue)?;
        let some_tenant = TenantName::parse("acme").expect("this is a name");
        let keys = self.key_pattern.pattern(&some_tenant);
        for (index, profile) in self.profiles.iter().enumerate() {
            for cache in &self.caches {
                let grounds = possible_grounds(cache);
                let objections = review(&profile.into(), &keys, &grounds, &self.opt_in_profiles);
                if !objections.is_empty() {
                    return Err(refused((index, profile), cache, &objections));
                }
            }
        }
        Ok(())
    }

    /// A misspelt name would leave a schedule out unseen.
    fn check_scheduled_profiles(&self, profiles: &Profiles) -> Result<(), ConfigError> {
        for name in self.rotation.profiles.keys() {
            profiles.find(name.as_str()).map_err(|unknown| ConfigError::Invalid {
                key: format!("rotation.profiles.{name}"),
                fault: unknown.to_string(),
                origin: Origin::Unset,
            })?;
        }
        Ok(())
    }

    /// A misspelt name would leave a cache empty unseen.
    fn check_admitted_profiles(&self, profiles: &Profiles) -> Result<(), ConfigError> {
        for (index, cache) in self.caches.iter().enumerate() {
            for name in &cache.admission.profiles {
                profiles.find(name.as_str()).map_err(|unknown| ConfigError::Invalid {
                    key: format!("caches[{index}].profiles"),
                    fault: unknown.to_string(),
                    origin: Origin::Unset,
                })?;
            }
        }
        Ok(())
    }
}

/// What access strings of a cache may be made for, each with the engine that may get them.
///
/// Where the version is not told, AWS may tell it, or else the string is made for the oldest and
/// has to be safe on each.
fn possible_grounds(cache: &CacheConfig) -> Vec<(Ground, Engine)> {
    let is_kind = |engine: &Engine| cache.engine.is_none_or(|kind| engine.kind == kind);
    let ground = |engine| Ground::of(&cache.target, engine, cache.cluster_mode == Some(true));
    let mut grounds: Vec<_> = Engine::all()
        .filter(is_kind)
        .flat_map(|known| match cache.engine_version {
            Some(version) => {
                let told = Engine { version, ..known };
                vec![(ground(told), told)]
            }
            None => vec![(ground(known), known), (ground(oldest_engine(known.kind)), known)],
        })
        .collect();
    grounds.dedup();
    grounds
}

fn name_taken(index: usize, NameTaken { name, by }: &NameTaken) -> ConfigError {
    let whose = match by {
        ProfileOrigin::BuiltIn => "is the name of a built-in profile: choose another",
        ProfileOrigin::Own => "is taken by an earlier profile",
    };
    ConfigError::Invalid {
        key: format!("profiles[{index}].name"),
        fault: format!("{:?} {whose}", name.as_str()),
        origin: Origin::Unset,
    }
}

/// Names the part of the profile that comes first, and says everything that is wrong with it.
fn refused(
    (index, profile): (usize, &ProfileConfig),
    cache: &CacheConfig,
    objections: &[Objection],
) -> ConfigError {
    let part = objections.first().map_or(ProfilePart::Commands, |first| first.part);
    let setting = match part {
        ProfilePart::Keys => "keys",
        ProfilePart::Commands => "commands",
    };
    let of_part = objections.iter().filter(|objection| objection.part == part);
    let faults: Vec<String> = of_part.map(|objection| format!("\n  - {objection}")).collect();
    ConfigError::Invalid {
        key: format!("profiles[{index}].{setting}"),
        fault: format!(
            "{} is refused for the cache {}:{}",
            profile.name,
            cache.name,
            faults.concat()
        ),
        origin: Origin::Unset,
    }
}
